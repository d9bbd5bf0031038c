import type { Day } from "./day.ts";
import {
  type Decimal,
  divide,
  exact,
  fromUnits,
  mrrFromAnnual,
  mrrFromUnits,
  toNumber,
  toUnits,
} from "./decimal.ts";
import { createExchange } from "./exchange.ts";
import type { FxRate, SubscriptionState } from "./ledger.ts";
import type { NullReason } from "./metric-names.ts";

/** MRR by plan, currency, country, interval, size band, source or a customer attribute (metrics.md §4, Composition). */

export type CompositionKey =
  | "plan"
  | "currency"
  | "country"
  | "interval"
  | "size"
  | "source"
  | `attr.${string}`;

/**
 * Size bands by a customer's whole MRR in the organisation's currency, in major units: a band holds its lower bound and not
 * its upper one. The key is what the wire carries.
 */
export const sizeBands: readonly { key: string; from: number }[] = [
  { key: "0-50", from: 0 },
  { key: "50-100", from: 50 },
  { key: "100-250", from: 100 },
  { key: "250-500", from: 250 },
  { key: "500-1000", from: 500 },
  { key: "1000-2500", from: 1_000 },
  { key: "2500-5000", from: 2_500 },
  { key: "5000-10000", from: 5_000 },
  { key: "10000-50000", from: 10_000 },
  { key: "50000+", from: 50_000 },
];

/** The band of an annual amount. */
export function sizeBand(annual: Decimal): string {
  const units = toUnits(annual);
  const band = sizeBands.findLast(({ from }) => units >= toUnits(String(from * 12)));
  return band?.key ?? "0-50";
}

export interface CompositionPart {
  /** null: not set */
  key: string | null;
  mrr: Decimal;
  /** Of the total; null where that is 0. */
  share: number | null;
  /** Customers with an amount in the part; one may be in several. */
  customers: number;
}
export interface Composition {
  total: Decimal | null;
  reason: NullReason | null;
  parts: CompositionPart[];
}

export interface CompositionInput {
  /** Settled by `applyBilling`, and filtered by the caller. */
  states: readonly SubscriptionState[];
  rates: readonly FxRate[];
  /** The organisation's currency. */
  currency: string;
  at: Day;
  by: CompositionKey;
}

/** Parts before they are shown: annual amounts. The SQL twin ends here. */
export interface PartSum {
  key: string | null;
  annual: Decimal;
  customers: number;
}

const order =
  (by: CompositionKey) =>
  (a: PartSum, b: PartSum): number => {
    if (by === "size") {
      const rank = ({ key }: PartSum) => sizeBands.findIndex((band) => band.key === key);
      return rank(a) - rank(b);
    }
    const [left, right] = [toUnits(a.annual), toUnits(b.annual)];
    if (left !== right) return left > right ? -1 : 1;
    if (a.key === null || b.key === null) return a.key === null ? 1 : -1;
    return a.key < b.key ? -1 : 1;
  };

/** Shares and order: the largest part first, of equals by key, "not set" after its equals; size bands ascend. */
export function composeParts(by: CompositionKey, sums: readonly PartSum[]): Composition {
  const total = sums.reduce((all, { annual }) => all + toUnits(annual), 0n);
  const parts = sums.toSorted(order(by)).map(({ key, annual, customers }) => ({
    key,
    mrr: mrrFromAnnual(annual),
    share: total === 0n ? null : toNumber(divide(exact(toUnits(annual)), exact(total))),
    customers,
  }));
  return { total: mrrFromUnits(total), reason: null, parts };
}

function keyOf(by: CompositionKey, state: SubscriptionState): string | null {
  if (by.startsWith("attr.")) return state.attributes?.[by.slice("attr.".length)] || null;
  switch (by) {
    case "plan":
      return state.plan || null;
    case "currency":
      return state.currency;
    case "interval":
      return state.interval;
    case "source":
      return state.source || null;
    default:
      return state.country || null;
  }
}

/** Who makes up the MRR at the end of a day. Parts with an amount only; null where an amount has no exchange rate. */
export function computeComposition({ states, rates, currency, at, by }: CompositionInput): Composition {
  const exchange = createExchange(rates, currency);
  const live = states.filter(({ fromDay, toDay }) => fromDay <= at && (toDay === null || toDay > at));
  const valued: { state: SubscriptionState; annual: bigint }[] = [];
  for (const state of live) {
    if (toUnits(state.annual) === 0n) continue;
    const value = exchange.findValue(state.annual, state.currency, at);
    if (value === null) return { total: null, reason: "fx_rate_missing", parts: [] };
    valued.push({ state, annual: toUnits(value) });
  }
  const whole = new Map<string, bigint>();
  for (const { state, annual } of valued)
    whole.set(state.customerId, (whole.get(state.customerId) ?? 0n) + annual);
  const parts = new Map<string | null, { annual: bigint; customers: Set<string> }>();
  for (const { state, annual } of valued) {
    const key = by === "size" ? sizeBand(fromUnits(whole.get(state.customerId) ?? 0n)) : keyOf(by, state);
    const part = parts.get(key) ?? { annual: 0n, customers: new Set() };
    part.annual += annual;
    part.customers.add(state.customerId);
    parts.set(key, part);
  }
  return composeParts(
    by,
    [...parts].map(([key, part]) => ({
      key,
      annual: fromUnits(part.annual),
      customers: part.customers.size,
    })),
  );
}
