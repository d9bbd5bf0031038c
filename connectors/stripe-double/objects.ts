import type { StripeObject } from "./collection.ts";
import type { World } from "./world.ts";

/** Objects with all the fields that Stripe gives them at this version, from what matters of each. */

export function madeAccount(id: string, name: string): StripeObject {
  return {
    id,
    object: "account",
    created: 1_546_300_800,
    business_profile: { name, support_email: null, url: null },
    business_type: "company",
    charges_enabled: true,
    country: "US",
    default_currency: "usd",
    details_submitted: true,
    email: null,
    metadata: {},
    payouts_enabled: true,
    settings: { dashboard: { display_name: name, timezone: "Etc/UTC" } },
    type: "standard",
  };
}

const base = (world: World, prefix: string, object: string, id?: string) => ({
  id: id ?? world.newId(prefix),
  object,
  created: world.now(),
  livemode: world.livemode,
  metadata: {} as Record<string, string>,
});

export function createProduct(world: World, { id, name }: { id?: string; name: string }): StripeObject {
  const product = {
    ...base(world, "prod", "product", id),
    active: true,
    default_price: null,
    description: null,
    name,
    tax_code: null,
    type: "service",
    unit_label: null,
    updated: world.now(),
    url: null,
  };
  world.put("products", product);
  world.tell("product.created", product);
  return product;
}

export interface Tier {
  up_to: number | null;
  unit_amount: number | null;
  flat_amount: number | null;
}

export interface PriceInput {
  id?: string;
  product: string;
  currency?: string;
  /** Minor units; may be a fraction ('0.5'). */
  amount?: number | string;
  interval?: "day" | "week" | "month" | "year";
  intervalCount?: number;
  usageType?: "licensed" | "metered";
  tiersMode?: "graduated" | "volume";
  tiers?: Tier[];
  transformQuantity?: { divide_by: number; round: "up" | "down" };
  currencyOptions?: Record<string, { unit_amount: number }>;
  taxBehavior?: "inclusive" | "exclusive" | "unspecified";
  active?: boolean;
  nickname?: string;
  /** Made with a subscription (`price_data`): it stands in no list. */
  inline?: boolean;
}

export function createPrice(world: World, input: PriceInput): StripeObject {
  const decimal = input.tiers ? null : String(input.amount ?? 0);
  const whole = decimal !== null && /^\d+$/.test(decimal) ? Number(decimal) : null;
  const price = {
    ...base(world, "price", "price", input.id),
    active: input.active ?? !input.inline,
    billing_scheme: input.tiers ? "tiered" : "per_unit",
    currency: input.currency ?? "usd",
    ...(input.currencyOptions ? { currency_options: optionsOf(input.currencyOptions) } : {}),
    custom_unit_amount: null,
    lookup_key: null,
    nickname: input.nickname ?? null,
    product: input.product,
    recurring: {
      interval: input.interval ?? "month",
      interval_count: input.intervalCount ?? 1,
      meter: null,
      trial_period_days: null,
      usage_type: input.usageType ?? "licensed",
    },
    tax_behavior: input.taxBehavior ?? "unspecified",
    ...(input.tiers ? { tiers: input.tiers.map(tierOf) } : {}),
    tiers_mode: input.tiersMode ?? (input.tiers ? "graduated" : null),
    transform_quantity: input.transformQuantity ?? null,
    type: "recurring",
    unit_amount: whole,
    unit_amount_decimal: decimal,
  };
  world.put("prices", price, { listed: !input.inline });
  world.tell("price.created", price);
  return price;
}

const tierOf = (tier: Tier) => ({
  flat_amount: tier.flat_amount,
  flat_amount_decimal: tier.flat_amount === null ? null : String(tier.flat_amount),
  unit_amount: tier.unit_amount,
  unit_amount_decimal: tier.unit_amount === null ? null : String(tier.unit_amount),
  up_to: tier.up_to,
});

const optionsOf = (options: Record<string, { unit_amount: number }>) =>
  Object.fromEntries(
    Object.entries(options).map(([currency, { unit_amount }]) => [
      currency,
      {
        custom_unit_amount: null,
        tax_behavior: "unspecified",
        unit_amount,
        unit_amount_decimal: String(unit_amount),
      },
    ]),
  );

