import type { KnownObjects, StoredObject } from "#connectors/connector.ts";
import type { CustomerFacts, VersionFact } from "#contracts/source-facts.ts";
import { mrrFromAnnual } from "#metrics/decimal.ts";
import { normaliseStripe } from "./normalise.ts";

/** Stripe's objects for tests, in today's shape unless told otherwise; and what comes of them, short enough to compare. */

export type Body = Record<string, unknown>;

/** Seconds since 1970 of '2026-01-15' or '2026-01-15T10:00:00Z'. */
export const at = (instant: string): number => Date.parse(instant) / 1000;

let counter = 0;
const next = (prefix: string): string => {
  counter += 1;
  return `${prefix}_${counter}`;
};

export const price = (id: string, unitAmount: number | null, more: Body = {}): Body => {
  const { interval = "month", interval_count = 1, usage_type = "licensed", ...rest } = more;
  return {
    id,
    object: "price",
    active: true,
    billing_scheme: "per_unit",
    currency: "usd",
    nickname: null,
    product: `prod_${id}`,
    recurring: { interval, interval_count, usage_type, meter: null },
    tax_behavior: "exclusive",
    tiers_mode: null,
    transform_quantity: null,
    type: "recurring",
    unit_amount: unitAmount,
    unit_amount_decimal: unitAmount === null ? null : String(unitAmount),
    ...rest,
  };
};

export const item = (id: string, of: Body, more: Body = {}): Body => ({
  id,
  object: "subscription_item",
  created: at("2026-01-01"),
  current_period_start: at("2026-06-01"),
  current_period_end: at("2026-07-01"),
  discounts: [],
  price: of,
  quantity: 1,
  tax_rates: [],
  ...more,
});

export const subscription = (items: readonly Body[], more: Body = {}): Body => ({
  id: "sub_1",
  object: "subscription",
  automatic_tax: { enabled: false },
  billing_mode: { type: "flexible" },
  cancel_at: null,
  cancel_at_period_end: false,
  canceled_at: null,
  cancellation_details: { comment: null, feedback: null, reason: null },
  created: at("2026-01-01"),
  currency: "usd",
  customer: "cus_1",
  default_tax_rates: [],
  discounts: [],
  ended_at: null,
  items: { object: "list", data: items, has_more: false },
  pause_collection: null,
  schedule: null,
  start_date: at("2026-01-01"),
  status: "active",
  trial_end: null,
  trial_start: null,
  ...more,
});

export const discount = (coupon: string | Body, more: Body = {}): Body => ({
  id: next("di"),
  object: "discount",
  end: null,
  source: { coupon, type: "coupon" },
  start: at("2026-01-01"),
  ...more,
});

export const coupon = (id: string, more: Body): Body => ({
  id,
  object: "coupon",
  amount_off: null,
  currency: null,
  duration: "forever",
  duration_in_months: null,
  name: id,
  percent_off: null,
  valid: true,
  ...more,
});

export interface LineGiven {
  item?: string | null;
  price: string | Body;
  amount: number;
  from: string;
  to: string;
  quantity?: number;
  /** Of a subscription's item (flexible), or as an invoice item (classic). */
  proration?: "flexible" | "classic";
  more?: Body;
}

export const line = (given: LineGiven): Body => {
  const proration = given.proration !== undefined;
  const details =
    given.proration === "classic"
      ? {
          type: "invoice_item_details",
          subscription_item_details: null,
          invoice_item_details: { invoice_item: next("ii"), proration, subscription: "sub_1" },
        }
      : {
          type: "subscription_item_details",
          invoice_item_details: null,
          subscription_item_details: { subscription: "sub_1", subscription_item: given.item, proration },
        };
  return {
    id: next("il"),
    object: "line_item",
    amount: given.amount,
    currency: "usd",
    discount_amounts: [],
    discounts: [],
    parent: details,
    period: { start: at(given.from), end: at(given.to) },
    pricing: { type: "price_details", price_details: { price: given.price }, unit_amount_decimal: null },
    quantity: given.quantity ?? 1,
    taxes: [],
    ...given.more,
  };
};

