import { add, compare, divide, type Exact, exact, parseDecimal, subtract, zero } from "#metrics/decimal.ts";
import { decimal, idOf, type Json, list, record, records, seconds, text } from "./json.ts";
import { type FindPrice, type Price, readPrice } from "./price.ts";

/** Invoices as evidence of what a subscription was, at any version of the API. Instants in seconds, amounts in Stripe's smallest unit. */

export interface Invoice {
  id: string;
  subscriptionId: string | null;
  createdAt: number;
  status: string;
  paidAt: number | null;
  /** A payment was tried, and did not come. */
  attempted: boolean;
  currency: string;
  lines: readonly InvoiceLine[];
}

export interface InvoiceLine {
  id: string;
  invoiceId: string;
  invoicedAt: number;
  subscriptionId: string | null;
  /** Null: an invoice item that does not say (prorations in the classic billing mode). */
  itemId: string | null;
  priceId: string | null;
  price: Price | null;
  quantity: number;
  amount: Exact;
  proration: boolean;
  start: number;
  end: number;
  /** Per one, where the price itself is gone. */
  unitAmount: Exact | null;
  discounts: readonly { reference: unknown; id: string; amount: Exact }[];
  /** Taken off this line alone rather than off the whole invoice. */
  ownDiscounts: ReadonlySet<string>;
  inclusiveTaxes: readonly { rateId: string | null; amount: Exact }[];
}

/** Until basil the invoice itself named its subscription, since then its parent does. */
const subscriptionOf = (invoice: Json): string | null =>
  idOf(invoice.subscription) ?? idOf(record(record(invoice.parent)?.subscription_details)?.subscription);

function inclusiveTaxes(line: Json): InvoiceLine["inclusiveTaxes"] {
  return [...records(line.taxes), ...records(line.tax_amounts)].flatMap((tax) => {
    const amount = decimal(tax.amount);
    const inclusive = tax.tax_behavior === "inclusive" || tax.inclusive === true;
    if (!inclusive || amount === null) return [];
    const rateId = idOf(record(tax.tax_rate_details)?.tax_rate) ?? idOf(tax.tax_rate);
    return [{ rateId, amount: parseDecimal(amount) }];
  });
}

function readLine(line: Json, invoice: Json, find: FindPrice): InvoiceLine | null {
  const parent = record(line.parent);
  const ofItem = record(parent?.subscription_item_details);
  const ofInvoiceItem = record(parent?.invoice_item_details);
  const pricing = record(line.pricing);
  const details = record(pricing?.price_details);
  const period = record(line.period);
  const [id, amount, start] = [text(line.id), decimal(line.amount), seconds(period?.start)];
  const invoiceId = text(invoice.id);
  if (id === null || amount === null || start === null || invoiceId === null) return null;
  const proration =
    line.proration === true || ofItem?.proration === true || ofInvoiceItem?.proration === true;
  // one-off items stand on the same invoice, some with the subscription's name on them
  const recurring = ofItem !== null || line.type === "subscription" || proration;
  const currency = text(line.currency);
  const given = details?.price ?? line.price ?? line.plan;
  const unit = decimal(pricing?.unit_amount_decimal);
  return {
    id,
    invoiceId,
    invoicedAt: seconds(invoice.created) ?? start,
    subscriptionId: recurring
      ? (idOf(ofItem?.subscription) ??
        idOf(ofInvoiceItem?.subscription) ??
        idOf(line.subscription) ??
        subscriptionOf(invoice))
      : null,
    itemId: idOf(ofItem?.subscription_item) ?? idOf(line.subscription_item),
    priceId: idOf(given),
    price: readPrice(given, find, currency),
    quantity: seconds(line.quantity) ?? 1,
    amount: parseDecimal(amount),
    proration,
    start,
    end: seconds(period?.end) ?? start,
    unitAmount: unit === null ? null : parseDecimal(unit),
    discounts: records(line.discount_amounts).flatMap((entry) => {
      const [discount, off] = [idOf(entry.discount), decimal(entry.amount)];
      return discount === null || off === null
        ? []
        : [{ reference: entry.discount, id: discount, amount: parseDecimal(off) }];
    }),
    ownDiscounts: new Set(list(line.discounts).flatMap((discount) => idOf(discount) ?? [])),
    inclusiveTaxes: inclusiveTaxes(line),
  };
}

