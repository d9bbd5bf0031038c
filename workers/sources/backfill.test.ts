import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { connectors } from "#connectors/registry.ts";
import { generateWorld } from "#connectors/stripe-double/generate.ts";
import type { DoubleAccount } from "#connectors/stripe-double/keys.ts";
import { createCustomer } from "#connectors/stripe-double/objects.ts";
import { type StripeDouble, startStripeDouble } from "#connectors/stripe-double/server.ts";
import { cancel } from "#connectors/stripe-double/subscriptions.ts";
import { listSourceWarnings } from "#db/queries/source-counts.ts";
import { listSourceStreams, pauseSource, restartSource, type SourceRow } from "#db/queries/sources.ts";
import { createTestDatabase, createTestOrganisation, type TestDatabase } from "#db/testing.ts";
import type { WorkerDeps } from "../task.ts";
import {
  cleanRun,
  connectSource,
  type Outcome,
  outcomeOf,
  runJob,
  sourceOf,
  testDeps,
  untilLive,
} from "./testing.ts";

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

/** A company of its own, the same each time but for the account. */
function company(customers = 25): DoubleAccount {
  const account = double.createAccount();
  generateWorld(account.test, { customers });
  return account;
}
const connect = async (account: DoubleAccount, name: string) =>
  connectSource(t, deps, await createTestOrganisation(t.app, name), double.createKey(account));

/** What a run in another organisation leaves that nothing disturbs. */
async function cleanOutcome(account: DoubleAccount): Promise<Outcome> {
  double.faults.clear();
  const orgId = await createTestOrganisation(t.app, "Clean");
  await cleanRun(t, deps, orgId, double.createKey(account));
  return outcomeOf(t, orgId);
}
const streamsOf = async ({ orgId, id }: SourceRow) =>
  new Map(
    (await t.app.withOrg(orgId, (tx) => listSourceStreams(tx, id))).map((stream) => [stream.name, stream]),
  );

