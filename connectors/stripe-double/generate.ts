import { itemsOf } from "./billing.ts";
import { type Catalogue, createCatalogue } from "./catalogue.ts";
import { type Chance, createChance } from "./chance.ts";
import type { StripeObject } from "./collection.ts";
import { refund } from "./invoicing.ts";
import { createCustomer, createPrice } from "./objects.ts";
import { createSchedule } from "./schedules.ts";
import {
  applyCoupon,
  cancel,
  changeItems,
  createSubscription,
  pause,
  pauseCollection,
  renew,
  type SubscriptionInput,
} from "./subscriptions.ts";
import type { World } from "./world.ts";

export interface WorldPlan {
  customers: number;
  /** Of all customers; the rest are spread by chance. Default: 1.5 a customer. */
  subscriptionsEach?: number;
  /** How many invoices a subscription has on average: longer lives are cut short. Default 4.5. */
  invoicesEach?: number;
  seed?: number;
}

const day = 86_400;
/** Stripe keeps its events this long. */
const eventsKept = 30 * day;

/** Fills a world with the life of a company, from three years ago until now: the same for the same seed and clock. */
export function generateWorld(world: World, plan: WorldPlan): Catalogue {
  const now = world.now();
  const from = now - 3 * 365 * day;
  world.time = from;
  world.tellsEvents = false;
  const catalogue = createCatalogue(world);
  const { seed = 1, subscriptionsEach = 1.5 } = plan;
  for (let index = 0; index < plan.customers; index++) {
    const chance = createChance(seed * 1_000_003 + index);
    const signedUp = from + Math.floor(((index + chance.next()) / plan.customers) * (now - from - day));
    at(world, signedUp, now);
    const country = chance.pick(["US", "US", "US", "DE", "GB", "FR", "JP"]);
    const currency =
      ({ DE: "eur", FR: "eur", GB: "gbp", JP: "jpy" } as Record<string, string>)[country] ?? "usd";
    const customer = createCustomer(world, {
      name: `Customer ${index + 1}`,
      email: `customer${index + 1}@example.com`,
      country,
      currency,
      metadata: { segment: chance.pick(["self-serve", "sales"]) },
    });
    const count = Math.floor(subscriptionsEach * (index + 1)) - Math.floor(subscriptionsEach * index);
    for (let subscription = 0; subscription < count; subscription++) {
      const began = signedUp + (subscription === 0 ? 0 : Math.floor(chance.next() * (now - signedUp)));
      live(world, { catalogue, chance, customer, currency, began, now, invoices: plan.invoicesEach ?? 4.5 });
    }
  }
  world.time = null;
  world.tellsEvents = true;
  return catalogue;
}

function at(world: World, seconds: number, now: number): void {
  world.time = seconds;
  world.tellsEvents = seconds > now - eventsKept;
}

interface Life {
  catalogue: Catalogue;
  chance: Chance;
  customer: StripeObject;
  currency: string;
  began: number;
  now: number;
  invoices: number;
}

/** One subscription, from its beginning to its end or until now. */
function live(world: World, life: Life): void {
  const { chance, began, now } = life;
  at(world, began, now);
  const subscription = createSubscription(world, beginning(world, life));
  if (subscription.status === "incomplete") return;
  if (chance.happens(0.03))
    createSchedule(world, subscription.id, { price: chance.pick(life.catalogue.plans[life.currency]!) });
  // some live long, most do not: on average as many invoices as were asked for
  const periods = Math.max(1, Math.round(-Math.log(1 - chance.next() * 0.98) * life.invoices * 1.1));
  for (let period = 1; ; period++) {
    const current = world.get("subscriptions", subscription.id);
    const [item] = itemsOf(current);
    const end = item!.current_period_end;
    const middle =
      item!.current_period_start + Math.floor((end - item!.current_period_start) * chance.next());
    if (middle < now && period > 1) during(world, life, current, middle);
    if (end >= now) {
      finish(world, life, subscription.id, middle);
      return;
    }
    if (period > periods) {
      at(world, end, now);
      cancel(world, subscription.id, {
        reason: chance.happens(0.2) ? "payment_failed" : "cancellation_requested",
      });
      return;
    }
    at(world, end, now);
    renew(world, subscription.id);
  }
}

function beginning(world: World, { catalogue, chance, customer, currency }: Life): SubscriptionInput {
  const plans = catalogue.plans[currency]!;
  const isUsd = currency === "usd";
  const price = () => {
    if (isUsd && chance.happens(0.05)) return catalogue.tiered;
    if (isUsd && chance.happens(0.03))
      return createPrice(world, {
        product: catalogue.product,
        amount: chance.between(10, 90) * 100,
        inline: true,
      }).id;
    return plans[chance.happens(0.8) ? chance.between(0, 2) * 2 : chance.between(0, 2) * 2 + 1]!;
  };
  const items: SubscriptionInput["items"] = [{ price: price(), quantity: 1 }];
  if (items[0]!.price === catalogue.tiered) items[0]!.quantity = chance.between(20, 2_000);
  // what is sold together is billed together
  const isMonthly = plans.indexOf(items[0]!.price) % 2 !== 1;
  if (isUsd && isMonthly && chance.happens(0.15))
    items.push({ price: catalogue.seats, quantity: chance.between(1, 40) });
  const coupons = [catalogue.coupons.forever, catalogue.coupons.repeating, catalogue.coupons.once];
  if (isUsd) coupons.push(catalogue.coupons.amount);
  return {
    customer: customer.id,
    currency,
    items,
    ...(chance.happens(0.15) ? { coupon: chance.pick(coupons) } : {}),
    ...(chance.happens(0.1) ? { trialDays: 14 } : {}),
    ...(chance.happens(0.02) ? { status: "incomplete" as const } : {}),
  };
}

/** What may happen in the middle of a period. */
function during(
  world: World,
  { catalogue, chance, currency, now }: Life,
  subscription: StripeObject,
  middle: number,
): void {
  at(world, middle, now);
  const [item, ...others] = itemsOf(subscription);
  const plans = catalogue.plans[currency]!;
  // what is billed with something else stays monthly
  const choice = others.length > 0 ? plans.filter((_, index) => index % 2 === 0) : plans;
  const isPlan = plans.includes(item!.price);
  if (isPlan && chance.happens(0.03))
    changeItems(world, subscription.id, [{ item: item!.id, price: chance.pick(choice) }]);
  else if (!isPlan && chance.happens(0.08))
    changeItems(world, subscription.id, [{ item: item!.id, quantity: chance.between(1, 60) }]);
  else if (chance.happens(0.01)) applyCoupon(world, subscription.id, catalogue.coupons.repeating);
  else refundSome(world, chance, subscription);
}

/** The newest charge in the world, where it happens to be this customer's. */
function refundSome(world: World, chance: Chance, { customer }: StripeObject): void {
  const charge = world.collections.charges.last();
  if (!charge || charge.customer !== customer || !chance.happens(0.02)) return;
  refund(world, charge.id, Math.ceil(Number(charge.amount) / 2));
}

/** In what state it is found now. */
function finish(world: World, { chance, now }: Life, id: string, middle: number): void {
  at(world, Math.min(middle, now), now);
  const state = chance.next();
  if (state < 0.04) cancel(world, id, { atPeriodEnd: true });
  else if (state < 0.06)
    world.change("subscriptions", id, { status: "past_due" }, "customer.subscription.updated");
  else if (state < 0.07)
    world.change("subscriptions", id, { status: "unpaid" }, "customer.subscription.updated");
  else if (state < 0.08) pause(world, id);
  else if (state < 0.1) pauseCollection(world, id, "void");
}
