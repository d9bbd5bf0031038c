import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { ConnectorError } from "../connector.ts";
import { createCoupon, createCustomer, createPrice, createProduct } from "../stripe-double/objects.ts";
import type { StripeDouble } from "../stripe-double/server.ts";
import { createSubscription } from "../stripe-double/subscriptions.ts";
import { connectTo, createTestAccount, hurried, never, readAll, startDouble } from "./testing-account.ts";

let double: StripeDouble;
beforeAll(async () => {
  double = await startDouble();
});
afterEach(() => double.faults.clear());
afterAll(() => double.stop());

/** What a connector says when it gives up. */
async function faultOf(asked: Promise<unknown>): Promise<ConnectorError> {
  const error: unknown = await asked.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ConnectorError)) throw new Error(`not given up: ${String(error)}`);
  return error;
}

test("a burst of 429s, with and without Retry-After, is waited out", async () => {
  const { connection, world } = createTestAccount(double);
  const customer = createCustomer(world).id;
  double.faults.add({ kind: "rate_limited" }, { times: 3 });
  double.faults.add({ kind: "rate_limited", retryAfterSeconds: 0.01 }, { times: 1 });
  const from = double.requests.length;
  expect((await readAll(connection, "customers")).map(({ id }) => id)).toEqual([customer]);
  expect(double.requests.length - from).toBe(5);
});

test("Retry-After is waited for, not less", async () => {
  const { connection } = createTestAccount(double);
  double.faults.add({ kind: "rate_limited", retryAfterSeconds: 0.2 });
  const began = performance.now();
  await readAll(connection, "customers");
  expect(performance.now() - began).toBeGreaterThanOrEqual(195);
});

test("who is asked for more patience than a request has says how much", async () => {
  const { connection } = createTestAccount(double);
  double.faults.add({ kind: "rate_limited", retryAfterSeconds: 90 });
  const { fault, extra } = await faultOf(readAll(connection, "customers"));
  expect([fault, extra.retryAfterMs]).toEqual(["rate_limited", 90_000]);
  double.faults.add({ kind: "rate_limited" }, { times: 100 });
  expect((await faultOf(readAll(connection, "customers"))).fault).toBe("rate_limited");
});

test("a fault of the wire or of Stripe is tried again: 500, a body that is cut, a connection that is gone, no answer", async () => {
  const { connection, world } = createTestAccount(double);
  const customer = createCustomer(world).id;
  for (const fault of [
    { kind: "status", status: 500 },
    { kind: "status", status: 503 },
    { kind: "cut" },
    { kind: "reset" },
    { kind: "hang" },
  ] as const) {
    double.faults.add(fault, { times: 2 });
    expect((await readAll(connection, "customers")).map(({ id }) => id)).toEqual([customer]);
  }
});

test("what stays unwell is given up in a bounded time, and in words without anything secret", async () => {
  const { connection, key } = createTestAccount(double);
  for (const fault of [{ kind: "status", status: 500 }, { kind: "cut" }] as const) {
    double.faults.add(fault, { times: 100 });
    const error = await faultOf(readAll(connection, "customers"));
    expect(error.fault).toBe("unavailable");
    expect(`${error.message} ${error.stack} ${String(error.extra.cause)}`).not.toContain(key.value);
    double.faults.clear();
  }
  const impatient = connectTo(double, key.value, null, { ...hurried, timeoutMs: 10_000, totalMs: 100 });
  double.faults.add({ kind: "hang" }, { times: 100 });
  const began = performance.now();
  expect((await faultOf(readAll(impatient, "customers"))).fault).toBe("unavailable");
  expect(performance.now() - began).toBeLessThan(2_000);
});

