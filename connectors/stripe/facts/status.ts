import type { Confidence } from "#contracts/source-facts.ts";
import { isPositive } from "#metrics/decimal.ts";
import type { BillingStatus } from "#metrics/ledger.ts";
import type { Invoice } from "./invoice.ts";
import type { Observation, Observed } from "./observe.ts";
import type { Phase, ScheduledPause } from "./phase.ts";
import type { SubscriptionState } from "./subscription.ts";

/** In which billing status a subscription was when (metrics.md §2). Instants in seconds. */

/** From `from` until the next mark. `status` null: it is no subscription yet (its first payment has not come). */
export interface Mark {
  from: number;
  status: BillingStatus | null;
  trialEnd: number | null;
  pastDueSince: number | null;
  confidence: Confidence;
}

function billingStatus({ status, paused }: SubscriptionState): BillingStatus | null {
  switch (status) {
    case "active":
      return paused ? "pause_collection" : "active";
    case "trialing":
    case "past_due":
    case "unpaid":
    case "paused":
      return status;
    default:
      return null;
  }
}

const unpaidAt = (invoice: Invoice, at: number): boolean =>
  invoice.createdAt <= at &&
  (invoice.paidAt === null || invoice.paidAt > at) &&
  (invoice.status !== "void" || invoice.attempted) &&
  invoice.lines.some(({ amount }) => isPositive(amount));

/** The end of the last paid period: where that of the oldest invoice begins that was not paid by then. */
export function lastPaidEnd(state: SubscriptionState, at: number, invoices: readonly Invoice[]): number {
  const begins = invoices
    .filter(
      (invoice) =>
        unpaidAt(invoice, at) && invoice.lines.some(({ subscriptionId }) => subscriptionId === state.id),
    )
    .flatMap(({ lines }) => lines.filter(({ proration }) => !proration).map(({ start }) => start));
  const oldest = begins.length > 0 ? Math.min(...begins) : null;
  const renewed = state.periodStart !== null && state.periodStart <= at ? state.periodStart : at;
  return Math.min(at, oldest ?? renewed);
}

const markOf = (from: number, status: BillingStatus | null, more: Partial<Mark> = {}): Mark => ({
  from,
  status,
  trialEnd: null,
  pastDueSince: null,
  confidence: "exact",
  ...more,
});

/** A later mark that reaches back replaces what it covers. */
function put(marks: Mark[], mark: Mark): void {
  while (marks.length > 0 && marks.at(-1)!.from >= mark.from) marks.pop();
  const last = marks.at(-1);
  if (last?.status === mark.status && last.pastDueSince === mark.pastDueSince) return;
  marks.push(mark);
}

/** Before it was first seen a subscription was on trial while its trial lasted, and else it paid. */
function assumed(first: SubscriptionState, start: number): Mark[] {
  if (first.status.startsWith("incomplete")) return [markOf(start, null)];
  const { trialEnd } = first;
  if (trialEnd === null || trialEnd <= start) return [markOf(start, "active")];
  const trialStart = Math.max(first.trialStart ?? start, start);
  return [
    ...(trialStart > start ? [markOf(start, "active")] : []),
    markOf(trialStart, "trialing", { trialEnd }),
    ...(first.status === "trialing" ? [] : [markOf(trialEnd, "active")]),
  ];
}

export interface Course {
  observation: Observation;
  invoices: readonly Invoice[];
  /** Phases to come. */
  phases: readonly Phase[];
  /** Ascending. */
  pauses: readonly ScheduledPause[];
  start: number;
}

