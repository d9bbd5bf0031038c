import type { DoubleAccount } from "#connectors/stripe-double/keys.ts";
import {
  createCoupon,
  createCustomer,
  createPrice,
  createProduct,
} from "#connectors/stripe-double/objects.ts";
import { type StripeDouble, startStripeDouble } from "#connectors/stripe-double/server.ts";
import { cancel, createSubscription } from "#connectors/stripe-double/subscriptions.ts";
import { test as base } from "./fixtures.ts";
import { monthBefore } from "./own-organisation.ts";
import { type StartedProduct, startProduct } from "./started-product.ts";

/** The product beside a Stripe of its own: whoever asks "Stripe" here asks a double. */
export const test = base.extend<object, { double: StripeDouble; product: StartedProduct }>({
  double: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of fixtures from the pattern
    async ({}, use) => {
      const double = await startStripeDouble();
      await use(double);
      await double.stop();
    },
    { scope: "worker" },
  ],
  product: [
    async ({ double }, use) => {
      const product = await startProduct({
        ...{ STRIPE_API_BASE: double.url, STRIPE_CLIENT_ID: "ca_double" },
        STRIPE_CLIENT_SECRET: double.oauth.clientSecret,
      });
      await use(product);
      await product.stop();
    },
    { scope: "worker", timeout: 240_000 },
  ],
});

export interface SmallBusiness {
  account: DoubleAccount;
  /** Live mode. */
  world: DoubleAccount["live"];
  /** Prices in live mode: 20 and 50 a month. */
  prices: { team: string; scale: string };
  /** What all of it is worth by the default policy. */
  mrr: number;
}

/** The tenth of a month so many months ago, in seconds. */
const tenthOf = (months: number): number => Date.parse(`${monthBefore(months)}-10T12:00:00Z`) / 1000;

/**
 * An account with eight subscribers of 20 a month, one of them with a coupon for ever that takes half, one with a trial that has
 * not ended, and one who left.
 */
export function smallBusiness(double: StripeDouble, name: string): SmallBusiness {
  const account = double.createAccount(undefined, name);
  const world = account.live;
  world.tellsEvents = false;
  world.time = tenthOf(8);
  const product = createProduct(world, { name: "Team" });
  const team = createPrice(world, { product: product.id, amount: 2000, nickname: "Team" }).id;
  const scale = createPrice(world, { product: product.id, amount: 5000, nickname: "Scale" }).id;
  const half = createCoupon(world, { id: "HALF", percentOff: 50 }).id;
  for (let no = 1; no <= 8; no++) {
    world.time = tenthOf(9 - no);
    const customer = createCustomer(world, {
      name: `Customer ${no}`,
      email: `c${no}@example.com`,
      country: "DE",
    });
    createSubscription(world, {
      customer: customer.id,
      items: [{ price: team }],
      ...(no === 2 ? { coupon: half } : {}),
    });
  }
  world.time = tenthOf(5);
  const gone = createCustomer(world, { name: "Gone" });
  const left = createSubscription(world, { customer: gone.id, items: [{ price: scale }] });
  world.time = tenthOf(2);
  cancel(world, left.id);
  world.time = null;
  world.tellsEvents = true;
  createSubscription(world, {
    customer: createCustomer(world, { name: "Trying" }).id,
    items: [{ price: scale }],
    trialDays: 14,
  });
  return { account, world, prices: { team, scale }, mrr: 7 * 20 + 10 };
}
