import type { VersionFact } from "#contracts/source-facts.ts";
import { type Exact, formatDecimal } from "#metrics/decimal.ts";
import { intervalText } from "#metrics/normalise.ts";
import { type Charged, worthOfItems } from "./amounts.ts";
import { instantOf } from "./calendar.ts";
import type { Discount } from "./discount.ts";
import type { Stretch } from "./history.ts";
import type { InvoiceDiscount } from "./once.ts";
import type { Price } from "./price.ts";
import type { Mark } from "./status.ts";

/** From what a subscription was when, to versions: whatever changes its worth or its status begins a new one. */

export interface Life {
  subscriptionId: string;
  /** Upper case. */
  currency: string;
  start: number;
  /** Exclusive; null: open. */
  end: number | null;
  stretches: readonly Stretch[];
  marks: readonly Mark[];
  /** Those of the subscription from an instant on, ascending. */
  discounts: readonly { from: number; discounts: readonly Discount[] }[];
  /** Where the subscription has none. */
  customerDiscounts: readonly Discount[];
  /** What only invoices tell; those that last count before `seenAt`, when the subscription tells of itself. */
  invoiceDiscounts: readonly InvoiceDiscount[];
  seenAt: number;
  cancelRequestedAt: number | null;
  tax: (stretch: Stretch) => Exact | null;
  billed: (priceId: string | null, quantity: number) => Exact | null;
  planName: (price: Price) => string;
  warn: (words: string) => void;
}

const lasts = ({ coupon }: Discount): boolean => coupon?.duration !== "once";
const runs =
  (at: number) =>
  ({ start, end }: Discount): boolean =>
    (start === null || start <= at) && (end === null || at < end);

/** A discount that was given a moment after the start was given with it. */
const withStart =
  (start: number) =>
  (discount: Discount): Discount =>
    discount.start !== null && discount.start > start && discount.start <= start + 3600
      ? { ...discount, start }
      : discount;

/** Discounts in force at one instant: the subscription's, and by item. */
function inForce(
  life: Life,
  stretches: readonly Stretch[],
  at: number,
): { shared: Discount[]; own: Discount[][] } {
  const usable = (list: readonly Discount[]): Discount[] =>
    list.filter(lasts).map(withStart(life.start)).filter(runs(at));
  const given = life.discounts.findLast(({ from }) => from <= at) ?? life.discounts[0];
  const shared = usable(given?.discounts ?? []);
  if (shared.length === 0) shared.push(...usable(life.customerDiscounts));
  const own = stretches.map(({ item }) => usable(item.discounts));
  for (const { discount, itemId, from, to, once } of life.invoiceDiscounts) {
    if (at < from || at >= to || (!once && at >= life.seenAt)) continue;
    const place = itemId === null ? -1 : stretches.findIndex(({ key }) => key === itemId);
    if (itemId !== null && place < 0) continue;
    const into = place < 0 ? shared : own[place]!;
    if (!into.some(({ id }) => id === discount.id)) into.push(discount);
  }
  return { shared, own };
}

/** Every instant at which something may change, ascending, from the start to before the end. */
function instants(life: Life): number[] {
  const found = new Set<number>([life.start]);
  const add = (at: number | null): void => {
    if (at !== null && at > life.start && (life.end === null || at < life.end)) found.add(at);
  };
  const addDiscount = (given: Discount): void => {
    const { start, end } = withStart(life.start)(given);
    if (!lasts(given)) return;
    add(start);
    add(end);
  };
  for (const { from, to, item } of life.stretches) {
    add(from);
    add(to);
    item.discounts.forEach(addDiscount);
  }
  for (const { from } of life.marks) add(from);
  for (const { from, discounts } of life.discounts) {
    add(from);
    discounts.forEach(addDiscount);
  }
  life.customerDiscounts.forEach(addDiscount);
  for (const { from, to, once } of life.invoiceDiscounts) {
    if (!once && from >= life.seenAt) continue;
    add(from);
    add(once ? to : Math.min(to, life.seenAt));
  }
  return [...found].sort((a, b) => a - b);
}

function chargedAt(life: Life, at: number): { stretch: Stretch; charged: Charged; shared: Discount[] }[] {
  const byKey = new Map<string, Stretch>();
  for (const stretch of life.stretches)
    if (stretch.from <= at && (stretch.to === null || at < stretch.to)) byKey.set(stretch.key, stretch);
  const stretches = [...byKey.values()].filter(({ item }) => {
    if (!item.price)
      life.warn(`price ${item.priceId ?? "without an id"} of ${life.subscriptionId} is not known`);
    return item.price !== null && !item.price.metered;
  });
  const { shared, own } = inForce(life, stretches, at);
  return stretches.map((stretch, place) => {
    const { key, item } = stretch;
    const { price, priceId, quantity } = item;
    const charged = {
      key,
      price: price!,
      quantity,
      discounts: own[place]!,
      inclusiveTax: life.tax(stretch),
      billed: life.billed(priceId, quantity),
    };
    return { stretch, charged, shared };
  });
}