/** From when a state's status counts, which may be earlier than when the state was seen. */
function dated(
  seen: Observed,
  previous: Observed | null,
  invoices: readonly Invoice[],
  start: number,
): Mark | null {
  const { state, from, confidence } = seen;
  const status = billingStatus(state);
  const wasTrial = previous === null || previous.state.status === "trialing";
  const trialOver = state.trialEnd !== null && state.trialEnd <= from && wasTrial ? state.trialEnd : null;
  switch (status) {
    case null:
      return state.status === "canceled" ? null : markOf(from, null);
    case "trialing":
      return markOf(previous ? from : Math.max(state.trialStart ?? start, start), status, {
        trialEnd: state.trialEnd,
      });
    case "past_due":
    case "unpaid": {
      const pastDueSince = Math.max(start, lastPaidEnd(state, from, invoices));
      return markOf(pastDueSince, status, { pastDueSince });
    }
    case "paused":
      return markOf(
        state.pausedAt !== null && state.pausedAt <= from ? state.pausedAt : (trialOver ?? from),
        status,
      );
    case "pause_collection":
      // nothing says since when, unless it was seen to begin
      return markOf(from, status, { confidence: previous ? confidence : "inferred" });
    case "active":
      return previous === null ? null : markOf(trialOver ?? from, status);
  }
}

function phaseMarks(marks: Mark[], phases: readonly Phase[]): void {
  for (const { start, trialEnd } of phases) {
    const before = marks.at(-1);
    if (trialEnd !== null && trialEnd > start) {
      put(marks, markOf(start, "trialing", { trialEnd }));
      put(marks, markOf(trialEnd, "active"));
    } else if (
      !before ||
      before.status === null ||
      (before.status === "trialing" && (before.trialEnd ?? 0) <= start)
    )
      put(marks, markOf(start, "active"));
  }
}

/** A subscription that was given up because it was not paid, rather than cancelled by somebody. */
export function endedInvoluntarily({ latest, states }: Observation, invoices: readonly Invoice[]): boolean {
  if (latest.status !== "canceled") return false;
  if (latest.endReason !== null) return latest.endReason === "payment_failed";
  const before = states.filter(({ state }) => state.status !== "canceled").at(-1)?.state.status;
  if (before !== undefined) return before === "past_due" || before === "unpaid";
  const end = latest.endedAt ?? latest.canceledAt;
  // it asked for its cancellation before its end: whatever is open, it was not for want of a payment
  if (end === null || (latest.canceledAt !== null && latest.canceledAt < end)) return false;
  return invoices.some(
    (invoice) =>
      invoice.attempted &&
      invoice.paidAt === null &&
      invoice.status !== "void" &&
      invoice.createdAt <= end &&
      invoice.lines.some(
        (line) =>
          line.subscriptionId === latest.id && !line.proration && line.start <= end && line.end >= end,
      ),
  );
}

function pauseMarks(marks: Mark[], pauses: readonly ScheduledPause[]): void {
  for (const { from, to } of pauses) {
    if (from <= (marks.at(-1)?.from ?? from)) continue;
    put(marks, markOf(from, "paused"));
    if (to !== null && to > from) put(marks, markOf(to, "active"));
  }
}

/** Ascending marks from the start on. */
export function billingMarks({ observation, invoices, phases, pauses, start }: Course): Mark[] {
  const { states, latest, at } = observation;
  const first = states[0]!;
  const marks = assumed(first.state, start);
  pauseMarks(
    marks,
    pauses.filter(({ from, to }) => to !== null && to <= first.from && from > start),
  );
  states.forEach((seen, i) => {
    const mark = dated(seen, states[i - 1] ?? null, invoices, start);
    if (mark) put(marks, { ...mark, from: Math.max(mark.from, start) });
  });
  const end = latest.endedAt ?? latest.canceledAt;
  if (end !== null && endedInvoluntarily(observation, invoices)) {
    const pastDueSince = Math.max(start, lastPaidEnd(latest, end, invoices));
    if (pastDueSince < end) put(marks, markOf(pastDueSince, "unpaid", { pastDueSince }));
  }
  const resumesAt = latest.status === "active" ? (latest.paused?.resumesAt ?? null) : null;
  if (resumesAt !== null && resumesAt > marks.at(-1)!.from) put(marks, markOf(resumesAt, "active"));
  pauseMarks(
    marks,
    pauses.filter(({ from }) => from > at && latest.status === "active"),
  );
  phaseMarks(marks, phases);
  return marks;
}

/** Of a schedule that has not begun: there is no subscription yet. */
export function scheduledMarks(phases: readonly Phase[]): Mark[] {
  const marks: Mark[] = [];
  phaseMarks(marks, phases);
  return marks;
}
