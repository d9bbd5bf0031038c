import { discountNote } from "#contracts/discount-note.ts";
import type { VersionFact } from "#contracts/source-facts.ts";
import {
  add,
  compare,
  divide,
  type Exact,
  exact,
  formatDecimal,
  isPositive,
  multiply,
  one,
  parseDecimal,
  subtract,
  sum,
  toStored,
  zero,
} from "#metrics/decimal.ts";
import { factorText, periodsPerYear } from "#metrics/normalise.ts";
import type { Coupon, Discount, Duration } from "./discount.ts";
import { invoicesOf } from "./invoices-of-items.ts";
import { moneyText, toMajor } from "./money.ts";
import { grossOf, type Price, unitOf } from "./price.ts";

/**
 * What the items of a subscription are worth at one instant. Discounts in Stripe's order: those of an item first, then those of
 * the subscription on what remains, each list in its own order; an amount is off the invoice, so it is shared by what
 * each item on it still costs, and never below nothing; the tax that a price contains goes last. What an item costs is the mean of all
 * invoices on which it stands.
 */

export interface Charged {
  key: string;
  price: Price;
  quantity: number;
  discounts: readonly Discount[];
  /** Per cent contained in the amount. */
  inclusiveTax: Exact | null;
  /** What was billed for it, where the price does not say. */
  billed: Exact | null;
}

export interface Worth {
  annual: VersionFact["annual"];
  unitAmount: string;
  note: string;
  /** The price does not say what it costs. */
  unknown: "billed" | "nothing" | null;
}

const hundred = exact(100);
const counted: Record<"none" | "forever" | "recurring" | "all", readonly Duration[]> = {
  none: [],
  forever: ["forever"],
  recurring: ["forever", "repeating"],
  all: ["forever", "repeating", "once"],
};

const offOf = (coupon: Coupon, currency: string): Exact | null =>
  coupon.amountOff.get(currency.toLowerCase()) ?? null;
const appliesTo = (coupon: Coupon, price: Price): boolean =>
  coupon.products === null || (price.product !== null && coupon.products.has(price.product));

/** Takes one coupon off what the eligible places still cost. */
function takeOff(rest: Exact[], places: readonly number[], coupon: Coupon, currency: string): void {
  if (coupon.percentOff) {
    const keeps = subtract(one, divide(coupon.percentOff, hundred));
    for (const place of places) rest[place] = multiply(rest[place]!, isPositive(keeps) ? keeps : zero);
    return;
  }
  const off = offOf(coupon, currency);
  const whole = sum(places.map((place) => rest[place]!));
  if (!off || !isPositive(whole)) return;
  const keeps = compare(off, whole) >= 0 ? zero : subtract(one, divide(off, whole));
  for (const place of places) rest[place] = multiply(rest[place]!, keeps);
}

/** What each item still costs per interval, by what counts. */
function reduced(
  gross: readonly Exact[],
  items: readonly Charged[],
  shared: readonly Discount[],
  currency: string,
  durations: readonly Duration[],
): Exact[] {
  const rest = [...gross];
  items.forEach((item, place) => {
    for (const { coupon } of item.discounts)
      if (coupon && durations.includes(coupon.duration) && appliesTo(coupon, item.price))
        takeOff(rest, [place], coupon, currency);
  });
  const coupons = shared.flatMap(({ coupon }) =>
    coupon && durations.includes(coupon.duration) ? [coupon] : [],
  );
  const billed = invoicesOf(items.map(({ price }) => price));
  const sums = rest.map(() => zero);
  for (const { places, times } of billed) {
    const left = [...rest];
    for (const coupon of coupons) {
      const eligible = places.filter((place) => appliesTo(coupon, items[place]!.price));
      takeOff(left, eligible, coupon, currency);
    }
    for (const place of places) sums[place] = add(sums[place]!, multiply(left[place]!, exact(times)));
  }
  return sums.map((whole, place) =>
    divide(
      whole,
      exact(billed.reduce((count, { places, times }) => count + (places.includes(place) ? times : 0), 0)),
    ),
  );
}

function discountText({ coupon }: Discount, currency: string): string {
  if (!coupon) return "";
  const off = offOf(coupon, currency);
  const size = coupon.percentOff
    ? `${formatDecimal(coupon.percentOff)} %`
    : off
      ? moneyText(toMajor(off, currency), currency)
      : null;
  return size === null ? "" : discountNote(size, coupon.name, coupon.duration);
}

function noteOf(item: Charged, shared: readonly Discount[], currency: string): string {
  const { price, quantity } = item;
  const unit = moneyText(toMajor(unitOf(price, quantity), currency), currency);
  const made = price.tiers
    ? ` (${price.tiers.mode} tiers)`
    : price.packages
      ? ` (packages of ${price.packages.size})`
      : "";
  const tax = item.inclusiveTax && isPositive(item.inclusiveTax);
  return [
    `${quantity} × ${unit}${made}`,
    ...[...item.discounts, ...shared]
      .filter(({ coupon }) => coupon !== null && appliesTo(coupon, price))
      .map((discount) => discountText(discount, currency))
      .filter((words) => words !== ""),
    ...(tax ? [`without ${formatDecimal(item.inclusiveTax!)} % tax contained`] : []),
    factorText(price.interval, price.intervalCount),
  ].join(", ");
}

/**
 * @param shared discounts of the subscription, or of the customer where it has none
 * @param currency upper case
 */
export function worthOfItems(
  items: readonly Charged[],
  shared: readonly Discount[],
  currency: string,
): Map<string, Worth> {
  const known = items.map(({ price, quantity, billed }) => grossOf(price, quantity) ?? billed);
  const gross = known.map((amount) => (amount && isPositive(amount) ? amount : zero));
  const free = shared.length === 0 && items.every(({ discounts }) => discounts.length === 0);
  const after = (durations: readonly Duration[]): Exact[] =>
    free ? gross : reduced(gross, items, shared, currency, durations);
  const [none, forever, recurring, all] = [counted.none, counted.forever, counted.recurring, counted.all].map(
    after,
  );
  return new Map(
    items.map((item, place) => {
      const { price, quantity } = item;
      const taxed = add(one, divide(item.inclusiveTax ?? zero, hundred));
      const perYear = (amounts: readonly Exact[] | undefined): string => {
        const net = divide(toMajor(amounts?.[place] ?? zero, currency), taxed);
        return toStored(multiply(net, periodsPerYear(price.interval, price.intervalCount)));
      };
      const priced = grossOf(price, quantity) !== null;
      const unit =
        priced || quantity === 0
          ? unitOf(price, quantity)
          : divide(gross[place]!, parseDecimal(String(quantity)));
      return [
        item.key,
        {
          annual: {
            none: perYear(none),
            all: perYear(all),
            recurring: perYear(recurring),
            forever: perYear(forever),
          },
          unitAmount: toStored(toMajor(unit, currency)),
          note: noteOf(item, shared, currency),
          unknown: priced ? null : item.billed ? "billed" : "nothing",
        },
      ];
    }),
  );
}
