import {
  add,
  compare,
  type Decimal,
  divide,
  type Exact,
  exact,
  multiply,
  one,
  parseDecimal,
  subtract,
  toStored,
  zero,
} from "./decimal.ts";
import type { PolicySettings } from "./policy.ts";

/** From what an item bills to what it is worth per year (metrics.md §1). */

export const intervals = ["day", "week", "month", "year"] as const;
export type Interval = (typeof intervals)[number];

/** How many billing periods a year has: 12/n months, 1/n years, 52/n weeks, 365/n days. Throws RangeError for n < 1. */
export function periodsPerYear(interval: Interval, count = 1): Exact {
  if (!Number.isSafeInteger(count) || count < 1) throw new RangeError(`not an interval count: ${count}`);
  return exact({ day: 365, week: 52, month: 12, year: 1 }[interval], count);
}

/** months(n) of the table: how many months one billing period lasts. */
export const monthsOf = (interval: Interval, count = 1): Exact =>
  divide(exact(12), periodsPerYear(interval, count));

/** As stored and shown: 'month', '3 month'. */
export const intervalText = (interval: Interval, count = 1): string =>
  count === 1 ? interval : `${count} ${interval}`;

/** The factor from one period to one month, for "explain": '÷ 3', '÷ 12', '× 52/12', '× 365/(12 × 2)'. */
export function factorText(interval: Interval, count = 1): string {
  if (interval === "month") return `÷ ${count}`;
  if (interval === "year") return `÷ ${12 * count}`;
  return `× ${interval === "week" ? 52 : 365}/${count === 1 ? "12" : `(12 × ${count})`}`;
}

export interface Discount {
  /** '10' = 10 %. Percents compound, and come before amounts. */
  percent?: Decimal | null;
  /** Major units per billing period, off the whole item. */
  amount?: Decimal | null;
  /** `repeating`: give it only to the version during which it runs. */
  duration: "forever" | "repeating" | "once";
}

export interface RecurringItem {
  /** Major units per billing period, for one. */
  unitAmount: Decimal;
  /** Default 1. */
  quantity?: Decimal;
  interval: Interval;
  /** Default 1. */
  intervalCount?: number;
  discounts?: readonly Discount[];
  /** '15' = 15 % VAT contained in the amount. Tax on top is never part of it: leave it out. */
  inclusiveTaxPercent?: Decimal | null;
  /** Metered items are usage, not MRR. */
  metered?: boolean;
}

/** Which discounts count (policy `discounts`). */
function countsDiscount(duration: Discount["duration"], policy: Pick<PolicySettings, "discounts">): boolean {
  if (policy.discounts === "all") return true;
  if (policy.discounts === "none" || duration === "once") return false;
  return policy.discounts === "recurring" || duration === "forever";
}

const hundred = exact(100);
const atLeastZero = (amount: Exact): Exact => (compare(amount, zero) < 0 ? zero : amount);

function discounted(amount: Exact, discounts: readonly Discount[]): Exact {
  let rest = amount;
  for (const { percent } of discounts)
    if (percent) rest = multiply(rest, subtract(one, divide(parseDecimal(percent), hundred)));
  for (const { amount: off } of discounts) if (off) rest = subtract(rest, parseDecimal(off));
  return atLeastZero(rest);
}

export interface Annual {
  /** Before and after the discounts that count, per year, without tax, in the item's currency; at most 12 decimals. */
  list: Decimal;
  annual: Decimal;
}

/**
 * `unitAmount × quantity`, minus percents, minus amounts, floored at 0, without the contained tax, times the periods of a
 * year. A metered item is worth 0. Exact until the 12th decimal of the annual amount.
 */
export function annualOf(item: RecurringItem, policy: Pick<PolicySettings, "discounts">): Annual {
  if (item.metered) return { list: "0", annual: "0" };
  const gross = multiply(parseDecimal(item.unitAmount), parseDecimal(item.quantity ?? "1"));
  const counting = (item.discounts ?? []).filter(({ duration }) => countsDiscount(duration, policy));
  const taxed = add(one, divide(parseDecimal(item.inclusiveTaxPercent ?? "0"), hundred));
  const perYear = (amount: Exact): Decimal =>
    toStored(multiply(divide(amount, taxed), periodsPerYear(item.interval, item.intervalCount ?? 1)));
  return { list: perYear(atLeastZero(gross)), annual: perYear(discounted(gross, counting)) };
}

export interface Tier {
  /** The last unit of the tier; null: no end. */
  upTo: number | null;
  unitAmount: Decimal;
  flatAmount?: Decimal | null;
}

/**
 * What a quantity costs in tiers (ascending, the last open): `volume` bills every unit at the tier that holds the quantity,
 * `graduated` bills each tier that is touched; a tier's flat fee falls due when it is entered. Throws RangeError where no
 * tier holds the quantity.
 */
export function tieredAmount(mode: "graduated" | "volume", tiers: readonly Tier[], quantity: number): Exact {
  let total = zero;
  let below = 0;
  for (const tier of tiers) {
    const holds = tier.upTo === null || quantity <= tier.upTo;
    const units = (holds ? quantity : (tier.upTo ?? quantity)) - below;
    if (mode === "graduated" || holds) {
      const billed = mode === "graduated" ? units : quantity;
      const flat = quantity > 0 ? parseDecimal(tier.flatAmount ?? "0") : zero;
      total = add(total, add(multiply(parseDecimal(tier.unitAmount), parseDecimal(String(billed))), flat));
    }
    if (holds) return total;
    below = tier.upTo ?? below;
  }
  throw new RangeError(`no tier holds ${quantity}`);
}

/** How many packages a quantity makes. */
export const packageCount = (quantity: number, size: number, rounding: "up" | "down" = "up"): number =>
  rounding === "up" ? Math.ceil(quantity / size) : Math.floor(quantity / size);
