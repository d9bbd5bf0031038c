import { type Item, itemsOf, periodEnd, priceOf, recurringOf } from "./billing.ts";
import type { StripeObject } from "./collection.ts";
import { createInvoice, fullLine, type LineDraft, list } from "./invoicing.ts";
import { createDiscount } from "./objects.ts";
import type { World } from "./world.ts";

/** What happens to subscriptions, with the invoices and events that Stripe makes of it. */

export interface SubscriptionInput {
  id?: string;
  customer: string;
  items: { price: string; quantity?: number; coupon?: string }[];
  coupon?: string;
  trialDays?: number;
  currency?: string;
  /** 'incomplete': the first invoice was not paid. */
  status?: "active" | "incomplete";
  billingMode?: "classic" | "flexible";
  taxRates?: string[];
  metadata?: Record<string, string>;
}

export function createSubscription(world: World, input: SubscriptionInput): StripeObject {
  const at = world.now();
  const id = input.id ?? world.newId("sub");
  const trialEnd = input.trialDays ? at + input.trialDays * 86_400 : null;
  const first = world.get("prices", input.items[0]!.price);
  const coupons = input.coupon === undefined ? [] : [input.coupon];
  const subscription = {
    id,
    object: "subscription",
    created: at,
    automatic_tax: { disabled_reason: null, enabled: false, liability: null },
    billing_cycle_anchor: trialEnd ?? at,
    billing_mode: { flexible: null, type: input.billingMode ?? "flexible" },
    cancel_at: null,
    cancel_at_period_end: false,
    canceled_at: null,
    cancellation_details: { comment: null, feedback: null, reason: null },
    collection_method: "charge_automatically",
    currency: input.currency ?? String(first.currency),
    customer: input.customer,
    default_tax_rates: (input.taxRates ?? []).map((rate) => world.get("tax_rates", rate)),
    discounts: coupons.map(
      (coupon) => createDiscount(world, { coupon, customer: input.customer, subscription: id }).id,
    ),
    ended_at: null,
    items: list(
      input.items.map((item) => newItem(world, id, input.customer, item, trialEnd)),
      `/v1/subscription_items?subscription=${id}`,
    ),
    latest_invoice: null as string | null,
    livemode: world.livemode,
    metadata: input.metadata ?? {},
    pause_collection: null,
    schedule: null,
    start_date: at,
    status: input.status ?? (trialEnd === null ? "active" : "trialing"),
    test_clock: null,
    trial_end: trialEnd,
    trial_start: trialEnd === null ? null : at,
  };
  world.put("subscriptions", subscription);
  world.tell("customer.subscription.created", subscription);
  if (trialEnd === null) {
    const status = input.status === "incomplete" ? "open" : "paid";
    invoiceAll(world, subscription, "subscription_create", status);
  }
  return world.get("subscriptions", id);
}

function newItem(
  world: World,
  subscription: string,
  customer: string,
  { price, quantity = 1, coupon }: SubscriptionInput["items"][number],
  until: number | null = null,
): Item {
  const at = world.now();
  const id = world.newId("si");
  return {
    id,
    object: "subscription_item",
    created: at,
    current_period_end: until ?? periodEnd(world.get("prices", price), at),
    current_period_start: at,
    discounts:
      coupon === undefined ? [] : [createDiscount(world, { coupon, customer, subscription, item: id }).id],
    metadata: {},
    price,
    quantity,
    subscription,
    tax_rates: [],
  };
}

function invoiceAll(
  world: World,
  subscription: StripeObject,
  reason: "subscription_create" | "subscription_cycle",
  status: "paid" | "open",
): void {
  const lines = itemsOf(subscription).map((item) => fullLine(world, item));
  const invoice = createInvoice(world, subscription, lines, { reason, status });
  const discounts = (subscription.discounts as string[]).filter((one) => lasts(world, one));
  world.put("subscriptions", {
    ...world.get("subscriptions", subscription.id),
    discounts,
    latest_invoice: invoice.id,
  });
}

/** One of a coupon for one invoice is gone with it, and others when their time is over. */
function lasts(world: World, id: string): boolean {
  const discount = world.get("discounts", id) as StripeObject & {
    end: number | null;
    source: { coupon: string };
  };
  const coupon = world.collections.coupons.get(discount.source.coupon);
  return coupon?.duration !== "once" && (discount.end === null || discount.end > world.now());
}

const withItems = (subscription: StripeObject, items: readonly Item[]) => ({
  items: list(items, `/v1/subscription_items?subscription=${subscription.id}`),
});

/** The next period begins; a trial that ends here becomes active. @param paid false: the subscription is past due */
export function renew(world: World, id: string, { paid = true }: { paid?: boolean } = {}): StripeObject {
  const subscription = world.get("subscriptions", id);
  const items = itemsOf(subscription).map((item) => ({
    ...item,
    current_period_start: item.current_period_end,
    current_period_end: periodEnd(world.get("prices", item.price), item.current_period_end),
  }));
  const changed = world.change(
    "subscriptions",
    id,
    { ...withItems(subscription, items), status: paid ? "active" : "past_due" },
    "customer.subscription.updated",
  );
  invoiceAll(world, changed, "subscription_cycle", paid ? "paid" : "open");
  return world.get("subscriptions", id);
}

export interface ItemChange {
  /** An item that is there; without it one is added. */
  item?: string;
  price?: string;
  quantity?: number;
  remove?: boolean;
}