test("whoever stops is let go at once, in the middle of an answer or of a wait", async () => {
  const { connection } = createTestAccount(double);
  for (const fault of [{ kind: "hang" }, { kind: "rate_limited", retryAfterSeconds: 3 }] as const) {
    double.faults.add(fault);
    const stop = new AbortController();
    const asked = connection.page("customers", null, { from: null, before: null }, stop.signal);
    // counted from when it is stopped: on a busy machine it may have tried again before
    let stopped = { at: 0, requests: 0 };
    setTimeout(() => {
      stopped = { at: performance.now(), requests: double.requests.length };
      stop.abort(new Error("enough"));
    }, 50);
    await expect(asked).rejects.toThrow("enough");
    expect(performance.now() - stopped.at).toBeLessThan(300);
    // what was on its way may still arrive
    expect(double.requests.length).toBeLessThanOrEqual(stopped.requests + 1);
  }
});

test("a revoked key, a key that is none and an account out of reach are refused for good", async () => {
  const { connection, key } = createTestAccount(double);
  key.revoked = true;
  expect(await faultOf(readAll(connection, "customers"))).toMatchObject({ fault: "credentials_refused" });
  const from = double.requests.length;
  const unknown = await faultOf(connectTo(double, "rk_test_mistyped").check(never));
  expect(unknown.fault).toBe("credentials_refused");
  expect(unknown.message).not.toContain("mistyped0");
  expect(double.requests.length - from).toBe(1);
  expect(() => connectTo(double, "rk_test_\nX: y")).toThrow(ConnectorError);
  key.revoked = false;
  const elsewhere = await faultOf(connectTo(double, key.value, "acct_nobody").check(never));
  expect(elsewhere.fault).toBe("credentials_refused");
});

test("a stream that may not be read is named with what to tick, and the rest is read", async () => {
  const { connection, world } = createTestAccount(double, { forbidden: ["charges", "account"] });
  createCustomer(world);
  const checked = await connection.check(never);
  expect(checked.streams.filter(({ state }) => state !== "ok")).toEqual([
    {
      name: "charges",
      state: "forbidden",
      message: "The key may not read charges. In Stripe, set “Charges and refunds” of this key to Read.",
    },
  ]);
  // its own account may not be seen: what refuses names it
  expect(checked.account.id).toBe(`${/acct_\w+/.exec(checked.account.id)?.[0]}`);
  expect((await faultOf(readAll(connection, "charges"))).fault).toBe("forbidden");
  expect(await readAll(connection, "customers")).toHaveLength(1);
});

test("a key that may not read coupons reads subscriptions without them put in", async () => {
  const { connection, world } = createTestAccount(double, { forbidden: ["coupons"] });
  const price = createPrice(world, { product: createProduct(world, { name: "Plan" }).id, amount: 900 }).id;
  const customer = createCustomer(world).id;
  const coupon = createCoupon(world, { percentOff: 10 }).id;
  const { id } = createSubscription(world, { customer, coupon, items: [{ price }] });
  const { streams } = await connection.check(never);
  expect(streams.filter(({ state }) => state !== "ok").map(({ name }) => name)).toEqual(["coupons"]);
  for (const { objects } of [
    await connection.fetch("subscriptions", id, never),
    { objects: await readAll(connection, "subscriptions") },
  ])
    expect(objects[0]!.body).toMatchObject({ discounts: [{ object: "discount", source: { coupon } }] });
});

test("a key that may not read what the numbers are made of is refused with the list of what is missing", async () => {
  const { connection } = createTestAccount(double, { forbidden: ["subscriptions", "prices", "refunds"] });
  const { fault, message } = await faultOf(connection.check(never));
  expect(fault).toBe("credentials_refused");
  expect(message).toContain("prices, subscriptions");
  expect(message).toContain("“Prices”, “Subscriptions”");
});

test("a check tells the account, the mode and Stripe's clock", async () => {
  const { connection, account } = createTestAccount(double);
  const live = double.createKey(account, { livemode: true });
  expect(await connection.check(never)).toMatchObject({
    account: { id: account.object.id, name: "Double Ltd" },
    livemode: false,
    at: double.clock(),
  });
  expect((await connectTo(double, live.value).check(never)).livemode).toBe(true);
});
