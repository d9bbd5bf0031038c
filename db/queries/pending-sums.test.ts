import { sql } from "drizzle-orm";
import type pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { OrgTx } from "../database.ts";
import { createTestDatabase, createTestOrganisation, type TestDatabase } from "../testing.ts";
import { getComposition } from "./composition.ts";
import { listFilterOptions } from "./filter-options.ts";
import { foldSums } from "./fold-sums.ts";
import { getMetrics } from "./metrics.ts";
import { deleteOrganisation } from "./organisations.ts";
import { type RefreshRequest, refreshCustomers } from "./refresh.ts";
import { clearRollups } from "./rollup-tables.ts";
import { clearSlices } from "./slices.ts";
import { keepAsked, loadFacts, readRollups, writeFacts } from "./testing-ledger.ts";

let t: TestDatabase;
let admin: pg.Client;
let mine: string;
let theirs: string;
beforeAll(async () => {
  t = await createTestDatabase();
  admin = await t.connect();
});
afterAll(() => t.close());

const pays = (customerId: string, plan: string, annual = "120") => ({
  ...{ customerId, subscriptionId: plan, plan, currency: "USD", interval: "month", source: "upload" },
  ...{ fromDay: "2025-01-20", toDay: null, annual },
});
const names = ["a", "b", "c", "d", "e", "f", "g"];
const facts = {
  states: names.map((name) => pays(name, "Gold")),
  customers: names.map((customerId) => ({ customerId, country: customerId < "d" ? "DE" : "US" })),
};
beforeEach(async () => {
  [mine, theirs] = [
    await createTestOrganisation(t.app, "Mine"),
    await createTestOrganisation(t.app, "Theirs"),
  ];
  for (const org of [mine, theirs]) await loadFacts(t, org, facts);
  await admin.query("DELETE FROM graphile_worker._private_jobs");
});

/** Somebody buys a second plan: so few are touched that what it changes is left pending. */
async function change(tx: OrgTx, customerId: string, request: Partial<RefreshRequest> = {}): Promise<void> {
  await writeFacts(tx, { states: [pays(customerId, "Silver", "240")] });
  const { full } = await refreshCustomers(tx, {
    touched: sql`(SELECT id AS customer_id FROM customer WHERE org_id = ${tx.orgId} AND external_id = ${customerId})`,
    cause: "upload",
    ...request,
  });
  expect(full).toBe(false);
}

const countPending = async (org: string): Promise<number> => {
  const { rows } = await admin.query(
    "SELECT count(*)::int AS count FROM app.pending_sums WHERE org_id = $1",
    [org],
  );
  return rows[0].count;
};
/** What a rebuild of the same facts leaves. */
const rebuilt = (org: string) =>
  t.worker.withOrg(org, async (tx) => {
    await refreshCustomers(tx, { touched: "all", cause: "upload" });
    return readRollups(tx);
  });

test("are part of every answer, and once folded it is the same, in their organisation alone", async () => {
  const answers = (org: string) =>
    t.app.withOrg(org, async (tx) => {
      const range = { grain: "month", from: "2025-01", to: "2025-02", names: ["mrr", "customers"] } as const;
      const options = await listFilterOptions(tx, undefined, 0);
      const { parts } = await getComposition(tx, { by: "plan", filter: {} });
      const filters: Record<string, string[]>[] = [
        {},
        { plan: ["Silver"] },
        { country: ["DE", "US"] },
        { plan: ["Gold"], country: ["DE"] },
      ];
      const metrics = [];
      for (const filter of filters)
        metrics.push((await getMetrics(tx, { ...range, names: [...range.names], filter })).metrics);
      return {
        plans: options.options.find(({ key }) => key === "plan")?.values,
        ...{ span: [options.first_day, options.last_day], parts, metrics },
      };
    });
  await t.worker.withOrg(mine, (tx) =>
    keepAsked(tx, [{ filter: { plan: "Gold", country: "DE" }, grain: "month" }]),
  );
  const before = await answers(theirs);
  await t.worker.withOrg(mine, (tx) => change(tx, "a"));
  expect(await countPending(mine)).toBeGreaterThan(0);
  const pending = await answers(mine);
  expect(pending.plans).toEqual([
    { value: "Gold", customers: 7 },
    { value: "Silver", customers: 1 },
  ]);
  expect(pending.parts.map(({ key, mrr }) => [key, mrr])).toEqual([
    ["Gold", "70"],
    ["Silver", "20"],
  ]);
  expect(pending.metrics.map(({ mrr }) => mrr?.[0]?.value)).toEqual(["90", "20", "90", "30"]);
  await t.worker.withOrg(mine, foldSums);
  expect(await countPending(mine)).toBe(0);
  expect(await answers(mine)).toEqual(pending);
  expect([await countPending(theirs), await answers(theirs)]).toEqual([0, before]);
});

