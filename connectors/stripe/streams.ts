import type { StreamDescription } from "../connector.ts";

/** A Stripe object as it comes over the wire. */
export type Body = Record<string, unknown>;

/**
 * The streams of a Stripe account, in the order of a backfill. What is embedded in an object comes with it, complete: a
 * subscription holds all its `items.data`, an invoice all its `lines.data` (Stripe itself embeds ten), so neither is a stream.
 */
export interface StripeStream extends StreamDescription {
  /** `/v1/…` of its list; an object is at `path/id`. */
  path: string;
  /** What to tick for a restricted key, as the dashboard calls it. */
  permission: string;
  /** Listed once with each of these, one after the other. */
  passes: readonly Readonly<Record<string, string>>[];
  /** Of an object. In a list each has `data.` before it, and no more than four levels are allowed: tiers and coupons are joined from their own streams. */
  expand: readonly string[];
  /** The field of the object that it is a part of. */
  parent?: string;
  /** The embedded list that is to be complete. */
  nested?: NestedList;
}

export interface NestedList {
  field: "items" | "lines";
  path: (id: string) => string;
  expand: readonly string[];
}

const once = [{}] as const;

/** @throws Error: the caller asks for what no stream is */
export function streamOf(name: string): StripeStream {
  const stream = stripeStreams.find((one) => one.name === name);
  if (!stream) throw new Error(`Stripe has no stream ${name}`);
  return stream;
}

export const stripeStreams: readonly StripeStream[] = [
  {
    name: "products",
    label: "Products",
    required: false,
    path: "/v1/products",
    permission: "Products",
    // without `active` both kinds are listed
    passes: once,
    expand: [],
  },
  {
    name: "prices",
    label: "Prices",
    required: true,
    path: "/v1/prices",
    permission: "Prices",
    passes: [{ active: "true" }, { active: "false" }],
    expand: ["tiers", "currency_options"],
  },
  {
    name: "tax_rates",
    label: "Tax rates",
    required: false,
    path: "/v1/tax_rates",
    permission: "Tax rates",
    passes: once,
    expand: [],
  },
  {
    name: "coupons",
    label: "Coupons",
    required: false,
    path: "/v1/coupons",
    permission: "Coupons",
    passes: once,
    expand: ["applies_to", "currency_options"],
  },
  {
    name: "promotion_codes",
    label: "Promotion codes",
    required: false,
    path: "/v1/promotion_codes",
    permission: "Promotion codes",
    passes: once,
    expand: [],
  },
  {
    name: "customers",
    label: "Customers",
    required: true,
    path: "/v1/customers",
    permission: "Customers",
    passes: once,
    expand: [],
  },
  {
    name: "subscriptions",
    label: "Subscriptions",
    required: true,
    history: true,
    path: "/v1/subscriptions",
    permission: "Subscriptions",
    // without it those that have ended are left out
    passes: [{ status: "all" }],
    // a coupon that was deleted stands here only
    expand: ["discounts", "discounts.source.coupon", "items.data.discounts"],
    nested: {
      field: "items",
      path: (id) => `/v1/subscription_items?subscription=${encodeURIComponent(id)}`,
      expand: ["discounts"],
    },
  },
  {
    name: "subscription_schedules",
    label: "Subscription schedules",
    required: false,
    path: "/v1/subscription_schedules",
    permission: "Subscriptions",
    passes: once,
    expand: ["phases.discounts.discount"],
  },
  {
    name: "invoices",
    label: "Invoices",
    required: false,
    path: "/v1/invoices",
    permission: "Invoices",
    passes: once,
    // the discounts of then, that no subscription may have any more
    expand: [
      "discounts",
      "discounts.source.coupon",
      "total_discount_amounts.discount",
      "lines.data.discounts",
    ],
    nested: {
      field: "lines",
      path: (id) => `/v1/invoices/${encodeURIComponent(id)}/lines`,
      expand: ["discounts"],
    },
  },
  {
    name: "invoice_payments",
    label: "Invoice payments",
    required: false,
    path: "/v1/invoice_payments",
    permission: "Invoices",
    passes: once,
    expand: [],
    parent: "invoice",
  },
  {
    name: "charges",
    label: "Charges",
    required: false,
    path: "/v1/charges",
    permission: "Charges and refunds",
    passes: once,
    expand: [],
  },
  {
    name: "refunds",
    label: "Refunds",
    required: false,
    path: "/v1/refunds",
    permission: "Charges and refunds",
    passes: once,
    expand: [],
    parent: "charge",
  },
  {
    name: "credit_notes",
    label: "Credit notes",
    required: false,
    path: "/v1/credit_notes",
    permission: "Credit notes",
    passes: once,
    expand: [],
    parent: "invoice",
  },
  {
    // never listed by a backfill: what happened is asked for as changes
    name: "events",
    label: "Events",
    required: false,
    listed: false,
    tells: true,
    path: "/v1/events",
    permission: "Events",
    passes: once,
    expand: [],
  },
];
