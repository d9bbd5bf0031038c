import type { StoredObject } from "#connectors/connector.ts";
import { addIntervals } from "./calendar.ts";
import type { Discount } from "./discount.ts";
import type { Stretch } from "./history.ts";
import type { InvoiceLine } from "./invoice.ts";
import { idOf, type Json, record, records, seconds, text } from "./json.ts";
import { type ItemState, type Reader, readItem, type SubscriptionState } from "./subscription.ts";

/** Phases of subscription schedules: what a subscription was in those that are over, and will be in those to come. */

export interface Phase {
  scheduleId: string;
  start: number;
  /** Null: the last one, and the subscription goes on after it. */
  end: number | null;
  items: readonly ItemState[];
  discounts: readonly Discount[];
  /** Until then nothing is charged. */
  trialEnd: number | null;
}

export interface Schedule {
  id: string;
  status: string;
  subscriptionId: string | null;
  currency: string | null;
  createdAt: number;
  phases: readonly Phase[];
  /** The subscription ends with the last phase. */
  endsAt: number | null;
  pauses: readonly ScheduledPause[];
}

/** A pause that took place or is to come; `to` null: until somebody resumes it. */
export interface ScheduledPause {
  from: number;
  to: number | null;
}

/** Ascending. One that failed never was. */
function readPauses(body: Json, live: boolean): ScheduledPause[] {
  const happens = (part: Json | null): boolean => {
    const state = text(record(part?.status)?.type);
    return state === "succeeded" || (live && state === "scheduled");
  };
  return records(body.pause_schedules)
    .flatMap((entry) => {
      const [pause, resume] = [record(entry.pause), record(entry.resume)];
      const from = seconds(pause?.pause_at);
      return from !== null && happens(pause)
        ? [{ from, to: happens(resume) ? seconds(resume?.resume_at) : null }]
        : [];
    })
    .sort((a, b) => a.from - b.from);
}

/** A phase names a coupon or a code; from when to when it takes something off is the phase's start and the coupon's duration. */
function phaseDiscounts(owner: Json, start: number, reader: Reader): Discount[] {
  const given = records(owner.discounts).length > 0 ? records(owner.discounts) : [{ coupon: owner.coupon }];
  return given.flatMap((entry) => {
    const known = entry.discount ? reader.discounts.resolve(entry.discount) : null;
    if (known) return [known];
    const coupon = reader.discounts.coupon(entry.coupon);
    const couponId = idOf(entry.coupon);
    if (couponId === null) return [];
    const end = coupon?.duration === "repeating" ? addIntervals(start, "month", coupon.months ?? 1) : null;
    return [{ id: `${couponId} from ${start}`, coupon, couponId, start, end }];
  });
}

function readPhase(body: Json, scheduleId: string, end: number | null, reader: Reader): Phase | null {
  const start = seconds(body.start_date);
  if (start === null) return null;
  const items = records(body.items).flatMap((given) => {
    const priceId = idOf(given.price) ?? idOf(given.plan);
    const read = readItem({ ...given, id: `price:${priceId}`, discounts: [] }, body, reader);
    return read
      ? [{ ...read, discounts: phaseDiscounts({ discounts: given.discounts }, start, reader) }]
      : [];
  });
  const trialEnd = body.trial === true ? end : seconds(body.trial_end);
  return { scheduleId, start, end, items, discounts: phaseDiscounts(body, start, reader), trialEnd };
}

/** Null where a body is no schedule. */
export function readSchedule({ body }: StoredObject, reader: Reader): Schedule | null {
  const [id, status] = [text(body.id), text(body.status)];
  if (id === null || status === null) return null;
  const over = seconds(body.released_at) ?? seconds(body.canceled_at);
  const given = records(body.phases).sort(
    (a, b) => (seconds(a.start_date) ?? 0) - (seconds(b.start_date) ?? 0),
  );
  const cancels = body.end_behavior === "cancel";
  const last = given.at(-1);
  const phases = given.flatMap((phase) => {
    const start = seconds(phase.start_date);
    if (start === null || (over !== null && start >= over)) return [];
    const planned = phase === last && !cancels ? null : seconds(phase.end_date);
    const end = over === null ? planned : Math.min(planned ?? over, over);
    return readPhase(phase, id, end, reader) ?? [];
  });
  const live = status === "active" || status === "not_started";
  return {
    id,
    status,
    subscriptionId: idOf(body.subscription) ?? idOf(body.released_subscription),
    currency: text(record(last)?.currency)?.toLowerCase() ?? null,
    createdAt: seconds(body.created) ?? phases[0]?.start ?? 0,
    phases,
    endsAt: live && cancels ? seconds(last?.end_date) : null,
    pauses: readPauses(body, live),
  };
}

