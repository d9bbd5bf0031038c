import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { generateWorld } from "../stripe-double/generate.ts";
import { createCoupon, createCustomer, createPrice, createProduct } from "../stripe-double/objects.ts";
import type { StripeDouble } from "../stripe-double/server.ts";
import { applyCoupon, cancel, createSubscription, deleteCustomer } from "../stripe-double/subscriptions.ts";
import type { World } from "../stripe-double/world.ts";
import { connectTo, createTestAccount, never, readAll, startDouble } from "./testing-account.ts";

let double: StripeDouble;
beforeAll(async () => {
  double = await startDouble();
});
afterEach(() => double.faults.clear());
afterAll(() => double.stop());

const monthly = (world: World) =>
  createPrice(world, { product: createProduct(world, { name: "Plan" }).id, amount: 1_000 }).id;
const ids = (objects: readonly { id: string }[]) => objects.map(({ id }) => id);

test("every stream of a company is read whole, each object once", async () => {
  const { connection, world } = createTestAccount(double);
  generateWorld(world, { customers: 130 });
  for (const [stream, collection] of [
    ["customers", world.collections.customers],
    ["subscriptions", world.collections.subscriptions],
    ["invoices", world.collections.invoices],
    ["charges", world.collections.charges],
    ["invoice_payments", world.collections.invoice_payments],
    ["subscription_schedules", world.collections.subscription_schedules],
    ["refunds", world.collections.refunds],
    ["tax_rates", world.collections.tax_rates],
    ["promotion_codes", world.collections.promotion_codes],
    ["coupons", world.collections.coupons],
    ["credit_notes", world.collections.credit_notes],
    ["products", world.collections.products],
  ] as const) {
    const read = await readAll(connection, stream);
    expect(ids(read).sort(), stream).toEqual(ids(collection.all()).sort());
  }
});

test("prices come with their tiers, those that are not sold any more as well; an inline one is to be had by its id", async () => {
  const { connection, world } = createTestAccount(double);
  const product = createProduct(world, { name: "Plan" }).id;
  const tiers = [
    { up_to: 10, unit_amount: 100, flat_amount: 500 },
    { up_to: null, unit_amount: 50, flat_amount: null },
  ];
  const tiered = createPrice(world, { product, tiers, active: false }).id;
  const plain = createPrice(world, {
    product,
    amount: 900,
    currencyOptions: { eur: { unit_amount: 800 } },
  }).id;
  const inline = createPrice(world, { product, amount: "12.5", inline: true }).id;
  const read = await readAll(connection, "prices");
  expect(ids(read)).toEqual([plain, tiered]);
  expect(read[0]!.body).toMatchObject({ currency_options: { eur: { unit_amount_decimal: "800" } } });
  expect(read[1]!.body).toMatchObject({ active: false, tiers: [{ up_to: 10 }, { up_to: null }] });
  const fetched = await connection.fetch("prices", inline, never);
  // as on the wire: text, not the decimals that the SDK makes of it
  expect(fetched.objects[0]!.body).toMatchObject({ id: inline, unit_amount_decimal: "12.5" });
});

test("subscriptions of all states come, with more than ten items and their discounts", async () => {
  const { connection, world } = createTestAccount(double);
  const customer = createCustomer(world).id;
  const coupon = createCoupon(world, { percentOff: 10 }).id;
  const prices = Array.from({ length: 23 }, () => ({ price: monthly(world), coupon }));
  const large = createSubscription(world, { customer, items: prices });
  applyCoupon(world, large.id, coupon);
  world.remove("coupons", coupon, "coupon.deleted");
  const ended = createSubscription(world, { customer, items: [{ price: monthly(world) }] });
  cancel(world, ended.id);
  deleteCustomer(world, customer);
  const read = await readAll(connection, "subscriptions");
  expect(ids(read)).toEqual([ended.id, large.id]);
  const [, body] = read.map((object) => object.body as unknown as Large);
  expect(body!.items.data).toHaveLength(23);
  expect(body!.items.has_more).toBe(false);
  expect(new Set(ids(body!.items.data)).size).toBe(23);
  expect(body!.items.data[22]!.discounts[0]).toMatchObject({ object: "discount", source: { coupon } });
  expect(body!.discounts[0]).toMatchObject({ object: "discount", source: { type: "coupon" } });
  expect(read[1]!.customerId).toBe(customer);
  const fetched = await connection.fetch("subscriptions", large.id, never);
  expect(fetched.objects[0]!.body).toEqual(read[1]!.body);
});
interface Large {
  items: { data: { id: string; discounts: unknown[] }[]; has_more: boolean };
  discounts: unknown[];
}

