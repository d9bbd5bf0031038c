import { sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Change } from "#connectors/connector.ts";
import { connectors } from "#connectors/registry.ts";
import { generateWorld } from "#connectors/stripe-double/generate.ts";
import type { DoubleAccount, DoubleKey } from "#connectors/stripe-double/keys.ts";
import { createCustomer, createPrice, createProduct } from "#connectors/stripe-double/objects.ts";
import { type StripeDouble, startStripeDouble } from "#connectors/stripe-double/server.ts";
import { cancel, changeItems, createSubscription } from "#connectors/stripe-double/subscriptions.ts";
import type { World } from "#connectors/stripe-double/world.ts";
import { putChanges } from "#db/queries/source-changes.ts";
import type { SourceRow } from "#db/queries/sources.ts";
import { createTestDatabase, createTestOrganisation, type TestDatabase } from "#db/testing.ts";
import type { WorkerDeps } from "../task.ts";
import { cleanRun, outcomeOf, runJob, sourceOf, testDeps } from "./testing.ts";

let t: TestDatabase;
let double: StripeDouble;
let deps: WorkerDeps;
beforeAll(async () => {
  t = await createTestDatabase();
  double = await startStripeDouble();
  deps = testDeps(t, double);
});
beforeEach(() => double.faults.clear());
afterAll(async () => {
  await double.stop();
  await t.close();
});

interface Live {
  account: DoubleAccount;
  world: World;
  key: DoubleKey;
  source: SourceRow;
}

/** A source that is live. */
async function live(name: string, customers = 20): Promise<Live> {
  const account = double.createAccount();
  generateWorld(account.test, { customers });
  const key = double.createKey(account);
  const source = await cleanRun(t, deps, await createTestOrganisation(t.app, name), key);
  return { account, world: account.test, key, source };
}

/** A monthly price of so many dollars. */
const priceOf = (world: World, dollars: number) =>
  createPrice(world, { product: createProduct(world, { name: "Plan" }).id, amount: dollars * 100 }).id;

/** What a source says that is read now for the first time. */
async function fresh({ account }: Live) {
  const orgId = await createTestOrganisation(t.app, "Fresh");
  await cleanRun(t, deps, orgId, double.createKey(account));
  return outcomeOf(t, orgId);
}

const mrrOf = async ({ orgId }: SourceRow, customer: string): Promise<number> => {
  const [row] = await t.app.withOrg(orgId, (tx) =>
    tx.rows<{ annual: string | null }>(sql`
      SELECT sum(m.annual) AS annual FROM movement m JOIN customer c ON c.org_id = m.org_id AND c.id = m.customer_id
      WHERE m.org_id = ${orgId} AND c.external_id = ${customer}`),
  );
  return Number(row?.annual ?? 0) / 12;
};

/** As webhooks that arrive: events of the double, read from their signed bytes and kept. */
async function deliver({ source, world }: Live, events: readonly Record<string, unknown>[]): Promise<void> {
  const secret = "whsec_live";
  const changes: Change[] = events.flatMap((event) => {
    const body = Buffer.from(JSON.stringify(event));
    return connectors.stripe.webhook({
      ...{ body, secrets: [secret], livemode: world.livemode, account: null },
      headers: { "stripe-signature": double.webhooks.sign(body.toString(), [secret]) },
      now: Math.floor(Date.now() / 1_000),
    });
  });
  await t.app.withOrg(source.orgId, (tx) => putChanges(tx, source.id, changes));
}