/** Null: a draft, or void, or deleted: nothing was asked for. */
const counts = (status: string | null): status is string =>
  status === "paid" || status === "open" || status === "uncollectible";

/**
 * Null where a body is no invoice that was ever issued.
 * @param more lines that did not fit into the body
 */
export function readInvoice(body: Json, find: FindPrice, more: readonly Json[] = []): Invoice | null {
  const id = text(body.id);
  const createdAt = seconds(body.created);
  const status = text(body.status);
  if (id === null || createdAt === null || status === null) return null;
  const lines = new Map<string, InvoiceLine>();
  for (const given of [...records(body.lines), ...more]) {
    const line = counts(status) || status === "void" ? readLine(given, body, find) : null;
    if (line && !lines.has(line.id)) lines.set(line.id, line);
  }
  const transitions = record(body.status_transitions);
  return {
    id,
    subscriptionId: subscriptionOf(body),
    createdAt,
    status,
    paidAt: seconds(transitions?.paid_at) ?? (status === "paid" ? createdAt : null),
    attempted: body.attempted === true && seconds(body.attempt_count) !== 0,
    currency: text(body.currency)?.toLowerCase() ?? "",
    lines: [...lines.values()],
  };
}

/** Invoices that were issued and stand: what they say happened. Oldest first. */
export const standing = (invoices: readonly Invoice[]): Invoice[] =>
  invoices
    .filter(({ status }) => counts(status))
    .sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));

/** What a line charged, without what was taken off and without the tax that it contains. */
export function netOf(line: InvoiceLine): Exact {
  let net = line.amount;
  for (const { amount } of line.discounts) net = subtract(net, amount);
  for (const { amount } of line.inclusiveTaxes) net = subtract(net, amount);
  return net;
}

/**
 * The per cent of tax that a line contains: by its rates where they are known, else by the tax over what remains without it.
 */
export function inclusivePercent(line: InvoiceLine, rate: (id: string) => Json | null): Exact | null {
  if (line.inclusiveTaxes.length === 0) return null;
  let percent = zero;
  for (const { rateId } of line.inclusiveTaxes) {
    const body = rateId === null ? null : rate(rateId);
    const known = decimal(body?.effective_percentage) ?? decimal(body?.percentage);
    if (known === null) return impliedPercent(line);
    percent = add(percent, parseDecimal(known));
  }
  return percent;
}

function impliedPercent(line: InvoiceLine): Exact | null {
  const net = netOf(line);
  if (compare(net, zero) <= 0) return null;
  let tax = zero;
  for (const { amount } of line.inclusiveTaxes) tax = add(tax, amount);
  return divide({ num: tax.num * 100n, den: tax.den }, net);
}

/** An interval that a period of this length could be, for a price that is gone: [interval, count]. */
export function guessInterval(start: number, end: number): { interval: Price["interval"]; count: number } {
  const days = Math.round((end - start) / 86_400);
  if (days >= 358) return { interval: "year", count: Math.max(1, Math.round(days / 365)) };
  if (days >= 27) return { interval: "month", count: Math.max(1, Math.round(days / 30.4)) };
  if (days % 7 === 0 && days > 0) return { interval: "week", count: days / 7 };
  return { interval: "day", count: Math.max(1, days) };
}

/** The price of a line whose price cannot be had any more: made from what the line charged for one. */
export function impliedPrice(line: InvoiceLine): Price | null {
  // a proration without its unit price says neither what a whole period costs nor how long one is
  if (line.proration && line.unitAmount === null) return null;
  const { interval, count } = guessInterval(line.start, line.end);
  const unitAmount =
    line.unitAmount ?? (line.quantity > 0 ? divide(line.amount, exact(line.quantity)) : line.amount);
  return {
    id: line.priceId ?? `implied:${line.id}`,
    product: null,
    nickname: null,
    interval,
    intervalCount: count,
    metered: false,
    taxInclusive: false,
    unitAmount,
    tiers: null,
    packages: null,
  };
}
