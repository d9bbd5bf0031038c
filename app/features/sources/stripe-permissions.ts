/** What a restricted key must be allowed to do in Stripe: to read, and nothing else. */

interface Permission {
  /** As Stripe's own form for restricted keys names it. */
  label: string;
  /** As addresses of that form name it. */
  slugs: readonly string[];
  /** What is missed without it. */
  why: string;
  required: boolean;
}

export const stripePermissions: readonly Permission[] = [
  { label: "Customers", slugs: ["rak_customer_read"], why: "who pays", required: true },
  { label: "Prices", slugs: ["rak_plan_read"], why: "what a plan costs", required: true },
  { label: "Subscriptions", slugs: ["rak_subscription_read"], why: "who has which plan", required: true },
  { label: "Products", slugs: ["rak_product_read"], why: "the names of plans", required: false },
  { label: "Invoices", slugs: ["rak_invoice_read"], why: "what held before you connected", required: false },
  { label: "Events", slugs: ["rak_event_read"], why: "changes as they happen", required: false },
  { label: "Coupons", slugs: ["rak_coupon_read"], why: "discounts", required: false },
  {
    label: "Promotion codes",
    slugs: ["rak_promotion_code_read"],
    why: "which code brought whom",
    required: false,
  },
  { label: "Tax rates", slugs: ["rak_tax_rate_read"], why: "taxes that prices contain", required: false },
  {
    label: "Charges and refunds",
    slugs: ["rak_charge_read", "rak_payment_intent_read"],
    why: "payments and refunds",
    required: false,
  },
  { label: "Credit notes", slugs: ["rak_credit_note_read"], why: "corrections of invoices", required: false },
];

/**
 * Stripe's form for a restricted key with everything ticked. Stripe does not document these parameters: whoever links there
 * lists the permissions beside.
 */
export function createKeyAddress(): string {
  const search = new URLSearchParams({ name: "Jarvis360" });
  const slugs = stripePermissions.flatMap((permission) => permission.slugs);
  for (const [place, slug] of slugs.entries()) search.set(`permissions[${place}]`, slug);
  return `https://dashboard.stripe.com/apikeys/create?${search}`;
}