describe("a live source", () => {
  test("follows what webhooks tell, and asks for what none told of", async () => {
    const one = await live("Live");
    const { world, source } = one;
    const from = world.collections.events.size;
    const customer = createCustomer(world, { name: "New" }).id;
    const subscription = createSubscription(world, { customer, items: [{ price: priceOf(world, 40) }] });
    await deliver(one, world.collections.events.all().slice(from));
    await runJob(t, deps, "applySourceChanges", source);
    expect(await mrrOf(source, customer)).toBe(40);

    cancel(world, subscription.id, { reason: "cancellation_requested" });
    const before = await sourceOf(t, source);
    await runJob(t, deps, "pollSource", source);
    expect(await mrrOf(source, customer)).toBe(0);
    const after = await sourceOf(t, source);
    expect(after.syncedAt!.getTime()).toBeGreaterThan(before.syncedAt!.getTime());
    expect(after.lastEventAt!.getTime()).toBeGreaterThanOrEqual(before.lastEventAt!.getTime());
    expect((await outcomeOf(t, source.orgId)).movements).toEqual((await fresh(one)).movements);
  });

  test("is changed by no event a second time: all of them again, in reverse and doubled", async () => {
    const one = await live("Reversed");
    const { world, source } = one;
    const customer = createCustomer(world).id;
    const [low, high] = [priceOf(world, 10), priceOf(world, 25)];
    const subscription = createSubscription(world, { customer, items: [{ price: low }] });
    await runJob(t, deps, "pollSource", source);
    const items = subscription.items as { data: { id: string }[] };
    changeItems(world, subscription.id, [{ item: items.data[0]!.id, price: high }]);
    await runJob(t, deps, "pollSource", source);
    const before = await outcomeOf(t, source.orgId);
    const all = world.collections.events.all();
    await deliver(one, [...all.toReversed(), ...all]);
    await runJob(t, deps, "applySourceChanges", source);
    expect(await outcomeOf(t, source.orgId)).toEqual(before);
  });

  test("is the same whatever the order in which webhooks arrive, a deletion before what it deletes among them", async () => {
    const one = await live("Unordered");
    const { world, source } = one;
    const from = world.collections.events.size;
    const customer = createCustomer(world, { name: "Short" }).id;
    const subscription = createSubscription(world, { customer, items: [{ price: priceOf(world, 15) }] });
    cancel(world, subscription.id, { reason: "cancellation_requested" });
    const gone = createCustomer(world, { name: "Gone" }).id;
    world.remove("customers", gone, "customer.deleted");
    const told = world.collections.events.all().slice(from).toReversed();
    for (const event of told) {
      await deliver(one, [event, event]);
      await runJob(t, deps, "applySourceChanges", source);
    }
    const outcome = await outcomeOf(t, source.orgId);
    const clean = await fresh(one);
    expect(outcome.movements).toEqual(clean.movements);
    expect(outcome.facts).toEqual(clean.facts);
  });

  test("finds in the night what no event told: changes, and things that are gone", async () => {
    const one = await live("Night");
    const { world, source } = one;
    const customer = createCustomer(world).id;
    const subscription = createSubscription(world, { customer, items: [{ price: priceOf(world, 30) }] });
    await runJob(t, deps, "pollSource", source);
    expect(await mrrOf(source, customer)).toBe(30);
    const running = world.collections.subscriptions.all().filter(({ status }) => status === "active");
    world.tellsEvents = false;
    cancel(world, subscription.id, { reason: "cancellation_requested" });
    world.remove("subscriptions", running[0]!.id, null);
    world.tellsEvents = true;
    await runJob(t, deps, "pollSource", source);
    expect(await mrrOf(source, customer)).toBe(30);
    await runJob(t, deps, "reconcileSource", source);
    expect(await mrrOf(source, customer)).toBe(0);
    const [gone] = await t.app.withOrg(source.orgId, (tx) =>
      tx.rows(
        sql`SELECT deleted FROM source_object WHERE org_id = ${source.orgId} AND id = ${running[0]!.id}`,
      ),
    );
    expect(gone).toEqual({ deleted: true });
  });

  test("that was not asked for longer than events are kept is read anew", async () => {
    const one = await live("Gap");
    const { world, source } = one;
    world.tellsEvents = false;
    const customer = createCustomer(world).id;
    createSubscription(world, { customer, items: [{ price: priceOf(world, 12) }] });
    world.tellsEvents = true;
    await t.worker.withOrg(source.orgId, (tx) =>
      tx.rows(sql`UPDATE source SET synced_at = now() - interval '26 days', frozen_at = frozen_at - 26 * 86400
        WHERE org_id = ${source.orgId} AND id = ${source.id}`),
    );
    await runJob(t, deps, "pollSource", source);
    expect((await sourceOf(t, source)).status).toBe("connecting");
    await runJob(t, deps, "backfillSource", source);
    expect((await sourceOf(t, source)).status).toBe("live");
    expect(await mrrOf(source, customer)).toBe(12);
  });

  test("derives whoever was made with a price or a product that changed", async () => {
    const one = await live("Shared", 5);
    const { world, source } = one;
    const product = createProduct(world, { name: "Old name" }).id;
    const price = createPrice(world, { product, amount: 900 }).id;
    const customer = createCustomer(world).id;
    createSubscription(world, { customer, items: [{ price }] });
    await runJob(t, deps, "pollSource", source);
    world.change("products", product, { name: "New name" }, "product.updated");
    await runJob(t, deps, "pollSource", source);
    const outcome = await outcomeOf(t, source.orgId);
    expect(outcome.facts).toEqual((await fresh(one)).facts);
    expect(outcome.facts.join()).not.toContain("Old name");
  });

  test("keeps earlier states of subscriptions, and what they were when they are overwritten", async () => {
    const one = await live("History", 5);
    const { world, source } = one;
    const customer = createCustomer(world).id;
    const subscription = createSubscription(world, { customer, items: [{ price: priceOf(world, 10) }] });
    await runJob(t, deps, "pollSource", source);
    cancel(world, subscription.id, { reason: "cancellation_requested" });
    await runJob(t, deps, "pollSource", source);
    const states = await t.app.withOrg(source.orgId, (tx) =>
      tx.rows(sql`SELECT body::json ->> 'status' AS status FROM source_object_version
        WHERE org_id = ${source.orgId} AND id = ${subscription.id} ORDER BY at`),
    );
    expect(states).toEqual([{ status: "active" }]);
  });

  test("is told the same by a clock that is wrong", async () => {
    const clock = double.clock;
    for (const skew of [-3 * 3_600_000, 3 * 3_600_000]) {
      const orgId = await createTestOrganisation(t.app, `Skewed ${skew}`);
      // the vendor's servers tell another time than ours
      double.clock = () => Date.now() + skew;
      const account = double.createAccount();
      generateWorld(account.test, { customers: 15 });
      const source = await cleanRun(t, deps, orgId, double.createKey(account));
      const customer = createCustomer(account.test).id;
      const price = priceOf(account.test, 20);
      const { id } = createSubscription(account.test, { customer, items: [{ price }] });
      await runJob(t, deps, "pollSource", source);
      expect(
        await t.app.withOrg(orgId, (tx) =>
          tx.rows(sql`SELECT deleted FROM source_object WHERE org_id = ${orgId} AND id = ${id}`),
        ),
      ).toEqual([{ deleted: false }]);
      double.clock = clock;
    }
  });
});
