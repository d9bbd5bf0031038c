import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import Stripe from "stripe";
import { afterAll, beforeAll, expect, test } from "vitest";
import { itemsOf } from "./billing.ts";
import { generateWorld } from "./generate.ts";
import { createCustomer, createPrice, createProduct } from "./objects.ts";
import { type StripeDouble, startStripeDouble } from "./server.ts";
import { changeItems, createSubscription, pause, renew, resume } from "./subscriptions.ts";

let double: StripeDouble;
const noon = Date.UTC(2026, 5, 1, 12);

beforeAll(async () => {
  double = await startStripeDouble({ clock: () => noon });
});
afterAll(() => double.stop());

async function get(key: string, path: string) {
  const response = await fetch(`${double.url}${path}`, { headers: { Authorization: `Bearer ${key}` } });
  return {
    status: response.status,
    date: response.headers.get("date"),
    body: (await response.json()) as Json,
  };
}
interface Json {
  data: { id: string; created: number; [field: string]: unknown }[];
  has_more: boolean;
  error: { code?: string; message: string; param?: string };
  [field: string]: unknown;
}

test("a list comes newest first, a page at a time, and ends", async () => {
  const account = double.createAccount();
  const key = double.createKey(account).value;
  const made = Array.from({ length: 7 }, () => createCustomer(account.test).id);
  const first = await get(key, "/v1/customers?limit=5");
  expect(first.date).toBe(new Date(noon).toUTCString());
  expect(first.body.has_more).toBe(true);
  const second = await get(key, `/v1/customers?limit=5&starting_after=${first.body.data[4]!.id}`);
  expect(second.body.has_more).toBe(false);
  expect([...first.body.data, ...second.body.data].map(({ id }) => id)).toEqual(made.toReversed());
  const newer = await get(key, `/v1/customers?limit=2&ending_before=${made[0]}`);
  expect(newer.body.data.map(({ id }) => id)).toEqual([made[2], made[1]]);
});

test("what a key may not read is refused, and what nobody may do too", async () => {
  const account = double.createAccount();
  const key = double.createKey(account, { forbidden: ["charges"] });
  expect((await get(key.value, "/v1/charges")).status).toBe(403);
  expect((await get(key.value, "/v1/customers?frob=1")).body.error.code).toBe("parameter_unknown");
  expect((await get(key.value, "/v1/customers?expand[]=data.a.b.c.d")).body.error.message).toContain(
    "more than 4 levels",
  );
  expect((await get(key.value, "/v1/customers?starting_after=cus_0")).body.error.param).toBe(
    "starting_after",
  );
  expect((await get("rk_test_unknown", "/v1/customers")).status).toBe(401);
  key.revoked = true;
  expect((await get(key.value, "/v1/customers")).body.error.code).toBe("api_key_expired");
});

test("a company comes out the same each time", async () => {
  const pages = await Promise.all(
    [1, 2].map(async () => {
      const account = double.createAccount("acct_same");
      generateWorld(account.test, { customers: 60 });
      const key = double.createKey(account).value;
      const invoices = await get(key, "/v1/invoices?limit=100&expand[]=data.discounts");
      const subscriptions = await get(
        key,
        "/v1/subscriptions?limit=100&status=all&expand[]=data.items.data.discounts",
      );
      return [invoices.body.data, subscriptions.body.data];
    }),
  );
  expect(pages[0]).toEqual(pages[1]);
  expect(new Set(pages[0]![1]!.map(({ status }) => status)).size).toBeGreaterThan(2);
});

test("what happens to a subscription is invoiced, told as events with what was before, and sent with a signature", async () => {
  const account = double.createAccount();
  const world = account.test;
  const heard: { body: string; signature: string }[] = [];
  const receiver = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (chunk: string) => {
      body += chunk;
    });
    request.on("end", () => {
      heard.push({ body, signature: String(request.headers["stripe-signature"]) });
      response.end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
  double.webhooks.add({ world, url, secrets: ["whsec_old", "whsec_new"] });
  const product = createProduct(world, { name: "Plan" }).id;
  const [small, large] = [1_000, 3_000].map((amount) => createPrice(world, { product, amount }).id);
  const { id } = createSubscription(world, {
    customer: createCustomer(world).id,
    items: [{ price: small! }],
  });
  const begin = world.now();
  world.time = begin + 15 * 86_400;
  changeItems(world, id, [{ item: itemsOf(world.get("subscriptions", id))[0]!.id, price: large! }]);
  const [first, swap] = world.collections.invoices.all();
  expect(first).toMatchObject({ status: "paid", total: 1_000 });
  // half of June: the small plan's rest comes back, the large one's is billed
  expect(swap).toMatchObject({ total: 1_000, lines: { data: [{ amount: -500 }, { amount: 1_500 }] } });
  world.time = itemsOf(world.get("subscriptions", id))[0]!.current_period_end;
  renew(world, id);
  pause(world, id);
  expect(world.get("subscriptions", id).status).toBe("paused");
  resume(world, id);
  const updates = world.collections.events
    .all()
    .filter(({ type }) => type === "customer.subscription.updated");
  expect(updates[0]!.data).toMatchObject({
    object: { items: { data: [{ price: { id: large } }] } },
    previous_attributes: { items: { data: [{ price: { id: small } }] } },
  });
  world.time = null;
  await double.webhooks.settled();
  await new Promise((resolve) => receiver.close(resolve));
  expect(heard).toHaveLength(world.collections.events.size);
  const { webhooks } = new Stripe("none");
  for (const { body, signature } of heard)
    for (const secret of ["whsec_old", "whsec_new"])
      expect(webhooks.constructEvent(body, signature, secret, 300, undefined, noon).object).toBe("event");
});
