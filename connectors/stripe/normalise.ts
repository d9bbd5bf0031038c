import type { KnownObjects, StoredObject } from "#connectors/connector.ts";
import type { CustomerFacts, VersionFact } from "#contracts/source-facts.ts";
import { isCurrency } from "#metrics/currency.ts";
import { readCustomer } from "./facts/customer.ts";
import { type Discount, gatherDiscounts } from "./facts/discount.ts";
import { readInvoice, standing } from "./facts/invoice.ts";
import { type Json, record, seconds, text } from "./facts/json.ts";
import { lifeOf, type Surroundings, scheduledLife } from "./facts/life.ts";
import { readSchedule } from "./facts/phase.ts";
import { embeddedPrices, type Price } from "./facts/price.ts";
import type { Reader } from "./facts/subscription.ts";
import { usageOf } from "./facts/usage.ts";
import { type Life, versionsOf } from "./facts/versions.ts";

/**
 * All that Stripe's objects say of one customer, by metrics.md §1–§3 and the facts of its API (docs/decisions/023-sources.md).
 * Pure: the same objects in any order, and the same events in any order or twice, give the same facts.
 */
export function normaliseStripe(known: KnownObjects): CustomerFacts {
  const own = (stream: string): readonly StoredObject[] =>
    [...(known.own.get(stream) ?? [])].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  const events = sortedEvents(known.events);
  const earlier = [...known.earlier].sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
  const bodies = [
    ...own("customers"),
    ...own("invoices"),
    ...own("invoice_lines"),
    ...own("subscription_items"),
  ];
  const subscriptions = [...own("subscriptions"), ...earlier].map(({ body }) => body);
  const told = events.map(({ data }) => record(data));
  const reader = readerOf(
    known,
    [...subscriptions, ...bodies.map(({ body }) => body), ...told],
    [...subscriptions, ...told.map((data) => record(data?.object))],
  );
  const warnings = new Set<string>();
  const around = surroundings(known, own, events, reader, (words) => warnings.add(words));
  const lives = livesOf(own, earlier, events, around);
  const versions: VersionFact[] = [];
  for (const life of lives) {
    if (isCurrency(life.currency)) versions.push(...versionsOf(life));
    else
      warnings.add(
        `${life.subscriptionId} is in ${life.currency || "no currency"}, which is not a known one`,
      );
  }
  const invoices = own("invoices")
    .map(({ body }) => body)
    .sort((a, b) => (seconds(b.created) ?? 0) - (seconds(a.created) ?? 0));
  return {
    customer: readCustomer(
      known.customerId,
      [...own("customers"), ...earlier.filter(({ stream }) => stream === "customers").reverse()],
      invoices,
    ),
    versions,
    usage: usageOf(around.issued).filter(({ currency }) => isCurrency(currency)),
    warnings: [...warnings].sort(),
  };
}

/** Each once, oldest first. */
function sortedEvents(events: KnownObjects["events"]): Json[] {
  const once = new Map(events.map((event) => [text(event.id) ?? JSON.stringify(event), event as Json]));
  return [...once.entries()]
    .sort(
      ([a, one], [b, other]) =>
        (seconds(one.created) ?? 0) - (seconds(other.created) ?? 0) || (a < b ? -1 : 1),
    )
    .map(([, event]) => event);
}

function readerOf(
  known: KnownObjects,
  bodies: readonly unknown[],
  subscriptions: Iterable<Json | null>,
): Reader {
  const body = (stream: string) => (id: string) => known.shared(stream, id)?.body ?? null;
  return {
    price: { embedded: embeddedPrices(subscriptions), stored: body("prices") },
    taxRate: body("tax_rates"),
    discounts: gatherDiscounts(bodies, body("coupons")),
  };
}

/** Those of a customer that it has now, and those that were taken away, until then. */
function customerDiscounts(
  customers: readonly StoredObject[],
  events: readonly Json[],
  reader: Reader,
): Discount[] {
  const now = customers.flatMap(({ body }) => reader.discounts.resolve(body.discount) ?? []);
  const gone = events.flatMap((event) => {
    const data = record(record(event.data)?.object);
    if (event.type !== "customer.discount.deleted" || text(data?.subscription) !== null) return [];
    const discount = reader.discounts.resolve(data);
    const at = seconds(event.created);
    if (!discount || at === null || now.some(({ id }) => id === discount.id)) return [];
    return [{ ...discount, end: Math.min(at, discount.end ?? at) }];
  });
  return [...now, ...gone];
}

function surroundings(
  known: KnownObjects,
  own: (stream: string) => readonly StoredObject[],
  events: readonly Json[],
  reader: Reader,
  warn: (words: string) => void,
): Surroundings {
  const lines = partsOf(own("invoice_lines"), "invoice");
  const invoices = own("invoices").flatMap(({ id, body, deleted }) =>
    deleted ? [] : (readInvoice(body, reader.price, lines.get(id)) ?? []),
  );
  return {
    reader,
    events,
    invoices,
    issued: standing(invoices),
    schedules: own("subscription_schedules").flatMap((stored) =>
      stored.deleted ? [] : (readSchedule(stored, reader) ?? []),
    ),
    customerDiscounts: customerDiscounts(own("customers"), events, reader),
    planName: (price: Price) => {
      const product = price.product === null ? null : known.shared("products", price.product);
      return text(product?.body.name) ?? price.nickname ?? price.id;
    },
    since: known.since ?? null,
    warn,
  };
}

/** Parts that are kept as objects of their own, by what they are a part of. */
function partsOf(stored: readonly StoredObject[], owner: string): Map<string, Json[]> {
  const parts = new Map<string, Json[]>();
  for (const { parentId, body, deleted } of stored) {
    const id = parentId ?? text(body[owner]);
    if (deleted || id === null) continue;
    const list = parts.get(id) ?? [];
    parts.set(id, list);
    list.push(body);
  }
  return parts;
}

/** Every subscription that anything tells of, and those to come. */
function livesOf(
  own: (stream: string) => readonly StoredObject[],
  earlier: readonly StoredObject[],
  events: readonly Json[],
  around: Surroundings,
): Life[] {
  const current = new Map(own("subscriptions").map((object) => [object.id, object]));
  const before = Map.groupBy(
    earlier.filter(({ stream }) => stream === "subscriptions"),
    ({ id }) => id,
  );
  const told = events.flatMap((event) => {
    const id = text(record(record(event.data)?.object)?.id);
    return id !== null && text(event.type)?.startsWith("customer.subscription.") ? [id] : [];
  });
  const items = partsOf(own("subscription_items"), "subscription");
  const lives = [...new Set([...current.keys(), ...before.keys(), ...told])].sort().map((id) => {
    const now = current.get(id) ?? null;
    const goneAt = now?.deleted ? Math.floor(now.at / 1000) : null;
    return lifeOf(
      { id, current: now, earlier: before.get(id) ?? [], more: items.get(id) ?? [], goneAt },
      around,
    );
  });
  const scheduled = around.schedules.map((schedule) => scheduledLife(schedule, around));
  return [...lives, ...scheduled].filter((life) => life !== null);
}