/** Phases that had not begun when the subscription was last seen. */
export const phasesAfter = (schedules: readonly Schedule[], at: number): Phase[] =>
  schedules
    .filter(({ status }) => status === "active" || status === "not_started")
    .flatMap(({ phases }) => phases.filter(({ start }) => start > at))
    .sort((a, b) => a.start - b.start);

/** The item of the subscription that a phase speaks of: the one of its price, or the only one. */
function keyIn(now: readonly ItemState[], phase: Phase, priceId: string | null): string {
  const found = now.find((item) => item.priceId === priceId);
  if (found) return found.id;
  return now.length === 1 && phase.items.length === 1 ? now[0]!.id : `price:${priceId}`;
}

const stretchesOf = (phase: Phase, to: number | null, now: Pick<SubscriptionState, "items">): Stretch[] =>
  phase.items
    .filter(({ price }) => !price?.metered)
    .map((item) => ({
      key: keyIn(now.items, phase, item.priceId),
      item,
      from: phase.start,
      to,
      confidence: "exact" as const,
      evidence: [`schedule:${phase.scheduleId}`],
    }));

/** What remains of a stretch outside of a window. */
function outside(stretch: Stretch, from: number, to: number): Stretch[] {
  const end = stretch.to ?? Number.POSITIVE_INFINITY;
  if (end <= from || stretch.from >= to) return [stretch];
  return [
    ...(stretch.from < from ? [{ ...stretch, to: from }] : []),
    ...(end > to ? [{ ...stretch, from: to }] : []),
  ];
}

const tellsOf = (phase: Phase, item: Pick<ItemState, "priceId" | "quantity">): boolean =>
  phase.items.some(({ priceId, quantity }) => priceId === item.priceId && quantity === item.quantity);

export interface Told {
  /** As invoices tell it. */
  past: readonly Stretch[];
  lines: readonly InvoiceLine[];
  /** When the subscription was first seen, and how it was then. */
  seenAt: number;
  now: Pick<SubscriptionState, "items">;
}

/**
 * A phase that is over says more than lines do, unless a whole period that was billed within it, or the state in which it was to end, is of
 * something else: then somebody changed the subscription beside its schedule.
 */
const isBelieved = (phase: Phase, to: number, { lines, seenAt, now }: Told): boolean =>
  lines.every(
    (line) =>
      line.proration ||
      line.price?.metered === true ||
      line.start < phase.start ||
      line.start >= to ||
      tellsOf(phase, line),
  ) &&
  (to < seenAt || now.items.every((item) => item.price?.metered === true || tellsOf(phase, item)));

/** Lays the phases that are over upon the past. */
export function withPastPhases(told: Told, schedules: readonly Schedule[]): Stretch[] {
  let result = [...told.past];
  for (const phase of schedules.flatMap(({ phases }) => phases)) {
    const to = Math.min(phase.end ?? told.seenAt, told.seenAt);
    if (phase.start >= to || phase.items.length === 0 || !isBelieved(phase, to, told)) continue;
    const within = result.filter((stretch) => stretch.from < to && (stretch.to ?? to) > phase.start);
    const known = within.filter(
      ({ item, from, to: until }) => tellsOf(phase, item) && from <= phase.start && (until ?? to) >= to,
    );
    // the lines say the same: nothing is gained
    if (known.length === phase.items.length && within.length === known.length) continue;
    result = [
      ...result.flatMap((stretch) => outside(stretch, phase.start, to)),
      ...stretchesOf(phase, to, told.now),
    ];
  }
  return result;
}

/** What the subscription will be. Each phase ends where the next one begins. */
export function futureStretches(phases: readonly Phase[], now: Pick<SubscriptionState, "items">): Stretch[] {
  return phases.flatMap((phase, i) => {
    const next = phases[i + 1]?.start ?? null;
    const to = phase.end !== null && next !== null ? Math.min(phase.end, next) : (phase.end ?? next);
    return stretchesOf(phase, to, now);
  });
}
