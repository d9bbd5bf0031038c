/** Objects of connected systems by what evidence calls them: where each is kept, and where people can look at it. */

export interface SourceObjectRef {
  /** `subscription`, `invoice`, … */
  type: string;
  id: string;
  source_id: string;
}

/** Kinds of objects that facts are made from: the stream that holds them, and the vendor's own page of one. */
const stripeObjects = {
  customer: { stream: "customers", label: "Customer", page: "customers" },
  subscription: { stream: "subscriptions", label: "Subscription", page: "subscriptions" },
  schedule: {
    stream: "subscription_schedules",
    label: "Subscription schedule",
    page: "subscription_schedules",
  },
  invoice: { stream: "invoices", label: "Invoice", page: "invoices" },
  /** Part of an invoice. */
  invoice_line: { stream: "invoices", label: "Invoice line", page: null },
  event: { stream: "events", label: "Event", page: "events" },
  price: { stream: "prices", label: "Price", page: "prices" },
  product: { stream: "products", label: "Product", page: "products" },
  coupon: { stream: "coupons", label: "Coupon", page: "coupons" },
} as const;
type StripeObjectType = keyof typeof stripeObjects;

const typeOf = (type: string): StripeObjectType | null =>
  (Object.keys(stripeObjects) as StripeObjectType[]).find((one) => one === type) ?? null;

/** "Subscription" */
export const objectLabel = (type: string): string => {
  const known = typeOf(type);
  return known ? stripeObjects[known].label : type.replaceAll("_", " ");
};

/** Where an object is kept; null: nothing of the kind is. */
export const objectStream = (type: string): string | null => {
  const known = typeOf(type);
  return known && stripeObjects[known].stream;
};

/** The page of an object in Stripe's dashboard; null where it has none. */
export function stripePage(
  { type, id }: Pick<SourceObjectRef, "type" | "id">,
  { livemode, account }: { livemode: boolean | null; account: string | null },
): string | null {
  const known = typeOf(type);
  const page = known && stripeObjects[known].page;
  if (!page) return null;
  const of = account === null ? "" : `${encodeURIComponent(account)}/`;
  return `https://dashboard.stripe.com/${of}${livemode === false ? "test/" : ""}${page}/${encodeURIComponent(id)}`;
}

/** `subscription:sub_1` */
export function parseEvidence(evidence: string, sourceId: string): SourceObjectRef {
  const at = evidence.indexOf(":");
  return { type: evidence.slice(0, at), id: evidence.slice(at + 1), source_id: sourceId };
}