/** A change in mid-period: what was paid and not used comes back, what is new is billed for the rest, on an invoice at once. */
export function changeItems(
  world: World,
  id: string,
  changes: readonly ItemChange[],
  { prorate = true }: { prorate?: boolean } = {},
): StripeObject {
  const subscription = world.get("subscriptions", id);
  const at = world.now();
  let items = itemsOf(subscription);
  const lines: LineDraft[] = [];
  for (const change of changes) {
    const before = items.find((item) => item.id === change.item);
    const after = change.remove
      ? null
      : before
        ? swapped(world, before, change)
        : {
            ...newItem(world, id, String(subscription.customer), {
              price: change.price!,
              quantity: change.quantity ?? 1,
            }),
            ...periodOf(items),
          };
    if (before) lines.push(prorated(world, before, at, -1));
    if (after && before?.current_period_end !== after.current_period_end && before)
      lines.push(fullLine(world, after));
    else if (after) lines.push(prorated(world, after, at, 1));
    items = before ? items.flatMap((item) => (item === before ? (after ?? []) : item)) : [...items, after!];
  }
  const changed = world.change(
    "subscriptions",
    id,
    withItems(subscription, items),
    "customer.subscription.updated",
  );
  if (prorate) createInvoice(world, changed, lines, { reason: "subscription_update" });
  return world.get("subscriptions", id);
}

/** With another interval a new period begins now. */
function swapped(
  world: World,
  item: Item,
  { price = item.price, quantity = item.quantity }: ItemChange,
): Item {
  const isSame = sameInterval(world.get("prices", item.price), world.get("prices", price));
  const at = world.now();
  const period = isSame
    ? {}
    : { current_period_start: at, current_period_end: periodEnd(world.get("prices", price), at) };
  return { ...item, ...period, price, quantity };
}

function sameInterval(one: StripeObject, other: StripeObject): boolean {
  const [a, b] = [recurringOf(one), recurringOf(other)];
  return a.interval === b.interval && a.interval_count === b.interval_count;
}

const periodOf = (items: readonly Item[]) => {
  const [first] = items;
  return first
    ? { current_period_start: first.current_period_start, current_period_end: first.current_period_end }
    : {};
};

function prorated(world: World, item: Item, at: number, sign: 1 | -1): LineDraft {
  const price = world.get("prices", item.price);
  const share = (item.current_period_end - at) / (item.current_period_end - item.current_period_start);
  return {
    item,
    price,
    quantity: item.quantity,
    amount: sign * Math.round(priceOf(price, item.quantity) * Math.max(0, Math.min(1, share))),
    period: { start: at, end: item.current_period_end },
    proration: true,
  };
}

/** @param atPeriodEnd true: only asked for now */
export function cancel(
  world: World,
  id: string,
  { atPeriodEnd = false, reason = "cancellation_requested" }: { atPeriodEnd?: boolean; reason?: string } = {},
): StripeObject {
  const subscription = world.get("subscriptions", id);
  const at = world.now();
  if (atPeriodEnd) {
    const end = Math.min(...itemsOf(subscription).map((item) => item.current_period_end));
    return world.change(
      "subscriptions",
      id,
      {
        cancel_at: end,
        cancel_at_period_end: true,
        canceled_at: at,
        cancellation_details: { comment: null, feedback: null, reason },
      },
      "customer.subscription.updated",
    );
  }
  const ended = world.change(
    "subscriptions",
    id,
    {
      canceled_at: subscription.canceled_at ?? at,
      cancellation_details: { comment: null, feedback: null, reason },
      ended_at: at,
      status: "canceled",
    },
    null,
  );
  world.tell("customer.subscription.deleted", ended);
  return ended;
}

/** Invoices go on, and are not collected. Null: they are again. */
export function pauseCollection(
  world: World,
  id: string,
  behavior: "mark_uncollectible" | "keep_as_draft" | "void" | null,
): StripeObject {
  return world.change(
    "subscriptions",
    id,
    { pause_collection: behavior === null ? null : { behavior, resumes_at: null } },
    "customer.subscription.updated",
  );
}

/** No invoices and no service until `resume`. */
export function pause(world: World, id: string): StripeObject {
  const details = { paused: { subscription: { type: "pause_requested" }, transitioned_at: world.now() } };
  const paused = world.change("subscriptions", id, { status: "paused", status_details: details }, null);
  world.tell("customer.subscription.paused", paused, { status: "active" });
  return paused;
}

export function resume(world: World, id: string): StripeObject {
  const resumed = world.change("subscriptions", id, { status: "active", status_details: null }, null);
  world.tell("customer.subscription.resumed", resumed, { status: "paused" });
  return resumed;
}

export function applyCoupon(world: World, id: string, coupon: string): StripeObject {
  const subscription = world.get("subscriptions", id);
  const discount = createDiscount(world, {
    coupon,
    customer: String(subscription.customer),
    subscription: id,
  });
  const changed = world.change(
    "subscriptions",
    id,
    { discounts: [...(subscription.discounts as string[]), discount.id] },
    "customer.subscription.updated",
  );
  world.tell("customer.discount.created", discount);
  return changed;
}

/** The customer goes; its subscriptions end at once, and stay to be listed. */
export function deleteCustomer(world: World, id: string): void {
  for (const subscription of world.collections.subscriptions.all())
    if (subscription.customer === id && subscription.status !== "canceled") cancel(world, subscription.id);
  world.remove("customers", id, "customer.deleted");
}