test("are folded by one job, however many refreshes left them", async () => {
  for (const customerId of ["a", "b"]) await t.worker.withOrg(mine, (tx) => change(tx, customerId));
  const { rows } = await admin.query(
    `SELECT j.payload ->> 'orgId' AS org FROM graphile_worker._private_jobs j
     JOIN graphile_worker._private_tasks k ON k.id = j.task_id WHERE k.identifier = 'foldSums'`,
  );
  expect(rows).toEqual([{ org: mine }]);
});

test("of a refresh beside a fold wait for the next one, and the refresh for none", async () => {
  await t.worker.withOrg(mine, (tx) => change(tx, "a"));
  await t.worker.withOrg(mine, async (folding) => {
    await foldSums(folding);
    // of what waits for a fold, nothing would ever come to its end here
    await t.worker.withOrg(mine, (tx) => change(tx, "d"));
  });
  expect(await countPending(mine)).toBeGreaterThan(0);
  const kept = await t.worker.withOrg(mine, readRollups);
  expect(await countPending(mine)).toBe(0);
  expect(kept).toEqual(await rebuilt(mine));
});

test("are folded first by whoever writes sums of slices, which waits for a fold that runs", async () => {
  const writers: Record<string, (tx: OrgTx) => Promise<unknown>> = {
    "a refresh of many": (tx) => change(tx, "d", { mostLeft: 0 }),
    "a rebuild": (tx) => refreshCustomers(tx, { touched: "all", cause: "upload" }),
    "another fold": foldSums,
    "whoever forgets slices": clearSlices,
  };
  for (const [name, write] of Object.entries(writers)) {
    await loadFacts(t, mine, facts);
    await t.worker.withOrg(mine, (tx) => change(tx, "a"));
    let wrote: Promise<unknown> = Promise.resolve();
    await t.worker.withOrg(mine, async (folding) => {
      await foldSums(folding);
      wrote = t.worker.withOrg(mine, write);
      await vi.waitFor(async () => expect([name, await waiting()]).toEqual([name, 1]), {
        timeout: 10_000,
        interval: 5,
      });
    });
    await wrote;
    expect([name, await countPending(mine)]).toEqual([name, 0]);
    const kept = await t.worker.withOrg(mine, readRollups);
    if (write !== clearSlices) expect(kept).toEqual(await rebuilt(mine));
  }
  await loadFacts(t, mine, facts);
  await t.worker.withOrg(mine, async (tx) => {
    await change(tx, "b");
    await clearSlices(tx);
  });
  expect(await countPending(mine)).toBe(0);
});

test("that nobody has folded for long are folded by the next refresh, which leaves its own", async () => {
  await t.worker.withOrg(mine, (tx) => change(tx, "a"));
  await admin.query("UPDATE app.pending_sums SET at = now() - interval '2 minutes' WHERE org_id = $1", [
    mine,
  ]);
  await t.worker.withOrg(mine, (tx) => change(tx, "d"));
  const { rows } = await admin.query(
    "SELECT count(*) > 0 AS any, bool_or(at < now() - interval '1 minute') AS old FROM app.pending_sums WHERE org_id = $1",
    [mine],
  );
  expect(rows).toEqual([{ any: true, old: false }]);
  const kept = await t.worker.withOrg(mine, readRollups);
  expect(kept).toEqual(await rebuilt(mine));
});

test("are none where there are no slices, which a refresh does not make", async () => {
  await t.worker.withOrg(mine, clearSlices);
  await t.worker.withOrg(mine, (tx) => change(tx, "a"));
  const { rows } = await admin.query("SELECT slices_built AS built FROM app.organisation WHERE id = $1", [
    mine,
  ]);
  expect([rows, await countPending(mine)]).toEqual([[{ built: false }], 0]);
});

test("of a slice that is forgotten go with it, and all of them with their organisation", async () => {
  for (const org of [mine, theirs]) await t.worker.withOrg(org, (tx) => change(tx, "a"));
  const [gold] = await t.worker.withOrg(mine, (tx) =>
    tx.rows<{ id: number }>(sql`SELECT id FROM slice WHERE org_id = ${tx.orgId} AND value = 'Gold'`),
  );
  const rows = await t.worker.withOrg(mine, async (tx) => {
    await clearRollups(tx, gold?.id ?? 0);
    await foldSums(tx);
    return tx.rows(sql`SELECT FROM day_rollup WHERE org_id = ${tx.orgId} AND slice = ${gold?.id}`);
  });
  expect(rows).toEqual([]);
  await t.app.withOrg(theirs, deleteOrganisation);
  expect(await countPending(theirs)).toBe(0);
});

/** How many backends of this database wait for a lock. */
async function waiting(): Promise<number> {
  const { rows } = await admin.query(
    "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
  );
  return rows.length;
}
