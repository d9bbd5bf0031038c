import type { Discount } from "./discount.ts";
import type { Invoice } from "./invoice.ts";
import type { ItemState, Reader, SubscriptionState } from "./subscription.ts";

/** Discounts that only invoices tell of: what is taken off once, and what had run out before the subscription was first seen. */

export interface InvoiceDiscount {
  discount: Discount;
  /** Null: off the whole subscription. */
  itemId: string | null;
  from: number;
  to: number;
  once: boolean;
}

/** Those that the invoices of a subscription show, for the periods for which they were billed. */
export function billedDiscounts(
  invoices: readonly Invoice[],
  subscriptionId: string,
  reader: Reader,
): InvoiceDiscount[] {
  const found: InvoiceDiscount[] = [];
  for (const { lines } of invoices)
    for (const line of lines) {
      if (line.subscriptionId !== subscriptionId || line.proration || line.price?.metered) continue;
      for (const { reference, id } of line.discounts) {
        const discount = reader.discounts.resolve(reference);
        if (!discount?.coupon) continue;
        const itemId = line.ownDiscounts.has(id) ? line.itemId : null;
        const once = discount.coupon.duration === "once";
        const end = once || discount.end === null ? line.end : Math.min(line.end, discount.end);
        // of a discount that lasts, the invoice says that it was there; its window is its own
        const whole = { ...discount, start: null, end: null };
        found.push({ discount: whole, itemId, from: line.start, to: end, once });
      }
    }
  const seen = new Set<string>();
  return found.filter(({ discount, itemId, from, to }) => {
    const key = `${discount.id} ${itemId} ${from} ${to}`;
    return !seen.has(key) && seen.add(key);
  });
}

/** A discount of one invoice that stands in a body: off the first period after it was given. */
function firstPeriod(
  discount: Discount,
  { periodStart, periodEnd }: Pick<ItemState, "periodStart" | "periodEnd">,
): {
  from: number;
  to: number;
} | null {
  if (discount.start === null || periodStart === null || periodEnd === null || periodEnd <= periodStart)
    return null;
  const length = periodEnd - periodStart;
  // given with the period's first invoice, or in the middle of it, for the next one
  if (discount.start <= periodStart + 3600) return { from: periodStart, to: periodEnd };
  return { from: periodEnd, to: periodEnd + length };
}

/** Those that bodies show and no invoice has yet. */
export function pendingDiscounts(
  bodies: readonly SubscriptionState[],
  billed: readonly InvoiceDiscount[],
): InvoiceDiscount[] {
  const known = new Set(billed.map(({ discount }) => discount.id));
  const found = new Map<string, InvoiceDiscount>();
  const take = (
    discount: Discount,
    itemId: string | null,
    period: Pick<ItemState, "periodStart" | "periodEnd">,
  ): void => {
    const window =
      discount.coupon?.duration === "once" && !known.has(discount.id) && firstPeriod(discount, period);
    const key = `${discount.id} ${itemId}`;
    const before = found.get(key);
    if (!window || (before && before.from <= window.from)) return;
    found.set(key, { discount: { ...discount, start: null, end: null }, itemId, ...window, once: true });
  };
  for (const body of bodies) {
    for (const discount of body.discounts) take(discount, null, body);
    for (const item of body.items) for (const discount of item.discounts) take(discount, item.id, item);
  }
  return [...found.values()];
}
