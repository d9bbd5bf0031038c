import type { Confidence } from "#contracts/source-facts.ts";
import { compare, type Exact, isPositive, zero } from "#metrics/decimal.ts";
import { type Invoice, type InvoiceLine, impliedPrice } from "./invoice.ts";
import type { Observed } from "./observe.ts";
import type { Price } from "./price.ts";
import type { ItemState, SubscriptionState } from "./subscription.ts";

/**
 * What the items of a subscription were before we first saw it: from invoice lines and from a schedule's phases. A line says
 * which price and quantity it is for, and that counts, never its amount: prorations are evidence of a change, and adding
 * them up is not what anything costs per month.
 */

/** One item from `from` (inclusive) to `to` (exclusive; null: open). Of one key they never overlap. */
export interface Stretch {
  key: string;
  item: ItemState;
  from: number;
  to: number | null;
  confidence: Confidence;
  evidence: readonly string[];
}

/** Something that says what an item is from an instant on; `closes`: that it is no longer what it was. */
interface Clue {
  key: string;
  at: number;
  /** The end of the period that was paid for. */
  until: number;
  /** Among those of one instant: a credit ends before a debit begins, a full period says most. */
  rank: number;
  order: number;
  closes: boolean;
  full: boolean;
  price: Price | null;
  priceId: string | null;
  quantity: number;
  evidence: string;
}

export interface Past {
  subscription: SubscriptionState;
  /** The oldest state that was seen. */
  first: Observed;
  /** Of the subscription, from invoices that were issued and stand. */
  lines: readonly InvoiceLine[];
  start: number;
}

/** What is charged for prices that cannot be had any more, by their id. */
export function impliedPrices(lines: readonly InvoiceLine[]): (id: string | null) => Price | null {
  const best = new Map<string, InvoiceLine>();
  for (const line of lines) {
    if (line.priceId === null || line.price || line.proration) continue;
    const before = best.get(line.priceId);
    // a trial's line says 0
    if (!before || (isPositive(line.amount) && line.start >= before.start)) best.set(line.priceId, line);
  }
  return (id) => {
    const line = id === null ? undefined : best.get(id);
    return line ? impliedPrice(line) : null;
  };
}

const clueOf = (line: InvoiceLine, key: string, price: Price | null): Clue => {
  const closes = line.proration && compare(line.amount, zero) < 0;
  return {
    key,
    at: line.start,
    until: line.end,
    rank: closes ? 0 : line.proration ? 1 : 3,
    order: line.invoicedAt,
    closes,
    full: !line.proration,
    price,
    priceId: line.priceId,
    quantity: line.quantity,
    evidence: `invoice:${line.invoiceId}`,
  };
};

/** Lines of classic prorations name no item: the one of that price, or the one whose credit stands beside it. */
function keyed(lines: readonly InvoiceLine[], now: SubscriptionState): { line: InvoiceLine; key: string }[] {
  const ofPrice = new Map<string | null, string>();
  for (const { itemId, priceId } of lines) if (itemId !== null) ofPrice.set(priceId, itemId);
  for (const { id, priceId } of now.items) ofPrice.set(priceId, id);
  return lines.map((line) => {
    const beside = lines.find(
      (other) =>
        other.invoiceId === line.invoiceId &&
        other.start === line.start &&
        other.proration &&
        other.id !== line.id &&
        (other.itemId !== null || ofPrice.has(other.priceId)),
    );
    const key =
      line.itemId ??
      ofPrice.get(line.priceId) ??
      (beside && (beside.itemId ?? ofPrice.get(beside.priceId))) ??
      `price:${line.priceId}`;
    return { line, key };
  });
}

const sameItem = (a: ItemState, b: ItemState): boolean =>
  a.priceId === b.priceId && a.quantity === b.quantity;
const same = (a: Clue, item: { priceId: string | null; quantity: number }): boolean =>
  a.priceId === item.priceId && a.quantity === item.quantity;

/** The stretches of all items from the start to when the first state was seen. */
export function pastStretches(past: Past): Stretch[] {
  const { first, start } = past;
  const seenAt = first.from;
  if (seenAt <= start) return [];
  const lines = past.lines.filter(({ price }) => !price?.metered);
  const implied = impliedPrices(lines);
  const named = keyed(lines, first.state);
  const clues = named
    .map(({ line, key }) => clueOf(line, key, line.price ?? implied(line.priceId)))
    .filter(({ at }) => at < seenAt);
  clues.sort(
    (a, b) => a.at - b.at || a.rank - b.rank || a.order - b.order || (a.evidence < b.evidence ? -1 : 1),
  );
  const renewals = clues.filter(({ full }) => full).map(({ at }) => at);
  const now = new Map(first.state.items.map((item) => [item.id, item]));
  const all = new Set([...clues.map(({ key }) => key), ...now.keys()]);
  return [...all].flatMap((key) =>
    ofItem(
      key,
      clues.filter((clue) => clue.key === key),
      now.get(key) ?? null,
      { ...past, renewals, firstMade: firstMade(now, clues) },
    ),
  );
}

interface Frame extends Past {
  /** Instants at which something was charged for a whole period. */
  renewals: readonly number[];
  /** When the oldest items were made, where nothing tells of any before them: no subscription is without items. */
  firstMade: number | null;
}

function firstMade(items: ReadonlyMap<string, ItemState>, clues: readonly Clue[]): number | null {
  if (clues.some(({ key }) => !items.has(key))) return null;
  return Math.min(...[...items.values()].map(({ createdAt }) => createdAt ?? 0));
}

