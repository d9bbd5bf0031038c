import type { StripeObject } from "./collection.ts";
import { addMonths, type Tier } from "./objects.ts";
import type { World } from "./world.ts";

/** What a subscription is invoiced, in minor units: as much arithmetic as makes invoices believable. */

export interface Item extends StripeObject {
  price: string;
  quantity: number;
  discounts: string[];
  current_period_start: number;
  current_period_end: number;
}

export const itemsOf = (subscription: StripeObject): Item[] => (subscription.items as { data: Item[] }).data;

interface Recurring {
  interval: string;
  interval_count: number;
  usage_type: string;
}
export const recurringOf = (price: StripeObject): Recurring => price.recurring as Recurring;

/** The end of the period that begins at `start`. */
export function periodEnd(price: StripeObject, start: number): number {
  const { interval, interval_count: count } = recurringOf(price);
  if (interval === "day") return start + count * 86_400;
  if (interval === "week") return start + count * 7 * 86_400;
  return addMonths(start, interval === "year" ? 12 * count : count);
}

/** Of one period, before discounts. */
export function priceOf(price: StripeObject, quantity: number): number {
  const transform = price.transform_quantity as { divide_by: number; round: string } | null;
  const units = transform
    ? (transform.round === "up" ? Math.ceil : Math.floor)(quantity / transform.divide_by)
    : quantity;
  const tiers = price.tiers as Tier[] | undefined;
  if (!tiers) return Math.round(Number(price.unit_amount_decimal) * units);
  return price.tiers_mode === "volume" ? volume(tiers, units) : graduated(tiers, units);
}

function volume(tiers: readonly Tier[], units: number): number {
  const tier = tiers.find(({ up_to }) => up_to === null || units <= up_to)!;
  return (tier.flat_amount ?? 0) + (tier.unit_amount ?? 0) * units;
}

function graduated(tiers: readonly Tier[], units: number): number {
  let sum = 0;
  let below = 0;
  for (const tier of tiers) {
    const here = Math.min(units, tier.up_to ?? units) - below;
    if (here <= 0) break;
    sum += (tier.flat_amount ?? 0) + (tier.unit_amount ?? 0) * here;
    below += here;
  }
  return sum;
}

/** How much of an amount the discounts that run now take away, each from what the one before it left. */
export function discountOf(
  world: World,
  ids: readonly string[],
  amount: number,
): { discount: string; amount: number }[] {
  let left = amount;
  return ids.flatMap((id) => {
    const discount = world.get("discounts", id) as StripeObject & {
      end: number | null;
      source: { coupon: string };
    };
    if (discount.end !== null && discount.end <= world.now()) return [];
    const coupon =
      world.collections.coupons.get(discount.source.coupon) ??
      world.collections.coupons.deleted(discount.source.coupon);
    if (!coupon) return [];
    const percent = coupon.percent_off as number | null;
    const off = Math.min(
      left,
      percent === null ? Number(coupon.amount_off) : Math.round((left * percent) / 100),
    );
    left -= off;
    return off === 0 ? [] : [{ discount: id, amount: off }];
  });
}
