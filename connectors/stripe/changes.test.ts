import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Change } from "../connector.ts";
import { createCoupon, createCustomer, createPrice, createProduct } from "../stripe-double/objects.ts";
import type { StripeDouble } from "../stripe-double/server.ts";
import { applyCoupon, createSubscription, deleteCustomer } from "../stripe-double/subscriptions.ts";
import { createTestAccount, never, noon, startDouble, type TestAccount } from "./testing-account.ts";

let double: StripeDouble;
beforeAll(async () => {
  double = await startDouble();
});
afterEach(() => {
  double.clock = () => noon;
});
afterAll(() => double.stop());

async function hear({ connection }: TestAccount, cursor: string | null, from = 0) {
  const changes: Change[] = [];
  for (let pages = 1; ; pages++) {
    const page = await connection.changes(cursor, { from, before: null }, never);
    changes.push(...page.changes);
    cursor = page.next;
    if (!page.more) return { changes, cursor, pages, gap: page.gap };
  }
}
const later = (seconds: number) => {
  const at = double.clock() + seconds * 1_000;
  double.clock = () => at;
};

test("what happened comes oldest first, each event once, however often one asks", async () => {
  const account = createTestAccount(double);
  const { world } = account;
  const first = createCustomer(world).id;
  const one = await hear(account, null);
  expect(one.changes.map(({ objectId }) => objectId)).toEqual([first]);
  // in the same second, and a later one
  const second = createCustomer(world).id;
  later(30);
  const third = createCustomer(world).id;
  const two = await hear(account, one.cursor);
  expect(two.changes.map(({ objectId }) => objectId)).toEqual([second, third]);
  expect((await hear(account, two.cursor)).changes).toEqual([]);
  later(86_400);
  expect((await hear(account, two.cursor)).changes).toEqual([]);
});

test("an event that is seen a little later than a newer one is not passed over", async () => {
  const account = createTestAccount(double);
  later(120);
  createCustomer(account.world);
  const one = await hear(account, null);
  later(-20);
  const late = createCustomer(account.world).id;
  expect((await hear(account, one.cursor)).changes.map(({ objectId }) => objectId)).toEqual([late]);
});

test("thousands of events are taken in pieces of time, in order and none twice", async () => {
  const account = createTestAccount(double);
  const begin = account.world.now() - 20_000;
  // a burst, then one every three seconds
  const made = Array.from({ length: 6_400 }, (_, index) => {
    account.world.time = begin + Math.floor(index < 1_600 ? index / 40 : index * 3);
    return createCustomer(account.world).id;
  });
  account.world.time = null;
  const asked = double.countRequests("/v1/events");
  const heard = await hear(account, null, begin);
  expect(heard.changes.map(({ objectId }) => objectId)).toEqual(made);
  expect(heard.pages).toBeGreaterThan(1);
  // what was too much to be held is asked for again: that costs little beside the 64 pages themselves
  expect(double.countRequests("/v1/events") - asked).toBeLessThan(64 * 2);
});

test("a silence of more than 25 days is told", async () => {
  const account = createTestAccount(double);
  createCustomer(account.world);
  const one = await hear(account, null);
  expect(one.gap).toBe(false);
  later(24 * 86_400);
  const two = await hear(account, one.cursor);
  expect(two.gap).toBe(false);
  later(26 * 86_400);
  expect((await hear(account, two.cursor)).gap).toBe(true);
});

test("an event names what has to be read again and whose it is", async () => {
  const account = createTestAccount(double);
  const { world } = account;
  const price = createPrice(world, { product: createProduct(world, { name: "Plan" }).id, amount: 900 });
  const customer = createCustomer(world).id;
  const subscription = createSubscription(world, { customer, items: [{ price: price.id }] }).id;
  applyCoupon(world, subscription, createCoupon(world, { id: "TEN", percentOff: 10 }).id);
  deleteCustomer(world, customer);
  world.tell("customer.source.created", { id: "card_1", object: "card", created: world.now() });
  world.tell("invoice.upcoming", { id: "", object: "invoice", created: world.now() });
  world.tell("charge.dispute.created", {
    id: "dp_1",
    object: "dispute",
    created: world.now(),
    charge: "ch_1",
  });
  const { changes } = await hear(account, null);
  const named = new Map(
    changes.map(({ type, stream, objectId, customerId }) => [type, { stream, objectId, customerId }]),
  );
  const own = { stream: "subscriptions", objectId: subscription, customerId: customer };
  expect(named.get("customer.subscription.created")).toEqual(own);
  expect(named.get("customer.discount.created")).toEqual(own);
  expect(named.get("customer.subscription.deleted")).toEqual(own);
  expect(named.get("customer.deleted")).toEqual({
    stream: "customers",
    objectId: customer,
    customerId: customer,
  });
  expect(named.get("price.created")).toEqual({ stream: "prices", objectId: price.id, customerId: null });
  expect(named.get("coupon.created")).toEqual({ stream: "coupons", objectId: "TEN", customerId: null });
  expect(named.get("charge.dispute.created")).toEqual({
    stream: "charges",
    objectId: "ch_1",
    customerId: null,
  });
  expect(named.get("invoice.paid")).toMatchObject({ stream: "invoices", customerId: customer });
  expect([named.has("customer.source.created"), named.has("invoice.upcoming")]).toEqual([false, false]);
});
