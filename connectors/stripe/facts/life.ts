import type { StoredObject } from "#connectors/connector.ts";
import type { Exact } from "#metrics/decimal.ts";
import type { Discount } from "./discount.ts";
import { billedAmounts, pastStretches, type Stretch, seenStretches } from "./history.ts";
import { type Invoice, inclusivePercent } from "./invoice.ts";
import type { Json } from "./json.ts";
import { type Observation, observe } from "./observe.ts";
import { billedDiscounts, pendingDiscounts } from "./once.ts";
import { futureStretches, phasesAfter, type Schedule, withPastPhases } from "./phase.ts";
import type { Price } from "./price.ts";
import { billingMarks, endedInvoluntarily, scheduledMarks } from "./status.ts";
import type { Reader, SubscriptionState } from "./subscription.ts";
import type { Life } from "./versions.ts";

/** One subscription from its beginning to its end, from everything that tells of it. */

/** What is known around the subscriptions of a customer. */
export interface Surroundings {
  reader: Reader;
  events: readonly Json[];
  /** All invoices, and those of them that were issued and stand, oldest first. */
  invoices: readonly Invoice[];
  issued: readonly Invoice[];
  schedules: readonly Schedule[];
  customerDiscounts: readonly Discount[];
  planName: (price: Price) => string;
  since: number | null;
  warn: (words: string) => void;
}

/** Null: it goes on. A subscription of which only a tombstone is left ended when that was seen. */
function endOf(
  latest: SubscriptionState,
  schedules: readonly Schedule[],
  goneAt: number | null,
): number | null {
  if (latest.status === "canceled" || latest.status === "incomplete_expired")
    return latest.endedAt ?? latest.canceledAt ?? goneAt;
  if (goneAt !== null) return goneAt;
  const scheduled = schedules.find(({ endsAt }) => endsAt !== null)?.endsAt ?? null;
  return latest.cancelAt ?? (latest.cancelsAtPeriodEnd ? latest.periodEnd : null) ?? scheduled;
}

/** When somebody asked for the cancellation, where that was before the end. */
function requestedAt(
  observation: Observation,
  end: number | null,
  issued: readonly Invoice[],
): number | null {
  const { latest } = observation;
  const asks = latest.status === "canceled" || latest.cancelAt !== null || latest.cancelsAtPeriodEnd;
  if (!asks || end === null || latest.canceledAt === null || latest.canceledAt >= end) return null;
  return endedInvoluntarily(observation, issued) ? null : latest.canceledAt;
}

/** The tax that an item's price contains, where Stripe computes it: as the newest invoice has it. */
function taxOf(latest: SubscriptionState, issued: readonly Invoice[], reader: Reader): Life["tax"] {
  const byItem = new Map<string, Exact>();
  let any: Exact | null = null;
  for (const { lines } of issued)
    for (const line of lines) {
      if (line.subscriptionId !== latest.id || line.proration) continue;
      const percent = inclusivePercent(line, reader.taxRate);
      if (!percent) continue;
      any = percent;
      if (line.itemId !== null) byItem.set(line.itemId, percent);
    }
  return ({ key, item }: Stretch) => {
    if (item.inclusiveTax) return item.inclusiveTax;
    if (!latest.automaticTax && !item.price?.taxInclusive) return null;
    return byItem.get(key) ?? (item.price?.taxInclusive ? any : null);
  };
}

export interface Known {
  id: string;
  /** What the API said of it last, and before. */
  current: StoredObject | null;
  earlier: readonly StoredObject[];
  /** Items that did not fit into its body. */
  more: readonly Json[];
  /** When it was seen to be gone altogether. */
  goneAt: number | null;
}

/** Null: nothing says that it ever was one. */
export function lifeOf({ id, current, earlier, more, goneAt }: Known, around: Surroundings): Life | null {
  const { reader, since, warn } = around;
  const { events } = around;
  const observation = observe({ subscriptionId: id, current, earlier, events, more, since }, reader);
  if (!observation) return null;
  const { latest, states } = observation;
  const ofIt = ({ subscriptionId }: { subscriptionId: string | null }): boolean => subscriptionId === id;
  const issued = around.issued.filter((invoice) => ofIt(invoice) || invoice.lines.some(ofIt));
  const invoices = around.invoices.filter((invoice) => ofIt(invoice) || invoice.lines.some(ofIt));
  const schedules = around.schedules.filter(ofIt);
  const start = latest.startDate;
  const first = states[0]!;
  const lines = issued.flatMap((invoice) => invoice.lines.filter(ofIt));
  const told = pastStretches({ subscription: latest, first, lines, start });
  const past = withPastPhases({ past: told, lines, seenAt: first.from, now: first.state }, schedules);
  const live = latest.status !== "canceled" && latest.status !== "incomplete_expired";
  const phases = live ? phasesAfter(schedules, observation.at) : [];
  const seen = seenStretches(states, start, past);
  const changes = phases[0]?.start ?? null;
  const present =
    changes === null
      ? seen
      : seen.flatMap((stretch) => (stretch.from >= changes ? [] : [cut(stretch, changes)]));
  const end = endOf(latest, schedules, goneAt);
  const billed = billedDiscounts(issued, id, reader);
  return {
    subscriptionId: id,
    currency: (latest.currency ?? "").toUpperCase(),
    start,
    end,
    stretches: [...past, ...present, ...futureStretches(phases, latest)],
    marks: billingMarks({
      ...{ observation, invoices, phases, start },
      pauses: schedules.flatMap(({ pauses }) => pauses),
    }),
    discounts: [
      ...states.map(({ from, state }) => ({ from, discounts: state.discounts })),
      ...phases.map(({ start: from, discounts }) => ({ from, discounts })),
    ],
    customerDiscounts: around.customerDiscounts,
    invoiceDiscounts: [...billed, ...pendingDiscounts(observation.bodies, billed)],
    seenAt: first.from,
    cancelRequestedAt: requestedAt(observation, end, invoices),
    tax: taxOf(latest, issued, reader),
    billed: billedAmounts(issued),
    planName: around.planName,
    warn,
  };
}

const cut = (stretch: Stretch, to: number): Stretch => ({
  ...stretch,
  to: stretch.to === null ? to : Math.min(stretch.to, to),
});

/** A schedule that has not begun: a subscription to come. */
export function scheduledLife(schedule: Schedule, around: Surroundings): Life | null {
  const [first] = schedule.phases;
  if (schedule.status !== "not_started" || schedule.subscriptionId !== null || !first) return null;
  const none = { items: [] } as Pick<SubscriptionState, "items">;
  return {
    subscriptionId: schedule.id,
    currency: (schedule.currency ?? "").toUpperCase(),
    start: first.start,
    end: schedule.endsAt,
    stretches: futureStretches(schedule.phases, none),
    marks: scheduledMarks(schedule.phases),
    discounts: schedule.phases.map(({ start, discounts }) => ({ from: start, discounts })),
    customerDiscounts: around.customerDiscounts,
    invoiceDiscounts: [],
    seenAt: first.start,
    cancelRequestedAt: null,
    tax: ({ item }) => item.inclusiveTax,
    billed: () => null,
    planName: around.planName,
    warn: around.warn,
  };
}
