import type { Price } from "./price.ts";

/** Items that stand on one invoice, and how often in a cycle. */
export interface InvoicedTogether {
  places: number[];
  times: number;
}

/** Beyond so many invoices in a cycle (intervals that hardly ever meet) items of other intervals count as never billed together. */
const mostInvoices = 1_000;

const lengthOf = ({ interval, intervalCount }: Price): { unit: "month" | "day"; length: number } =>
  interval === "month" || interval === "year"
    ? { unit: "month", length: intervalCount * (interval === "year" ? 12 : 1) }
    : { unit: "day", length: intervalCount * (interval === "week" ? 7 : 1) };

const greatest = (a: number, b: number): number => (b === 0 ? a : greatest(b, a % b));

/**
 * Which items of a subscription are billed together: items of a month and of a year stand on eleven invoices of the month's alone
 * and on one with both, since all begin at the subscription's anchor (docs.stripe.com/billing/subscriptions/mixed-interval). Months
 * and days never meet.
 */
export function invoicesOf(prices: readonly Price[]): InvoicedTogether[] {
  const found = new Map<string, InvoicedTogether>();
  const note = (places: number[]) => {
    if (places.length === 0) return;
    const known = found.get(places.join());
    if (known) known.times += 1;
    else found.set(places.join(), { places, times: 1 });
  };
  const lengths = prices.map(lengthOf);
  for (const unit of ["month", "day"] as const) {
    const places = [...lengths.keys()].filter((place) => lengths[place]!.unit === unit);
    const own = [...new Set(places.map((place) => lengths[place]!.length))];
    const step = own.reduce(greatest, 0);
    const cycle = own.reduce((a, b) => (a / greatest(a, b)) * b, 1);
    if (cycle / step > mostInvoices)
      for (const length of own) note(places.filter((place) => lengths[place]!.length === length));
    else
      for (let at = 0; step > 0 && at < cycle; at += step)
        note(places.filter((place) => at % lengths[place]!.length === 0));
  }
  return [...found.values()];
}