test("an invoice with hundreds of lines comes with all of them", async () => {
  const { connection, world } = createTestAccount(double);
  const items = Array.from({ length: 250 }, () => ({ price: monthly(world) }));
  createSubscription(world, { customer: createCustomer(world).id, items });
  const [invoice] = await readAll(connection, "invoices");
  const lines = (invoice!.body as unknown as Large & { lines: Large["items"] }).lines;
  expect(new Set(ids(lines.data)).size).toBe(250);
});

test("what is made while a stream is listed stays out of the range that was frozen", async () => {
  const { connection, world } = createTestAccount(double);
  const before = Math.floor(double.clock() / 1_000);
  world.time = before - 100;
  const made = Array.from({ length: 250 }, () => createCustomer(world).id);
  world.time = before + 1;
  const read = await readAll(connection, "customers", {
    range: { from: null, before },
    between: () => void createCustomer(world),
  });
  expect(ids(read).sort()).toEqual(made.sort());
});

test("an object that is deleted while its stream is listed takes no other with it", async () => {
  const { connection, world } = createTestAccount(double);
  const now = world.now();
  const made = Array.from({ length: 350 }, (_, index) => {
    // many in one second, as an import makes them
    world.time = now - 1_000 + Math.floor(index / 40);
    return createCustomer(world).id;
  });
  world.time = null;
  const read: string[] = [];
  const gone: string[] = [];
  const range = { from: null, before: now };
  for (let cursor: string | null = null, first = true; first || cursor !== null; first = false) {
    const page = await connection.page("customers", cursor, range, never);
    read.push(...ids(page.objects));
    cursor = page.next;
    // the very one that the next page is to begin after
    const last = page.objects.at(-1)!.id;
    gone.push(last);
    deleteCustomer(world, last);
  }
  expect([...new Set(read)].sort()).toEqual(made.sort());
  expect(gone.length).toBeGreaterThan(3);
});

test("an object is fetched as it is, and a tombstone of what is gone", async () => {
  const { connection, world } = createTestAccount(double);
  const customer = createCustomer(world, { name: "Ann" }).id;
  const product = createProduct(world, { name: "Plan" }).id;
  const fetched = await connection.fetch("customers", customer, never);
  expect(fetched).toMatchObject({
    objects: [{ stream: "customers", id: customer, customerId: customer, deleted: false }],
    at: double.clock(),
    apiVersion: "2026-10-28.endive",
  });
  deleteCustomer(world, customer);
  world.remove("products", product, null);
  for (const [stream, id] of [
    ["customers", customer],
    ["products", product],
    ["invoices", "in_never"],
  ] as const) {
    const [gone] = (await connection.fetch(stream, id, never)).objects;
    expect(gone).toMatchObject({ stream, id, deleted: true, body: { id, deleted: true } });
  }
});

test("two accounts and two modes are apart, and a connected account is read with the key of its platform", async () => {
  const one = createTestAccount(double);
  const other = createTestAccount(double);
  const mine = createCustomer(one.world).id;
  const theirs = createCustomer(other.world).id;
  createCustomer(one.account.live);
  expect(ids(await readAll(one.connection, "customers"))).toEqual([mine]);
  const through = connectTo(double, one.key.value, other.account.object.id);
  expect(ids(await readAll(through, "customers"))).toEqual([theirs]);
  expect((await through.check(never)).account.id).toBe(other.account.object.id);
});

test("the versioned API is asked, without telemetry, and never with more than four levels", async () => {
  const { connection, world } = createTestAccount(double);
  createCustomer(world);
  const from = double.requests.length;
  await connection.check(never);
  for (const { headers, query } of double.requests.slice(from)) {
    expect(headers["stripe-version"]).toBe("2026-10-28.endive");
    expect(headers["x-stripe-client-telemetry"]).toBeUndefined();
    for (const path of query.getAll("expand[]")) expect(path.split(".").length).toBeLessThanOrEqual(4);
  }
});