export const invoice = (created: string, lines: readonly Body[], more: Body = {}): Body => ({
  id: next("in"),
  object: "invoice",
  attempted: true,
  attempt_count: 1,
  created: at(created),
  currency: "usd",
  customer: "cus_1",
  lines: { object: "list", data: lines, has_more: false },
  parent: { type: "subscription_details", subscription_details: { subscription: "sub_1" } },
  status: "paid",
  status_transitions: { paid_at: at(created), voided_at: null },
  ...more,
});

export const event = (instant: string, type: string, object: Body, previous?: Body): Body => ({
  id: next("evt"),
  object: "event",
  created: at(instant),
  data: { object, ...(previous ? { previous_attributes: previous } : {}) },
  type,
});

export const customer = (more: Body = {}): Body => ({
  id: "cus_1",
  object: "customer",
  address: null,
  created: at("2025-12-31"),
  discount: null,
  email: "ada@example.com",
  metadata: {},
  name: "Ada",
  ...more,
});

export interface World {
  customers?: readonly Body[];
  subscriptions?: readonly Body[];
  schedules?: readonly Body[];
  invoices?: readonly Body[];
  prices?: readonly Body[];
  coupons?: readonly Body[];
  products?: readonly Body[];
  taxRates?: readonly Body[];
  events?: readonly Body[];
  /** Earlier states of subscriptions, with when each was read. */
  earlier?: readonly { body: Body; readAt: string }[];
  readAt?: string;
  since?: string;
}

const stored = (stream: string, body: Body, readAt: string): StoredObject => ({
  stream,
  id: String(body.id),
  parentId: null,
  body,
  deleted: body.deleted === true,
  at: Date.parse(readAt),
});

export function knownOf(world: World): KnownObjects {
  const readAt = world.readAt ?? "2026-06-15T12:00:00Z";
  const all = (stream: string, bodies: readonly Body[] = []): [string, StoredObject[]] => [
    stream,
    bodies.map((body) => stored(stream, body, readAt)),
  ];
  const shared = new Map([
    all("prices", world.prices),
    all("coupons", world.coupons),
    all("products", world.products),
    all("tax_rates", world.taxRates),
  ]);
  return {
    customerId: "cus_1",
    own: new Map([
      all("customers", world.customers ?? [customer()]),
      all("subscriptions", world.subscriptions),
      all("subscription_schedules", world.schedules),
      all("invoices", world.invoices),
    ]),
    shared: (stream, id) => shared.get(stream)?.find((object) => object.id === id) ?? null,
    events: world.events ?? [],
    earlier: (world.earlier ?? []).map(({ body, readAt: then }) => stored("subscriptions", body, then)),
    now: Date.parse(readAt) / 1000,
    since: world.since === undefined ? null : at(world.since),
  };
}

export const factsOf = (world: World): CustomerFacts => normaliseStripe(knownOf(world));

export type Choice = keyof VersionFact["annual"];

/** '2026-01-01 → 2026-03-01 active 25 (invoice)': MRR by the product's default choice of discounts unless another is asked for. */
export const lineOf = (version: VersionFact, choice: Choice = "recurring"): string => {
  const day = (instant: string | null): string => instant?.replace(/T00:00:00.000Z$/, "") ?? "…";
  const mrr = mrrFromAnnual(version.annual[choice]);
  const confidence = version.confidence === "exact" ? "" : ` (${version.confidence})`;
  return `${day(version.startedAt)} → ${day(version.endedAt)} ${version.status} ${mrr}${confidence}`;
};

export const linesOf = (world: World, choice: Choice = "recurring"): string[] =>
  factsOf(world).versions.map((version) => lineOf(version, choice));

/** What the versions of one instant are worth per month together. */
export const mrrOf = (world: World, choice: Choice = "recurring"): string[] =>
  factsOf(world).versions.map(({ annual }) => mrrFromAnnual(annual[choice]));
