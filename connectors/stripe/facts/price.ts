import { divide, type Exact, exact, isZero, multiply, parseDecimal, zero } from "#metrics/decimal.ts";
import { type Interval, intervals, packageCount, type Tier, tieredAmount } from "#metrics/normalise.ts";
import { decimal, idOf, type Json, record, records, seconds, text } from "./json.ts";

/** A price as any version of the API tells it, and what a quantity of it costs. Amounts in Stripe's smallest unit. */

export interface Price {
  id: string;
  product: string | null;
  nickname: string | null;
  interval: Interval;
  intervalCount: number;
  metered: boolean;
  /** The price contains its tax, where Stripe computes the tax itself. */
  taxInclusive: boolean;
  unitAmount: Exact | null;
  tiers: { mode: "graduated" | "volume"; tiers: readonly Tier[] } | null;
  /** Units are sold by packages of so many. */
  packages: { size: number; rounding: "up" | "down" } | null;
}

export interface FindPrice {
  /** As it stands in one of the customer's subscriptions: without tiers and other currencies. */
  embedded: (id: string) => Json | null;
  /** As it is kept by itself; asking has it fetched where it is not. */
  stored: (id: string) => Json | null;
}

/** Prices as they stand in the items of subscriptions. */
export function embeddedPrices(subscriptions: Iterable<Json | null>): FindPrice["embedded"] {
  const found = new Map<string, Json>();
  for (const subscription of subscriptions)
    for (const { price } of records(subscription?.items)) {
      const body = record(price);
      const id = text(body?.id);
      if (body && id !== null && !found.has(id)) found.set(id, body);
    }
  return (id) => found.get(id) ?? null;
}

const isInterval = (value: unknown): value is Interval => intervals.some((interval) => interval === value);

function readTiers(from: Json): Tier[] {
  const tiers = records(from.tiers).map((tier) => ({
    upTo: seconds(tier.up_to),
    // plans said `amount`, prices say `unit_amount`; the decimal is there even where the whole number is not
    unitAmount: decimal(tier.unit_amount_decimal) ?? decimal(tier.unit_amount) ?? decimal(tier.amount) ?? "0",
    flatAmount: decimal(tier.flat_amount_decimal) ?? decimal(tier.flat_amount),
  }));
  return tiers.sort((a, b) => (a.upTo ?? Number.MAX_SAFE_INTEGER) - (b.upTo ?? Number.MAX_SAFE_INTEGER));
}

/** A plan (until 2020, and beside prices ever since) says the same in other words. */
function likePrice(plan: Json): Json {
  const transform = record(plan.transform_usage);
  return {
    ...plan,
    unit_amount: plan.amount,
    unit_amount_decimal: plan.amount_decimal,
    recurring: {
      interval: plan.interval,
      interval_count: plan.interval_count,
      usage_type: plan.usage_type,
      meter: plan.meter,
    },
    transform_quantity: transform,
  };
}

const asPrice = (body: Json): Json =>
  body.object === "plan" || (body.interval && !body.recurring) ? likePrice(body) : body;

/** Whether nothing has to be looked up: what is not asked for need not be fetched, and prices made for one item are not listed. */
const saysAll = (price: Json, currency: string | null): boolean =>
  (currency === null || price.currency === currency || price.currency === undefined) &&
  (price.billing_scheme !== "tiered" || Array.isArray(price.tiers));

/**
 * A price where it stands in an item or a line, expanded or by its id; tiers and other currencies' amounts are looked up, for
 * they never come along. Null: nothing is known of it, or it does not recur.
 * @param currency the subscription's, lower case
 */
export function readPrice(value: unknown, find: FindPrice, currency: string | null): Price | null {
  const id = idOf(value);
  if (id === null) return null;
  const own = record(value);
  const whole = own && (own.recurring || own.interval) ? own : find.embedded(id);
  const given = whole && asPrice(whole);
  const stored = given && saysAll(given, currency) ? null : find.stored(id);
  const kept = stored ? asPrice(stored) : null;
  const body = given ?? kept;
  const recurring = record(body?.recurring);
  if (!body || !recurring || !isInterval(recurring.interval)) return null;
  const options = record(record(given?.currency_options ?? kept?.currency_options)?.[currency ?? ""]);
  const other = currency !== null && text(body.currency) !== null && body.currency !== currency;
  // another currency than the price's own: only its option says what it costs
  const amounts: Json = other ? (options ?? {}) : body;
  const tiers = readTiers(amounts.tiers ? amounts : other ? {} : (kept ?? {}));
  const mode = text(body.tiers_mode);
  const unit = decimal(amounts.unit_amount_decimal) ?? decimal(amounts.unit_amount);
  const transform = record(body.transform_quantity);
  const size = seconds(transform?.divide_by);
  const count = seconds(recurring.interval_count) ?? 1;
  return {
    id,
    product: idOf(body.product),
    nickname: text(body.nickname),
    interval: recurring.interval,
    intervalCount: count > 0 ? count : 1,
    metered: recurring.usage_type === "metered" || text(recurring.meter) !== null,
    taxInclusive: (text(amounts.tax_behavior) ?? text(body.tax_behavior)) === "inclusive",
    unitAmount: unit === null ? null : parseDecimal(unit),
    tiers: tiers.length > 0 && (mode === "graduated" || mode === "volume") ? { mode, tiers } : null,
    packages:
      size !== null && size > 0 ? { size, rounding: transform?.round === "down" ? "down" : "up" } : null,
  };
}

/** What `quantity` costs per interval; null where the price does not say. */
export function grossOf(price: Price, quantity: number): Exact | null {
  const units = price.packages
    ? packageCount(quantity, price.packages.size, price.packages.rounding)
    : quantity;
  if (price.tiers) {
    try {
      return tieredAmount(price.tiers.mode, price.tiers.tiers, units);
    } catch (error) {
      // the last tier is not open and does not reach so far
      if (error instanceof RangeError) return null;
      throw error;
    }
  }
  return price.unitAmount === null ? null : multiply(price.unitAmount, exact(units));
}

/** Per interval, for one: the price's own amount, or, of tiers and packages, what the whole costs over the quantity. */
export function unitOf(price: Price, quantity: number): Exact {
  if (price.unitAmount !== null && !price.tiers && !price.packages) return price.unitAmount;
  const whole = grossOf(price, quantity);
  return whole === null || isZero(whole) || quantity === 0 ? zero : divide(whole, exact(quantity));
}
