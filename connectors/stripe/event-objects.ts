import type { Change } from "../connector.ts";
import { customerOf, idOf } from "./bodies.ts";
import type { Body } from "./streams.ts";

/** Which stream an object of an event is read from again. What is in none of them (sources, disputes' evidence) tells no change. */
const streamByObject: Readonly<Record<string, string>> = {
  product: "products",
  price: "prices",
  // a plan is a price of the same id
  plan: "prices",
  tax_rate: "tax_rates",
  coupon: "coupons",
  promotion_code: "promotion_codes",
  customer: "customers",
  subscription: "subscriptions",
  subscription_schedule: "subscription_schedules",
  invoice: "invoices",
  invoice_payment: "invoice_payments",
  charge: "charges",
  refund: "refunds",
  credit_note: "credit_notes",
};

/** Objects that cannot be read by themselves: what they are a part of is. The first that is named. */
const owners: Readonly<Record<string, readonly (readonly [field: string, stream: string])[]>> = {
  discount: [
    ["subscription", "subscriptions"],
    ["customer", "customers"],
  ],
  dispute: [["charge", "charges"]],
  subscription_item: [["subscription", "subscriptions"]],
};

/** What an event is about, or null: nothing that is kept. */
export function changeOf(event: Body): Change | null {
  const data = event.data;
  const object = typeof data === "object" && data !== null ? (data as Body).object : null;
  const eventId = idOf(event);
  if (eventId === null || typeof event.type !== "string" || typeof object !== "object" || object === null)
    return null;
  const target = targetOf(object as Body);
  if (!target) return null;
  return {
    eventId,
    type: event.type,
    stream: target.stream,
    objectId: target.id,
    customerId: customerOf(target.stream, target.body),
    at: typeof event.created === "number" ? event.created : 0,
    livemode: event.livemode === true,
    account: typeof event.account === "string" ? event.account : null,
    body: event,
  };
}

function targetOf(object: Body): { stream: string; id: string; body: Body } | null {
  const kind = String(object.object);
  for (const [field, stream] of owners[kind] ?? []) {
    const id = idOf(object[field]);
    if (id !== null) return { stream, id, body: stream === "customers" ? { id } : object };
  }
  const stream = Object.hasOwn(streamByObject, kind) ? streamByObject[kind] : undefined;
  // a preview (invoice.upcoming) has no id: there is nothing to read
  const id = idOf(object.id);
  return stream === undefined || id === null ? null : { stream, id, body: object };
}
