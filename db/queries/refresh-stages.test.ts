import { sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createDatabase, type Database, type OrgTx } from "../database.ts";
import { createTestDatabase, createTestOrganisation, type TestDatabase } from "../testing.ts";
import { rebuildMetrics } from "./rebuild.ts";
import { refreshCustomers } from "./refresh.ts";
import { stages } from "./refresh-stages.ts";
import { loadFacts, readLedger, readRollups, writeFacts } from "./testing-ledger.ts";

let t: TestDatabase;
/** One connection, so that all refreshes meet on it. */
let one: Database;
let mine: string;
let theirs: string;
beforeAll(async () => {
  t = await createTestDatabase();
});
beforeEach(async () => {
  one = createDatabase({ url: t.url, role: "jarvis_worker", max: 1 });
  [mine, theirs] = [
    await createTestOrganisation(t.app, "Mine"),
    await createTestOrganisation(t.app, "Theirs"),
  ];
  for (const org of [mine, theirs]) await loadFacts(t, org, facts);
  return () => one.close();
});
afterAll(() => t.close());

const pays = (customerId: string, plan: string, annual = "120") => ({
  ...{
    customerId,
    subscriptionId: plan,
    plan,
    currency: "USD",
    interval: "month" as const,
    source: "upload",
  },
  ...{ fromDay: "2025-01-20", toDay: null, annual },
});
const names = Array.from({ length: 40 }, (_, i) => `c${i}`);
const facts = {
  states: names.map((name) => pays(name, "Gold")),
  customers: names.map((customerId, i) => ({ customerId, country: i % 2 === 0 ? "DE" : "US" })),
};

/** Some buy a second plan: in each plan's slice they have a ledger of their own. */
async function buy(tx: OrgTx, customers: readonly string[]): Promise<void> {
  await writeFacts(tx, { states: customers.map((name) => pays(name, "Silver", "240")) });
  const { full } = await refreshCustomers(tx, {
    touched: sql`(SELECT id AS customer_id FROM customer WHERE org_id = ${tx.orgId} AND external_id = ANY (${sql.param(customers)}::text[]))`,
    cause: "upload",
  });
  expect(full).toBe(false);
}

const countStaged = (tx: OrgTx) =>
  Promise.all(stages.map(async ({ table }) => (await tx.rows(sql`SELECT FROM ${table}`)).length));

test("what a refresh works on is gone with its transaction, before another organisation comes to the same connection", async () => {
  await one.withOrg(mine, async (tx) => {
    await buy(tx, ["c1", "c2"]);
    expect(await countStaged(tx)).not.toContain(0);
  });
  await one.withOrg(theirs, async (tx) => expect(new Set(await countStaged(tx))).toEqual(new Set([0])));
  await expect(
    one.withOrg(mine, async (tx) => {
      await buy(tx, ["c3"]);
      throw new Error("taken back");
    }),
  ).rejects.toThrow("taken back");
  await one.withOrg(theirs, async (tx) => {
    expect(new Set(await countStaged(tx))).toEqual(new Set([0]));
    await buy(tx, ["c4"]);
  });
});

test("refreshes of one transaction, and of several on one connection, leave what a rebuild does", async () => {
  for (const org of [mine, theirs]) {
    await one.withOrg(org, async (tx) => {
      await buy(tx, ["c1"]);
      await buy(tx, ["c2", "c5"]);
    });
    // more than those whose plans were made first
    await one.withOrg(org, (tx) => buy(tx, names.slice(6, 18)));
    const refreshed = await one.withOrg(org, async (tx) => [await readLedger(tx), await readRollups(tx)]);
    await one.withOrg(org, (tx) => rebuildMetrics(tx, { cause: "rebuild", actorId: null }));
    expect(refreshed).toEqual(
      await one.withOrg(org, async (tx) => [await readLedger(tx), await readRollups(tx)]),
    );
  }
});

test("a connection that has refreshed reads no statement anew and makes no table for the next refresh, whoever's it is", async () => {
  const listPlans = (org: string) =>
    one.withOrg(org, (tx) =>
      tx.rows<{ name: string; generic: number; custom: number }>(
        sql`SELECT name, generic_plans::int AS generic, custom_plans::int AS custom FROM pg_prepared_statements ORDER BY name`,
      ),
    );
  await one.withOrg(mine, (tx) => buy(tx, ["c1"]));
  // the first one made the tables, after which plans are made once more
  await one.withOrg(mine, (tx) => buy(tx, ["c2"]));
  const before = await listPlans(mine);
  const count = () =>
    one.withOrg(theirs, (tx) =>
      tx.rows<{ oids: string }>(
        sql`SELECT string_agg(oid::text, ' ' ORDER BY oid) AS oids FROM pg_class WHERE relnamespace = pg_my_temp_schema()`,
      ),
    );
  const tables = await count();
  await one.withOrg(theirs, (tx) => buy(tx, ["c3", "c4"]));
  const after = await listPlans(mine);
  expect(after.map(({ name }) => name)).toEqual(before.map(({ name }) => name));
  const again = after.filter(({ generic }, i) => generic > (before[i]?.generic ?? 0));
  expect(again.length).toBeGreaterThan(20);
  expect(await count()).toEqual(tables);
});
