import { addDays, type Day, earlierDay, laterDay } from "./day.ts";
import type { SubscriptionState } from "./ledger.ts";
import type { PolicySettings } from "./policy.ts";

/** What a billing status is worth (metrics.md §2): states in, states with their amounts settled out. */

type BillingPolicy = Pick<
  PolicySettings,
  "past_due" | "past_due_days" | "paused" | "pause_collection" | "cancel"
>;

/** From which day a state's amount counts nothing; null: it counts to its end. */
function worthlessFrom(state: SubscriptionState, policy: BillingPolicy, today: Day): Day | null {
  switch (state.status ?? "active") {
    case "active":
      return null;
    case "trialing":
    case "unpaid":
      return state.fromDay;
    case "paused":
      return policy.paused === "zero" ? state.fromDay : null;
    case "pause_collection":
      return policy.pause_collection === "zero" ? state.fromDay : null;
    case "past_due": {
      const since = state.pastDueSince ?? null;
      if (policy.past_due === "counts" || since === null) return null;
      const ranOut =
        policy.past_due === "churn" || hasRunOut(state, addDays(since, policy.past_due_days), today);
      return ranOut ? laterDay(since, state.fromDay) : null;
    }
  }
}

/** A grace runs out on its last day unless it was paid by then, or with the subscription where that ended unpaid before. */
function hasRunOut(
  { pastDuePaidDay = null, pastDueLostDay = null }: SubscriptionState,
  last: Day,
  today: Day,
): boolean {
  if (pastDueLostDay !== null && pastDueLostDay <= today) return true;
  return last <= today && (pastDuePaidDay === null || last < pastDuePaidDay);
}

/**
 * Settles statuses and asked-for cancellations by the policy, as known on `today`: a trial, an unpaid and a paused version
 * pay 0; a past-due one pays until its grace has run out, and then 0 from the end of the last paid period on. A version may
 * come out as two. Doing it twice changes nothing.
 */
export function applyBilling(
  states: readonly SubscriptionState[],
  policy: BillingPolicy,
  today: Day,
): SubscriptionState[] {
  return states.flatMap((given) => {
    const asked = policy.cancel === "request" ? (given.cancelRequestedDay ?? null) : null;
    const end = asked === null ? given.toDay : given.toDay === null ? asked : earlierDay(asked, given.toDay);
    const state = { ...given, toDay: end === null ? null : laterDay(end, given.fromDay) };
    const cut = worthlessFrom(state, policy, today);
    if (cut === null || (state.toDay !== null && cut >= state.toDay)) return [state];
    const rest = { ...state, fromDay: cut, annual: "0" };
    return cut === state.fromDay ? [rest] : [{ ...state, toDay: cut }, rest];
  });
}
