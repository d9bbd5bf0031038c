import { sql } from "drizzle-orm";
import type pg from "pg";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { clearSlices } from "#db/queries/slices.ts";
import { loadFacts, readRollups } from "#db/queries/testing-ledger.ts";
import { createTestDatabase, type TestDatabase } from "#db/testing.ts";
import { testRun } from "../sources/testing.ts";
import { createBuildSlices } from "./build-slices.ts";

let t: TestDatabase;
let admin: pg.Client;
beforeAll(async () => {
  t = await createTestDatabase();
  admin = await t.connect();
});
afterAll(() => t.close());

const areBuilt = async (orgId: string): Promise<boolean> => {
  const { rows } = await admin.query("SELECT slices_built FROM app.organisation WHERE id = $1", [orgId]);
  return rows[0].slices_built;
};

/** How many backends of this database wait for a lock. */
const waiting = async (): Promise<number> => {
  const { rows } = await admin.query(
    "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
  );
  return rows.length;
};

// Changes that came faster than slices were built made each attempt void, and there were never any.
test("slices that a change made void are built again, and the next change waits for them", async () => {
  const plan = (value: string) => ({
    ...{ customerId: value, subscriptionId: value, currency: "USD", interval: "month" as const, plan: value },
    ...{ fromDay: "2025-01-01", toDay: null, annual: "120", source: "files" },
  });
  for (const org of [t.orgA, t.orgB]) await loadFacts(t, org, { states: [plan("Gold"), plan("Silver")] });
  const made = await t.worker.withOrg(t.orgA, readRollups);
  for (const org of [t.orgA, t.orgB]) await t.worker.withOrg(org, clearSlices);

  const changing = await t.connect();
  const change = `BEGIN; UPDATE app.organisation SET metrics_version = metrics_version + 1 WHERE id = '${t.orgA}'`;
  await changing.query(change);
  const building = createBuildSlices({ db: t.worker })({ orgId: t.orgA }, testRun());
  await vi.waitFor(async () => expect(await waiting()).toBe(1), { timeout: 10_000, interval: 5 });
  // this makes the first attempt void, and the next change holds the second up where it begins
  await changing.query(`COMMIT; ${change}`);
  await vi.waitFor(async () => expect(await waiting()).toBe(1), { timeout: 10_000, interval: 5 });
  await changing.query("COMMIT");
  await changing.end();
  await building;

  expect(await areBuilt(t.orgA)).toBe(true);
  expect(await t.worker.withOrg(t.orgA, readRollups)).toEqual(made);
  expect(await areBuilt(t.orgB)).toBe(false);
  expect(await t.app.withOrg(t.orgB, (tx) => tx.rows(sql`SELECT FROM slice`))).toEqual([]);
});