describe("a backfill", () => {
  test("reads all streams and makes the numbers, in its own organisation alone", async () => {
    const account = company();
    const source = await cleanRun(t, deps, t.orgA, double.createKey(account));
    expect(source).toMatchObject({ status: "live", errorCode: null });
    expect(source.syncedAt).not.toBeNull();
    const streams = await streamsOf(source);
    for (const name of ["customers", "subscriptions", "invoices", "charges"] as const)
      expect(`${name} ${streams.get(name)?.done}`).toBe(`${name} ${account.test.collections[name].size}`);
    const outcome = await outcomeOf(t, t.orgA);
    expect(outcome.customers).toHaveLength(account.test.collections.customers.size);
    expect(outcome.movements.length).toBeGreaterThan(20);
    expect(await outcomeOf(t, t.orgB)).toEqual({
      ...{ objects: [], facts: [], customers: [], movements: [], rollups: [] },
    });
  });

  test("read again changes nothing", async () => {
    const source = await cleanRun(
      t,
      deps,
      await createTestOrganisation(t.app, "Twice"),
      double.createKey(company()),
    );
    const before = await outcomeOf(t, source.orgId);
    await runJob(t, deps, "reconcileSource", source);
    await runJob(t, deps, "backfillSource", source);
    await runJob(t, deps, "deriveSource", source);
    expect(await sourceOf(t, source)).toMatchObject({ status: "live", errorCode: null });
    expect(await outcomeOf(t, source.orgId)).toEqual(before);
  });

  test.for<[string, () => void]>([
    ["a burst of 429", () => double.faults.add({ kind: "rate_limited", retryAfterSeconds: 0 }, { times: 6 })],
    ["servers that are not well", () => double.faults.add({ kind: "status", status: 500 }, { times: 5 })],
    [
      "connections that are cut in the middle of a page",
      () => double.faults.add({ kind: "cut" }, { times: 5 }),
    ],
    ["connections that are closed at once", () => double.faults.add({ kind: "reset" }, { times: 5 })],
  ])("over %s ends as one over a good wire", async ([, begin]) => {
    const account = company();
    const source = await connect(account, "Faults");
    double.faults.before(begin, { match: "/v1/customers" });
    double.faults.before(begin, { match: "/v1/invoices" });
    const { row } = await untilLive(t, deps, source);
    expect(row).toMatchObject({ status: "live", errorCode: null });
    expect(await outcomeOf(t, source.orgId)).toEqual(await cleanOutcome(account));
  });

  test("of lists that change while they are read ends as what is there then", async () => {
    const account = company();
    const world = account.test;
    const source = await connect(account, "Changing");
    const anchors = ["/v1/customers", "/v1/subscriptions", "/v1/invoices"];
    for (const match of anchors)
      double.faults.before(
        () => {
          const customer = createCustomer(world, { name: "Late" });
          world.change("customers", customer.id, { name: "Later" }, "customer.updated");
          const running = world.collections.subscriptions.all().find(({ status }) => status === "active");
          if (running) cancel(world, running.id, { reason: "cancellation_requested" });
        },
        { times: 2, match: ({ path, query }) => path === match && query.has("created[lt]") },
      );
    await untilLive(t, deps, source);
    expect(await outcomeOf(t, source.orgId)).toEqual(await cleanOutcome(account));
  });

  test("goes on where an object that the next page begins at was deleted", async () => {
    const account = company(120);
    const world = account.test;
    const source = await connect(account, "Deleting");
    let deleted = 0;
    double.faults.before(
      ({ query }) => {
        const anchor = query.get("starting_after") ?? "";
        deleted++;
        world.remove("customers", anchor, "customer.deleted");
      },
      { match: ({ path, query }) => path === "/v1/customers" && query.has("starting_after") },
    );
    await untilLive(t, deps, source);
    expect(deleted).toBe(1);
    const { customers, movements } = await outcomeOf(t, source.orgId);
    const clean = await cleanOutcome(account);
    // whoever is gone is still known here, and nowhere else
    expect(customers.length).toBeGreaterThanOrEqual(clean.customers.length);
    expect(movements).toEqual(clean.movements);
  });

  test("is paused between two pages, and goes on from there", async () => {
    const account = company();
    const source = await connect(account, "Pausing");
    double.faults.before(
      async () => {
        await t.app.withOrg(source.orgId, (tx) => pauseSource(tx, source.id));
      },
      { match: ({ path, query }) => path === "/v1/invoices" && query.has("starting_after") },
    );
    await runJob(t, deps, "backfillSource", source);
    expect(await sourceOf(t, source)).toMatchObject({ status: "paused" });
    const half = (await streamsOf(source)).get("invoices");
    expect([half?.finishedAt, (half?.done ?? 0) < account.test.collections.invoices.size]).toEqual([
      null,
      true,
    ]);
    await runJob(t, deps, "pollSource", source);
    const listed = double.countRequests("/v1/customers");
    await t.app.withOrg(source.orgId, (tx) => restartSource(tx, source.id));
    await untilLive(t, deps, source);
    expect(double.countRequests("/v1/customers")).toBe(listed);
    expect(await outcomeOf(t, source.orgId)).toEqual(await cleanOutcome(account));
  });

  test("goes on without what a key may not read, and stops where there are no numbers without it", async () => {
    const account = company(10);
    const key = double.createKey(account);
    const source = await connectSource(t, deps, await createTestOrganisation(t.app, "Few"), key);
    key.forbidden.add("charges");
    const { row } = await untilLive(t, deps, source);
    expect(row.status).toBe("live");
    const streams = await streamsOf(source);
    expect([streams.get("charges")?.state, streams.get("refunds")?.state]).toEqual(["forbidden", "ok"]);

    const other = double.createKey(company(10));
    const stopped = await connectSource(t, deps, await createTestOrganisation(t.app, "Fewer"), other);
    other.forbidden.add("subscriptions");
    expect((await untilLive(t, deps, stopped)).row).toMatchObject({ status: "error" });
  });

  test("says that it may not ask what happened, and once it may that it is over", async () => {
    const account = company(5);
    const key = double.createKey(account, { forbidden: ["events"] });
    const source = await cleanRun(t, deps, await createTestOrganisation(t.app, "Unheard"), key);
    const teller = async () => {
      const { state, message } = (await streamsOf(source)).get("events")!;
      return { state, message };
    };
    // which permission to tick, as the check said it
    expect(await teller()).toEqual({ state: "forbidden", message: expect.stringMatching(/“Events”.*Read/) });
    key.forbidden.delete("events");
    await runJob(t, deps, "pollSource", source);
    expect(await teller()).toEqual({ state: "ok", message: null });
    key.forbidden.add("events");
    await runJob(t, deps, "pollSource", source);
    expect(await teller()).toMatchObject({ state: "forbidden" });
    expect((await sourceOf(t, source)).status).toBe("live");
  });

  test("passes a customer by whose objects cannot be read, and says so until they can", async () => {
    const account = company(6);
    const source = await cleanRun(
      t,
      deps,
      await createTestOrganisation(t.app, "Odd"),
      double.createKey(account),
    );
    const before = await outcomeOf(t, source.orgId);
    const [odd, fine] = account.test.collections.customers.all().map(({ id }) => id);
    const { normalise } = connectors.stripe;
    const reading = vi.spyOn(connectors.stripe, "normalise").mockImplementation((known) => {
      if (known.customerId === odd) throw new TypeError("no such shape");
      return normalise(known);
    });
    let named = 0;
    const look = async () => {
      for (const id of [odd!, fine!])
        account.test.change("customers", id, { name: `New ${++named}` }, "customer.updated");
      await runJob(t, deps, "pollSource", source);
      const warnings = await t.app.withOrg(source.orgId, (tx) => listSourceWarnings(tx, source.id, 20));
      return warnings.filter(({ message }) => message.includes("could not be read"));
    };
    try {
      expect(await look()).toEqual([{ customer_id: odd, message: expect.stringContaining("from before") }]);
    } finally {
      reading.mockRestore();
    }
    const after = await outcomeOf(t, source.orgId);
    expect(after.facts).toEqual(before.facts);
    expect(after.customers.filter((row) => row.includes("New "))).toHaveLength(1);
    expect((await sourceOf(t, source)).status).toBe("live");
    expect(await look()).toEqual([]);
  });

  test("with a key that was revoked says so, and is not tried again", async () => {
    const account = company(10);
    const key = double.createKey(account);
    const source = await cleanRun(t, deps, await createTestOrganisation(t.app, "Revoked"), key);
    key.revoked = true;
    await runJob(t, deps, "pollSource", source);
    const row = await sourceOf(t, source);
    expect(row).toMatchObject({ status: "error", errorCode: "credentials_refused", nextSyncAt: null });
    expect(row.errorMessage).not.toContain(key.value);
    const asked = double.requests.length;
    await runJob(t, deps, "pollSource", source);
    expect(double.requests.length).toBe(asked);
  });

  test("waits as long as it is asked to, and says how long", async () => {
    const account = company(10);
    const source = await connect(account, "Waiting");
    double.faults.add({ kind: "rate_limited", retryAfterSeconds: 3_000 }, { times: 50 });
    await runJob(t, deps, "backfillSource", source);
    const row = await sourceOf(t, source);
    expect(row).toMatchObject({
      errorCode: "rate_limited",
      errorMessage: expect.stringMatching(/50 minutes/),
    });
    expect(row.status).toMatch(/connecting|backfilling/);
    expect(row.nextSyncAt!.getTime()).toBeGreaterThan(Date.now() + 2_900_000);
  });
});