function warnOfDiscounts(life: Life, discounts: readonly Discount[]): void {
  const currency = life.currency.toLowerCase();
  for (const { coupon, couponId, id } of discounts) {
    if (!coupon) life.warn(`what coupon ${couponId ?? id} takes off ${life.subscriptionId} is not known`);
    else if (!coupon.percentOff && !coupon.amountOff.has(currency))
      life.warn(
        `coupon ${coupon.id} has no amount in ${currency}: it takes nothing off ${life.subscriptionId}`,
      );
  }
}

/** Before the point: what the ledger can hold, with room for sums. */
const mostDigits = 18;

const confidenceRank = { exact: 0, invoice: 1, inferred: 2 } as const;

function versionsAt(life: Life, at: number, until: number | null): VersionFact[] {
  const mark = life.marks.findLast(({ from }) => from <= at);
  if (!mark || mark.status === null) return [];
  const { status, trialEnd, pastDueSince } = mark;
  const items = chargedAt(life, at);
  const shared = items[0]?.shared ?? [];
  warnOfDiscounts(life, [...shared, ...items.flatMap(({ charged }) => charged.discounts)]);
  const worth = worthOfItems(
    items.map(({ charged }) => charged),
    shared,
    life.currency,
  );
  return items.flatMap(({ stretch, charged: { key, price, quantity } }) => {
    const { annual, unitAmount, note, unknown } = worth.get(key)!;
    if (annual.none.split(".")[0]!.length > mostDigits || unitAmount.length > 2 * mostDigits) {
      life.warn(
        `what ${quantity} of price ${price.id} cost in ${life.subscriptionId} is more than can be kept`,
      );
      return [];
    }
    if (unknown === "nothing")
      life.warn(`price ${price.id} of ${life.subscriptionId} does not say what ${quantity} cost`);
    const confidences = [
      stretch.confidence,
      ...(mark.from === at ? [mark.confidence] : []),
      ...(unknown === "billed"
        ? (["invoice"] as const)
        : unknown === "nothing"
          ? (["inferred"] as const)
          : []),
    ];
    const weakest = confidences.reduce((a, b) => (confidenceRank[b] > confidenceRank[a] ? b : a));
    const asked = life.cancelRequestedAt;
    const version: VersionFact = {
      key: `${life.subscriptionId}/${key}`,
      subscriptionId: life.subscriptionId,
      plan: life.planName(price),
      currency: life.currency,
      interval: intervalText(price.interval, price.intervalCount),
      quantity: formatDecimal({ num: BigInt(quantity), den: 1n }),
      unitAmount,
      annual,
      status,
      startedAt: instantOf(at),
      endedAt: until === null ? null : instantOf(until),
      trialEnd: status === "trialing" && trialEnd !== null ? instantOf(trialEnd) : null,
      pastDueSince: pastDueSince === null ? null : instantOf(pastDueSince),
      cancelRequestedAt: asked !== null && (until === null || until > asked) ? instantOf(asked) : null,
      confidence: weakest,
      evidence: [...new Set([...stretch.evidence, `subscription:${life.subscriptionId}`])],
      note,
    };
    return [version];
  });
}

/** Equal for two versions that only their dates tell apart. */
const sameness = ({
  startedAt,
  endedAt,
  confidence,
  evidence,
  cancelRequestedAt,
  ...rest
}: VersionFact): string => JSON.stringify(rest);

/** Ascending by key and start; of one key they never overlap, and two that touch differ. */
export function versionsOf(life: Life): VersionFact[] {
  const moments = instants(life);
  const byKey = new Map<string, VersionFact[]>();
  moments.forEach((at, i) => {
    if (life.end !== null && at >= life.end) return;
    for (const version of versionsAt(life, at, moments[i + 1] ?? life.end)) {
      const list = byKey.get(version.key) ?? [];
      byKey.set(version.key, list);
      const last = list.at(-1);
      if (last && last.endedAt === version.startedAt && sameness(last) === sameness(version))
        list[list.length - 1] = {
          ...last,
          endedAt: version.endedAt,
          cancelRequestedAt: version.cancelRequestedAt,
        };
      else list.push(version);
    }
  });
  return [...byKey.keys()].sort().flatMap((key) => byKey.get(key)!);
}
