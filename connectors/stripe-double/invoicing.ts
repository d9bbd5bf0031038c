import { discountOf, type Item, priceOf } from "./billing.ts";
import type { StripeObject } from "./collection.ts";
import type { World } from "./world.ts";

/** A line before it belongs to an invoice. */
export interface LineDraft {
  item: Item;
  price: StripeObject;
  quantity: number;
  /** Minor units; negative: money back for time that was paid. */
  amount: number;
  period: { start: number; end: number };
  proration: boolean;
}

export const fullLine = (world: World, item: Item): LineDraft => {
  const price = world.get("prices", item.price);
  return {
    item,
    price,
    quantity: item.quantity,
    amount: priceOf(price, item.quantity),
    period: { start: item.current_period_start, end: item.current_period_end },
    proration: false,
  };
};

export interface InvoiceOptions {
  reason: "subscription_create" | "subscription_cycle" | "subscription_update";
  /** 'paid' with a charge, or 'open': nobody paid. */
  status?: "paid" | "open" | "void" | "uncollectible";
}

/** A finalised invoice of a subscription, by need with its charge and payment. */
export function createInvoice(
  world: World,
  subscription: StripeObject,
  drafts: readonly LineDraft[],
  options: InvoiceOptions,
): StripeObject {
  const at = world.now();
  const id = world.newId("in");
  const customer = String(subscription.customer);
  const currency = String(subscription.currency);
  const ids = subscription.discounts as string[];
  const lines = drafts.map((draft) => lineOf(world, id, subscription, draft, ids));
  const subtotal = lines.reduce((sum, { amount }) => sum + amount, 0);
  const discounts = total(lines.flatMap(({ discount_amounts }) => discount_amounts));
  const due = Math.max(0, subtotal - discounts.reduce((sum, { amount }) => sum + amount, 0));
  const status = options.status ?? "paid";
  const paid = status === "paid";
  const invoice = {
    id,
    object: "invoice",
    created: at,
    account_country: "US",
    amount_due: due,
    amount_paid: paid ? due : 0,
    amount_remaining: paid ? 0 : due,
    attempted: true,
    auto_advance: false,
    automatic_tax: { enabled: false, status: null },
    billing_reason: options.reason,
    collection_method: "charge_automatically",
    currency,
    customer,
    default_tax_rates: [],
    discounts: ids,
    due_date: null,
    effective_at: at,
    lines: list(lines, `/v1/invoices/${id}/lines`),
    livemode: world.livemode,
    metadata: {},
    number: `DOUBLE-${id.slice(-6)}`,
    parent: {
      quote_details: null,
      subscription_details: { metadata: {}, subscription: subscription.id },
      type: "subscription_details",
    },
    period_end: at,
    period_start: at,
    post_payment_credit_notes_amount: 0,
    pre_payment_credit_notes_amount: 0,
    status,
    status_transitions: {
      finalized_at: at,
      marked_uncollectible_at: status === "uncollectible" ? at : null,
      paid_at: paid ? at : null,
      voided_at: status === "void" ? at : null,
    },
    subtotal,
    test_clock: null,
    total: due,
    total_discount_amounts: discounts,
    total_excluding_tax: due,
    total_taxes: [],
  };
  world.put("invoices", invoice);
  world.tell("invoice.created", invoice);
  world.tell("invoice.finalized", invoice);
  if (paid && due > 0) pay(world, invoice);
  world.tell(paid ? "invoice.paid" : "invoice.payment_failed", invoice);
  return invoice;
}

function lineOf(
  world: World,
  invoice: string,
  subscription: StripeObject,
  draft: LineDraft,
  subscriptionDiscounts: readonly string[],
) {
  const item = draft.amount > 0 ? discountOf(world, draft.item.discounts, draft.amount) : [];
  const left = draft.amount - item.reduce((sum, { amount }) => sum + amount, 0);
  const rest = draft.amount > 0 ? discountOf(world, subscriptionDiscounts, left) : [];
  const unit = draft.price.unit_amount_decimal;
  return {
    id: world.newId("il"),
    object: "line_item",
    created: world.now(),
    amount: draft.amount,
    currency: String(subscription.currency),
    description: `${draft.quantity} × ${String(draft.price.nickname ?? draft.price.id)}`,
    discount_amounts: [...item, ...rest],
    discountable: true,
    discounts: draft.item.discounts,
    invoice,
    livemode: world.livemode,
    metadata: {},
    parent: {
      invoice_item_details: null,
      subscription_item_details: {
        invoice_item: null,
        proration: draft.proration,
        proration_details: { credited_items: null },
        subscription: subscription.id,
        subscription_item: draft.item.id,
      },
      type: "subscription_item_details",
    },
    period: draft.period,
    pretax_credit_amounts: [],
    pricing: {
      price_details: { price: draft.price.id, product: draft.price.product },
      type: "price_details",
      unit_amount_decimal: draft.proration ? null : unit,
    },
    quantity: draft.quantity,
    subtotal: draft.amount,
    taxes: [],
  };
}

function total(
  amounts: readonly { discount: string; amount: number }[],
): { amount: number; discount: string }[] {
  const sums = new Map<string, number>();
  for (const { discount, amount } of amounts) sums.set(discount, (sums.get(discount) ?? 0) + amount);
  return [...sums].map(([discount, amount]) => ({ amount, discount }));
}

function pay(
  world: World,
  invoice: { id: string; customer: string; currency: string; amount_due: number },
): void {
  const at = world.now();
  const intent = world.newId("pi");
  const charge = {
    id: world.newId("ch"),
    object: "charge",
    created: at,
    amount: invoice.amount_due,
    amount_captured: invoice.amount_due,
    amount_refunded: 0,
    captured: true,
    currency: invoice.currency,
    customer: invoice.customer,
    description: "Subscription update",
    disputed: false,
    livemode: world.livemode,
    metadata: {},
    paid: true,
    payment_intent: intent,
    refunded: false,
    status: "succeeded",
  };
  world.put("charges", charge);
  world.put("invoice_payments", {
    id: world.newId("inpay"),
    object: "invoice_payment",
    created: at,
    amount_paid: invoice.amount_due,
    amount_requested: invoice.amount_due,
    currency: invoice.currency,
    invoice: invoice.id,
    is_default: true,
    livemode: world.livemode,
    payment: { payment_intent: intent, type: "payment_intent" },
    status: "paid",
    status_transitions: { canceled_at: null, paid_at: at },
  });
  world.tell("charge.succeeded", charge);
}

/** A refund of a charge, of some of it or all. */
export function refund(world: World, chargeId: string, amount: number): StripeObject {
  const charge = world.get("charges", chargeId);
  const made = world.put("refunds", {
    id: world.newId("re"),
    object: "refund",
    created: world.now(),
    amount,
    charge: chargeId,
    currency: charge.currency,
    metadata: {},
    payment_intent: charge.payment_intent,
    reason: "requested_by_customer",
    status: "succeeded",
  });
  const refunded = Number(charge.amount_refunded) + amount;
  world.change(
    "charges",
    chargeId,
    { amount_refunded: refunded, refunded: refunded === charge.amount },
    "charge.refunded",
  );
  world.tell("refund.created", made);
  return made;
}

export const list = (data: readonly StripeObject[], url: string) => ({
  object: "list",
  data,
  has_more: false,
  total_count: data.length,
  url,
});