function ofItem(key: string, clues: readonly Clue[], now: ItemState | null, frame: Frame): Stretch[] {
  const { start } = frame;
  const stretches: Stretch[] = [];
  let open: Clue | null = null;
  let paidUntil = 0;
  const close = (to: number): void => {
    const last = stretches.at(-1);
    if (last && last.to === null) stretches[stretches.length - 1] = { ...last, to: Math.max(last.from, to) };
    open = null;
  };
  for (const clue of clues) {
    if (clue.closes) {
      // a credit for something else than what is open tells of a change that is already known
      if (open && same(open, clue)) close(clue.at);
      continue;
    }
    // nothing was paid since the last period ended, though others renewed: it had been taken away
    const lapsed = open && now === null && clue.at > paidUntil;
    if (lapsed && frame.renewals.some((at) => at >= paidUntil && at < clue.at)) close(paidUntil);
    paidUntil = Math.max(paidUntil, clue.until);
    if (open && same(open, clue)) continue;
    close(clue.at);
    open = clue;
    const { price, priceId, quantity, evidence } = clue;
    const item = itemOf(key, { price, priceId, quantity }, now);
    const from = Math.max(clue.at, start);
    stretches.push({ key, item, from, to: null, confidence: "invoice", evidence: [evidence] });
  }
  return bounded(beginning(stretches, key, now, frame), open, paidUntil, now, frame);
}

/** An item as a line tells it; what lines do not tell is as it is now. */
const itemOf = (
  key: string,
  told: Pick<ItemState, "price" | "priceId" | "quantity">,
  now: ItemState | null,
): ItemState => ({
  id: key,
  discounts: now?.discounts ?? [],
  inclusiveTax: now?.inclusiveTax ?? null,
  createdAt: now?.createdAt ?? null,
  periodStart: null,
  periodEnd: null,
  ...told,
  price: told.price ?? (now?.priceId === told.priceId ? now.price : null),
});

/** With the subscription, or when it was added. */
function beganAt({ createdAt }: ItemState, { start, subscription, firstMade: made }: Frame): number {
  if (createdAt === null || createdAt < start) return start;
  // items of a subscription are made a moment after it
  const original =
    createdAt <= subscription.createdAt + 86_400 || (made !== null && createdAt <= made + 86_400);
  return original ? start : createdAt;
}

/** An item's first known state reaches back to its beginning. */
function beginning(stretches: Stretch[], key: string, now: ItemState | null, frame: Frame): Stretch[] {
  const { first, subscription } = frame;
  if (now === null) return stretches;
  const from = beganAt(now, frame);
  const [oldest] = stretches;
  const evidence = [`subscription:${subscription.id}`];
  if (!oldest) {
    if (from >= first.from) return [];
    const known = now.createdAt === null || now.createdAt <= Math.max(from, subscription.createdAt) + 86_400;
    return [{ key, item: now, from, to: null, confidence: known ? "exact" : "inferred", evidence }];
  }
  if (oldest.from <= from) return stretches;
  // it was there before the first line that tells of it: what it was then is a guess
  const guessed = sameItem(oldest.item, now);
  return [
    {
      ...oldest,
      from,
      to: oldest.from,
      confidence: guessed ? "exact" : "inferred",
      evidence: [...evidence, ...oldest.evidence],
    },
    ...stretches,
  ];
}

/** The last stretch ends where the state that was seen begins, or earlier where the item is gone by then. */
function bounded(
  stretches: Stretch[],
  open: Clue | null,
  paidUntil: number,
  now: ItemState | null,
  frame: Frame,
): Stretch[] {
  const seenAt = frame.first.from;
  const last = stretches.at(-1);
  if (!last || last.to !== null) return stretches;
  const rest = stretches.slice(0, -1);
  if (now === null) return [...rest, { ...last, to: Math.min(paidUntil, seenAt) }];
  // what was seen reaches back as far as nothing contradicts it, to its beginning at most: then it is known without invoices
  if (!open || same(open, now)) {
    const before = rest.at(-1);
    const continues = before?.to === last.from && before.confidence === "exact" && sameItem(before.item, now);
    const confidence = continues || last.from <= beganAt(now, frame) ? "exact" : last.confidence;
    return [...rest, { ...last, item: now, to: seenAt, confidence }];
  }
  const renewed = now.periodStart !== null && now.periodStart > last.from && now.periodStart < seenAt;
  const changed = renewed ? now.periodStart! : seenAt;
  const found: Stretch = {
    key: last.key,
    item: now,
    from: changed,
    to: seenAt,
    confidence: "inferred",
    evidence: last.evidence,
  };
  return [...rest, { ...last, to: changed }, ...(changed < seenAt ? [found] : [])];
}

/** From the states that were seen; where the first one differs from the past, nobody knows when it began. */
export function seenStretches(
  states: readonly Observed[],
  start: number,
  past: readonly Stretch[],
): Stretch[] {
  return states.flatMap(({ from, state, confidence, evidence }, i) => {
    const to = states[i + 1]?.from ?? null;
    return state.items.map((item) => {
      const before = i === 0 && past.find(({ key, to: end }) => key === item.id && end === from);
      const known = !before || sameItem(before.item, item);
      return {
        key: item.id,
        item,
        from: Math.max(from, start),
        to,
        confidence: known ? confidence : ("inferred" as const),
        evidence: [evidence],
      };
    });
  });
}

/** What a whole period of a price was charged for a quantity, before anything was taken off: where the price does not say. */
export function billedAmounts(
  invoices: readonly Invoice[],
): (priceId: string | null, quantity: number) => Exact | null {
  const billed = new Map<string, Exact>();
  for (const { lines } of invoices)
    for (const line of lines)
      if (!line.proration && line.subscriptionId !== null && isPositive(line.amount))
        billed.set(`${line.priceId} ${line.quantity}`, line.amount);
  return (priceId, quantity) => billed.get(`${priceId} ${quantity}`) ?? null;
}