export interface CouponInput {
  id?: string;
  percentOff?: number;
  /** Minor units. */
  amountOff?: number;
  currency?: string;
  duration?: "once" | "repeating" | "forever";
  months?: number;
  products?: string[];
}

export function createCoupon(world: World, input: CouponInput): StripeObject {
  const coupon = {
    ...base(world, "co", "coupon", input.id),
    amount_off: input.amountOff ?? null,
    ...(input.products ? { applies_to: { products: input.products } } : {}),
    currency: input.amountOff === undefined ? null : (input.currency ?? "usd"),
    duration: input.duration ?? "forever",
    duration_in_months: input.months ?? null,
    max_redemptions: null,
    name: null,
    percent_off: input.percentOff ?? null,
    redeem_by: null,
    times_redeemed: 0,
    valid: true,
  };
  world.put("coupons", coupon);
  world.tell("coupon.created", coupon);
  return coupon;
}

export function createTaxRate(
  world: World,
  { percentage, inclusive }: { percentage: number; inclusive: boolean },
): StripeObject {
  return world.put("tax_rates", {
    ...base(world, "txr", "tax_rate"),
    active: true,
    country: "DE",
    description: null,
    display_name: "VAT",
    effective_percentage: percentage,
    inclusive,
    jurisdiction: "DE",
    percentage,
    tax_type: "vat",
  });
}

export function createPromotionCode(
  world: World,
  { coupon, code }: { coupon: string; code: string },
): StripeObject {
  return world.put("promotion_codes", {
    ...base(world, "promo", "promotion_code"),
    active: true,
    code,
    customer: null,
    expires_at: null,
    max_redemptions: null,
    promotion: { coupon, type: "coupon" },
    restrictions: { first_time_transaction: false, minimum_amount: null, minimum_amount_currency: null },
    times_redeemed: 0,
  });
}

export interface CustomerInput {
  id?: string;
  name?: string;
  email?: string;
  country?: string;
  currency?: string;
  metadata?: Record<string, string>;
}

export function createCustomer(world: World, input: CustomerInput = {}): StripeObject {
  const customer = {
    ...base(world, "cus", "customer", input.id),
    address: input.country
      ? { city: null, country: input.country, line1: null, line2: null, postal_code: null, state: null }
      : null,
    balance: 0,
    currency: input.currency ?? null,
    default_source: null,
    delinquent: false,
    description: null,
    discount: null,
    email: input.email ?? null,
    invoice_prefix: "DOUBLE",
    metadata: input.metadata ?? {},
    name: input.name ?? null,
    phone: null,
    preferred_locales: [],
    shipping: null,
    tax_exempt: "none",
    test_clock: null,
  };
  world.put("customers", customer);
  world.tell("customer.created", customer);
  return customer;
}

/** A coupon as it was given to a subscription (or a customer, or an item): runs from now as long as the coupon says. */
export function createDiscount(
  world: World,
  {
    coupon,
    customer,
    subscription = null,
    item = null,
  }: { coupon: string; customer: string; subscription?: string | null; item?: string | null },
): StripeObject {
  const { duration, duration_in_months: months } = world.get("coupons", coupon) as StripeObject & {
    duration: string;
    duration_in_months: number | null;
  };
  const { metadata: _, livemode: __, created, ...rest } = base(world, "di", "discount");
  return world.put("discounts", {
    ...rest,
    created,
    checkout_session: null,
    customer,
    end: duration === "repeating" ? addMonths(created, months ?? 1) : null,
    invoice: null,
    invoice_item: null,
    promotion_code: null,
    source: { coupon, type: "coupon" },
    start: created,
    subscription,
    subscription_item: item,
  });
}

/** Seconds to seconds, in UTC; the last day of a shorter month where the day does not exist. */
export function addMonths(seconds: number, months: number): number {
  const date = new Date(seconds * 1000);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + months);
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(day, last));
  return Math.floor(date.getTime() / 1000);
}
