import { type Exact, parseDecimal } from "#metrics/decimal.ts";
import { decimal, idOf, type Json, list, record, seconds, text } from "./json.ts";

/** Discounts and their coupons as any version of the API tells them. */

export type Duration = "forever" | "repeating" | "once";

export interface Coupon {
  id: string;
  name: string;
  percentOff: Exact | null;
  /** By currency (lower case), in its smallest unit. */
  amountOff: ReadonlyMap<string, Exact>;
  duration: Duration;
  /** Months, of a repeating one. */
  months: number | null;
  /** It is taken off these products only; null: off all. */
  products: ReadonlySet<string> | null;
}

export interface Discount {
  id: string;
  /** Null: what it takes off is not known. */
  coupon: Coupon | null;
  couponId: string | null;
  /** Seconds; null: from the beginning, and to the end. */
  start: number | null;
  end: number | null;
}

/** Null where a body says neither a percentage nor an amount (a tombstone, an id). */
export function readCoupon(body: Json | null): Coupon | null {
  const id = text(body?.id);
  if (!body || id === null) return null;
  const percent = decimal(body.percent_off);
  const amountOff = new Map<string, Exact>();
  const amount = decimal(body.amount_off);
  const currency = text(body.currency);
  for (const [other, option] of Object.entries(record(body.currency_options) ?? {})) {
    const off = decimal(record(option)?.amount_off);
    if (off !== null) amountOff.set(other, parseDecimal(off));
  }
  if (amount !== null && currency !== null) amountOff.set(currency, parseDecimal(amount));
  if (percent === null && amountOff.size === 0) return null;
  const products = list(record(body.applies_to)?.products).flatMap((product) => idOf(product) ?? []);
  return {
    id,
    name: text(body.name) ?? id,
    percentOff: percent === null ? null : parseDecimal(percent),
    amountOff,
    duration: body.duration === "once" || body.duration === "repeating" ? body.duration : "forever",
    months: seconds(body.duration_in_months),
    products: products.length > 0 ? new Set(products) : null,
  };
}

/** Until clover a discount held its coupon; since then `source.coupon` names it. */
export const couponOf = (discount: Json): unknown => discount.coupon ?? record(discount.source)?.coupon;

/** Where discounts stand: the rest of a body is not looked through. */
const holders = new Set([
  "object",
  "previous_attributes",
  "data",
  "items",
  "lines",
  "phases",
  "discount",
  "discounts",
  "discount_amounts",
  "total_discount_amounts",
  "latest_invoice",
  "source",
  "coupon",
]);

export interface Discounts {
  /** A discount where it stands, whole or by its id. */
  resolve: (value: unknown) => Discount | null;
  coupon: (value: unknown) => Coupon | null;
}

/**
 * Everything that is known of discounts: events and invoices name them by id, and a discount cannot be fetched by it, so that
 * each body in which one stands whole tells the others.
 * @param bodies in which discounts may stand, in a fixed order
 * @param find the stored body of a coupon
 */
export function gatherDiscounts(bodies: Iterable<unknown>, find: (id: string) => Json | null): Discounts {
  const whole = new Map<string, Json>();
  const coupons = new Map<string, Json>();
  const visit = (value: unknown, depth: number): void => {
    if (typeof value !== "object" || value === null || depth > 12) return;
    const body = value as Json;
    if (body.object === "discount" && typeof body.id === "string") {
      const before = whole.get(body.id);
      // the one that names its coupon says more
      if (!before || !idOf(couponOf(before))) whole.set(body.id, body);
    }
    if (body.object === "coupon" && typeof body.id === "string" && readCoupon(body))
      coupons.set(body.id, body);
    if (Array.isArray(value)) for (const part of value) visit(part, depth + 1);
    else
      for (const key of Object.keys(body))
        if (typeof body[key] === "object" && holders.has(key)) visit(body[key], depth + 1);
  };
  for (const body of bodies) visit(body, 0);

  const coupon = (value: unknown): Coupon | null => {
    const id = idOf(value);
    return (
      (id === null ? null : (readCoupon(find(id)) ?? readCoupon(coupons.get(id) ?? null))) ??
      readCoupon(record(value))
    );
  };
  return {
    coupon,
    resolve: (value) => {
      const id = idOf(value) ?? idOf(couponOf(record(value) ?? {}));
      if (id === null) return null;
      const own = record(value);
      const body = own && idOf(couponOf(own)) ? own : (whole.get(id) ?? own ?? {});
      const given = couponOf(body);
      return {
        id,
        coupon: coupon(given),
        couponId: idOf(given),
        start: seconds(body.start),
        end: seconds(body.end),
      };
    },
  };
}
