import { add, type Exact, formatDecimal, parseDecimal, zero } from "#metrics/decimal.ts";
import type { Discount, Discounts } from "./discount.ts";
import { decimal, idOf, type Json, record, records, seconds, text } from "./json.ts";
import { type FindPrice, type Price, readPrice } from "./price.ts";

/** A subscription at one moment, as any version of the API from 2020-08-27 on tells it. Instants in seconds. */

export interface ItemState {
  id: string;
  /** Null: nothing is known of it. */
  price: Price | null;
  priceId: string | null;
  quantity: number;
  discounts: readonly Discount[];
  /** '15' = 15 % contained in the amount; null: its tax rates do not say. */
  inclusiveTax: Exact | null;
  createdAt: number | null;
  periodStart: number | null;
  periodEnd: number | null;
}

export interface SubscriptionState {
  id: string;
  status: string;
  /** Lower case. */
  currency: string | null;
  items: readonly ItemState[];
  discounts: readonly Discount[];
  paused: { resumesAt: number | null } | null;
  pausedAt: number | null;
  startDate: number;
  createdAt: number;
  trialStart: number | null;
  trialEnd: number | null;
  cancelAt: number | null;
  cancelsAtPeriodEnd: boolean;
  canceledAt: number | null;
  endedAt: number | null;
  /** 'cancellation_requested', 'payment_failed', 'payment_disputed' */
  endReason: string | null;
  periodStart: number | null;
  periodEnd: number | null;
  automaticTax: boolean;
}

/** What is needed to read a body: what other objects say. */
export interface Reader {
  price: FindPrice;
  taxRate: (id: string) => Json | null;
  discounts: Discounts;
}

/** The sum of the rates that are contained in an amount; null where there are no rates at all. */
function containedTax(rates: readonly unknown[], reader: Reader): Exact | null {
  if (rates.length === 0) return null;
  let sum = zero;
  for (const given of rates) {
    const id = idOf(given);
    const rate = record(given) ?? (id === null ? null : reader.taxRate(id));
    const percentage = decimal(rate?.percentage);
    if (rate?.inclusive === true && percentage !== null) sum = add(sum, parseDecimal(percentage));
  }
  return sum;
}

/** Several stackable ones, or, before 2024, the only one. */
export const discountsOf = (body: Json, reader: Reader): Discount[] => {
  const many = Array.isArray(body.discounts) && body.discounts.length > 0 ? body.discounts : [body.discount];
  return many.flatMap((given: unknown) => reader.discounts.resolve(given) ?? []);
};

const arrayOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** An item of a subscription or of a schedule's phase. Quantities are whole numbers; absent it is one. */
export function readItem(body: Json, owner: Json, reader: Reader): ItemState | null {
  const priceId = idOf(body.price) ?? idOf(body.plan);
  const id = text(body.id);
  if (id === null) return null;
  const currency = text(owner.currency);
  const own = arrayOf(body.tax_rates);
  return {
    id,
    price: readPrice(body.price, reader.price, currency) ?? readPrice(body.plan, reader.price, currency),
    priceId,
    quantity: seconds(body.quantity) ?? 1,
    discounts: discountsOf(body, reader),
    inclusiveTax: containedTax(own.length > 0 ? own : arrayOf(owner.default_tax_rates), reader),
    createdAt: seconds(body.created),
    periodStart: seconds(body.current_period_start) ?? seconds(owner.current_period_start),
    periodEnd: seconds(body.current_period_end) ?? seconds(owner.current_period_end),
  };
}

const least = (values: readonly (number | null)[]): number | null => {
  const known = values.filter((value) => value !== null);
  return known.length > 0 ? Math.min(...known) : null;
};
const greatest = (values: readonly (number | null)[]): number | null => {
  const known = values.filter((value) => value !== null);
  return known.length > 0 ? Math.max(...known) : null;
};

/**
 * Null where a body is not a subscription (a tombstone).
 * @param more items that did not fit into the body
 */
export function readSubscription(
  body: Json,
  reader: Reader,
  more: readonly Json[] = [],
): SubscriptionState | null {
  const id = text(body.id);
  const status = text(body.status);
  const startDate = seconds(body.start_date) ?? seconds(body.created);
  if (id === null || status === null || startDate === null) return null;
  const items = new Map<string, ItemState>();
  for (const given of [...records(body.items), ...more]) {
    const item = given.deleted === true ? null : readItem(given, body, reader);
    if (item && !items.has(item.id)) items.set(item.id, item);
  }
  const all = [...items.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  const pause = record(body.pause_collection);
  return {
    id,
    status,
    currency: text(body.currency)?.toLowerCase() ?? priceCurrency(body),
    items: all,
    discounts: discountsOf(body, reader),
    paused: pause ? { resumesAt: seconds(pause.resumes_at) } : null,
    pausedAt: seconds(record(record(body.status_details)?.paused)?.transitioned_at),
    startDate,
    createdAt: seconds(body.created) ?? startDate,
    trialStart: seconds(body.trial_start),
    trialEnd: seconds(body.trial_end),
    cancelAt: seconds(body.cancel_at),
    cancelsAtPeriodEnd: body.cancel_at_period_end === true,
    canceledAt: seconds(body.canceled_at),
    endedAt: seconds(body.ended_at),
    endReason: text(record(body.cancellation_details)?.reason),
    // until basil of the subscription, since then of each item
    periodStart: seconds(body.current_period_start) ?? greatest(all.map((item) => item.periodStart)),
    periodEnd: seconds(body.current_period_end) ?? least(all.map((item) => item.periodEnd)),
    automaticTax: record(body.automatic_tax)?.enabled === true,
  };
}

/** Before 2022 a subscription did not say its currency. */
function priceCurrency(body: Json): string | null {
  for (const item of records(body.items)) {
    const found = text(record(item.price)?.currency) ?? text(record(item.plan)?.currency);
    if (found !== null) return found.toLowerCase();
  }
  return null;
}

const lasting = (discounts: readonly Discount[]): string[] =>
  discounts.flatMap(({ id, coupon }) => (coupon?.duration === "once" ? [] : [id])).sort();

/** Equal for two states that are worth the same. What is taken off once is no state: it belongs to an invoice. */
export const worthOf = (state: SubscriptionState): string =>
  JSON.stringify([
    state.status,
    state.paused !== null,
    state.items.map((item) => [
      item.id,
      item.priceId,
      item.quantity,
      lasting(item.discounts),
      item.inclusiveTax && formatDecimal(item.inclusiveTax),
    ]),
    lasting(state.discounts),
  ]);
