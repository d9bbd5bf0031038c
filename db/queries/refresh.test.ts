import { sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { SubscriptionState } from "#metrics/ledger.ts";
import type { OrgTx } from "../database.ts";
import { createTestDatabase, createTestOrganisation, type TestDatabase } from "../testing.ts";
import { getAnalyticsSettings } from "./analytics-settings.ts";
import { getMetrics } from "./metrics.ts";
import { deleteOrganisation } from "./organisations.ts";
import { type RefreshRequest, refreshCustomers } from "./refresh.ts";
import { readLedger, writeFacts } from "./testing-ledger.ts";

let t: TestDatabase;
let org: string;
beforeAll(async () => {
  t = await createTestDatabase();
});
beforeEach(async () => {
  org = await createTestOrganisation(t.app, "Mine");
});
afterAll(() => t.close());

const pays = (customerId: string, fromDay: string, toDay: string | null, mrr: number): SubscriptionState => ({
  ...{
    customerId,
    subscriptionId: customerId,
    plan: "Gold",
    currency: "USD",
    interval: "month",
    source: "upload",
  },
  ...{ fromDay, toDay, annual: String(mrr * 12) },
});

const change = (edit: (tx: OrgTx) => Promise<unknown>, request: Partial<RefreshRequest> = {}, orgId = org) =>
  t.worker.withOrg(orgId, async (tx) => {
    await edit(tx);
    return refreshCustomers(tx, { touched: "all", cause: "upload", ...request });
  });

const listRestatements = (orgId = org) =>
  t.app.withOrg(orgId, (tx) =>
    tx.rows(sql`SELECT cause, month::text AS month, trim_scale(before_annual)::text AS before, trim_scale(after_annual)::text AS after,
      rows::int AS rows FROM restatement WHERE org_id = ${tx.orgId} ORDER BY month`),
  );

const customers = (...ids: string[]) =>
  sql`(SELECT id AS customer_id FROM customer WHERE org_id = ${org} AND external_id = ANY (${sql.param(ids)}::text[]))`;

describe("a refresh", () => {
  test("counts up the version, and a first one restates nothing", async () => {
    const first = await change((tx) => writeFacts(tx, { states: [pays("a", "2024-01-10", null, 10)] }));
    expect(first).toEqual({ version: 1, restated: [], full: true });
    expect(await listRestatements()).toEqual([]);
  });

  // A first import of 30,000 rows left the planner's statistics as they were: the dashboard then took 31 s to open.
  test("of everything leaves statistics that fit what it wrote", async () => {
    const rowsKnown = async () => {
      const [known] = await t.app.withInstance((tx) =>
        tx.rows<{ n: number }>(
          sql`SELECT reltuples::int AS n FROM pg_class WHERE oid = 'app.movement'::regclass`,
        ),
      );
      return known?.n ?? 0;
    };
    await change((tx) =>
      writeFacts(tx, {
        states: Array.from({ length: 2_000 }, (_, n) => pays(`c${n}`, "2024-01-10", null, 10)),
      }),
    );
    expect(await rowsKnown()).toBeGreaterThanOrEqual(2_000);
  });

  test("that moves closed months says which, by how much and why", async () => {
    await change((tx) => writeFacts(tx, { states: [pays("a", "2024-01-10", "2024-04-10", 10)] }));
    const second = await change(
      (tx) => writeFacts(tx, { states: [pays("b", "2024-02-10", "2024-03-10", 5)] }),
      { rows: 1 },
    );
    expect(second.restated).toEqual(["2024-02-01"]);
    expect(await listRestatements()).toEqual([
      { cause: "upload", month: "2024-02-01", before: "120", after: "180", rows: 1 },
    ]);
  });

  test("of the running month restates nothing", async () => {
    await change((tx) => writeFacts(tx, { states: [pays("a", "2024-01-10", null, 10)] }));
    const { today } = await t.app.withOrg(org, getAnalyticsSettings);
    const { restated } = await change((tx) =>
      writeFacts(tx, { states: [pays("b", `${today.slice(0, 8)}01`, null, 5)] }),
    );
    expect(restated).toEqual([]);
  });

  test("takes a customer out that is gone, and one that is excluded", async () => {
    const ids = ["a", "b", "c", "d", "e", "f", "g"];
    await change((tx) => writeFacts(tx, { states: ids.map((id) => pays(id, "2024-01-10", null, 10)) }));
    const [gone] = await t.app.withOrg(org, (tx) => tx.rows<{ id: string }>(customers("a")));
    const { full } = await change(
      async (tx) => {
        const [row] = await tx.rows<{ id: string }>(sql`SELECT customer_id AS id FROM ${customers("a")} a`);
        await tx.rows(sql`CREATE TEMP TABLE gone ON COMMIT DROP AS SELECT ${row?.id}::bigint AS customer_id
          UNION SELECT customer_id FROM ${customers("b")} b`);
        await tx.rows(
          sql`DELETE FROM subscription_version WHERE org_id = ${tx.orgId} AND customer_id = ${row?.id}::bigint`,
        );
        await tx.rows(sql`DELETE FROM customer WHERE org_id = ${tx.orgId} AND id = ${row?.id}::bigint`);
        await tx.rows(
          sql`UPDATE customer SET excluded_reason = 'test' WHERE org_id = ${tx.orgId} AND external_id = 'b'`,
        );
      },
      { touched: sql`gone`, cause: "undo" },
    );
    expect(gone).toBeDefined();
    expect(full).toBe(false);
    const { movements } = await t.app.withOrg(org, readLedger);
    expect(movements.map(({ customerId }) => customerId)).toEqual(["c", "d", "e", "f", "g"]);
    const { metrics } = await t.app.withOrg(org, (tx) =>
      getMetrics(tx, {
        names: ["mrr", "customers"],
        grain: "month",
        from: "2024-02",
        to: "2024-02",
        filter: {},
      }),
    );
    expect([metrics.mrr?.[0]?.value, metrics.customers?.[0]?.value]).toEqual(["50", 5]);
  });

  test("that fails leaves ledger, rollups and version as they were", async () => {
    await change((tx) => writeFacts(tx, { states: [pays("a", "2024-01-10", null, 10)] }));
    await expect(
      t.worker.withOrg(org, async (tx) => {
        await writeFacts(tx, { states: [pays("b", "2024-01-10", null, 10)] });
        await refreshCustomers(tx, { touched: "all", cause: "upload" });
        throw new Error("the import fails after its refresh");
      }),
    ).rejects.toThrow("the import fails");
    const settings = await t.app.withOrg(org, getAnalyticsSettings);
    expect(settings.version).toBe(1);
    expect((await t.app.withOrg(org, readLedger)).movements).toHaveLength(1);
  });

  test("leaves sums that go with their organisation, and with no other", async () => {
    const sums = () =>
      Promise.all(
        [org, other].map((orgId) =>
          t.worker.withOrg(orgId, (tx) =>
            tx.rows(sql`SELECT (SELECT count(*) > 0 FROM day_rollup WHERE org_id = ${orgId}) AS days,
              (SELECT count(*) > 0 FROM month_rollup WHERE org_id = ${orgId}) AS months,
              (SELECT count(*) > 0 FROM level_rollup WHERE org_id = ${orgId}) AS levels,
              (SELECT count(*) > 0 FROM cohort_rollup WHERE org_id = ${orgId}) AS cohorts,
              (SELECT count(*) > 0 FROM cohort_size WHERE org_id = ${orgId}) AS sizes`),
          ),
        ),
      );
    const other = await createTestOrganisation(t.app, "Other");
    for (const orgId of [org, other])
      await change(
        (tx) => writeFacts(tx, { states: [pays("a", "2023-01-10", "2024-06-10", 10)] }),
        {},
        orgId,
      );
    const all = { days: true, months: true, levels: true, cohorts: true, sizes: true };
    const none = { days: false, months: false, levels: false, cohorts: false, sizes: false };
    expect(await sums()).toEqual([[all], [all]]);
    await t.app.withOrg(org, deleteOrganisation);
    expect(await sums()).toEqual([[none], [all]]);
  });

  test("leaves another organisation alone, even one with the same ids", async () => {
    const other = await createTestOrganisation(t.app, "Other");
    const facts = { states: [pays("a", "2024-01-10", null, 10)] };
    await change((tx) => writeFacts(tx, facts), {}, other);
    await change((tx) => writeFacts(tx, facts));
    await change((tx) => tx.rows(sql`DELETE FROM subscription_version WHERE org_id = ${tx.orgId}`), {
      touched: customers("a"),
    });
    expect((await t.app.withOrg(org, readLedger)).movements).toEqual([]);
    expect((await t.app.withOrg(other, readLedger)).movements).toHaveLength(1);
    expect(await listRestatements(other)).toEqual([]);
  });

  test("waits for another of the same organisation", async () => {
    await change((tx) => writeFacts(tx, { states: [pays("a", "2024-01-10", null, 10)] }));
    const both = await Promise.all(
      ["b", "c"].map((id) =>
        change((tx) => writeFacts(tx, { states: [pays(id, "2024-01-10", null, 10)] }), {
          touched: customers(id),
        }),
      ),
    );
    expect(both.map(({ version }) => version).toSorted()).toEqual([2, 3]);
    expect((await t.app.withOrg(org, readLedger)).movements).toHaveLength(3);
  });
});

describe("worked examples", () => {
  test("T11: NRR and GRR against the customers of twelve months before", async () => {
    await change((tx) =>
      writeFacts(tx, {
        states: [
          ...[pays("A", "2024-01-05", "2024-06-01", 100), pays("A", "2024-06-01", null, 150)],
          ...[pays("B", "2024-01-05", "2024-07-01", 100), pays("B", "2024-07-01", null, 60)],
          ...[pays("C", "2024-01-05", "2024-09-01", 100), pays("D", "2024-01-05", null, 100)],
        ],
      }),
    );
    const { metrics } = await t.app.withOrg(org, (tx) =>
      getMetrics(tx, { names: ["nrr", "grr"], grain: "month", from: "2025-01", to: "2025-01", filter: {} }),
    );
    expect([metrics.nrr?.[0]?.value, metrics.grr?.[0]?.value]).toEqual([0.775, 0.65]);
  });

  test("an amount without a rate makes the value null and says why", async () => {
    await change((tx) =>
      writeFacts(tx, { states: [{ ...pays("a", "2025-01-10", null, 10), currency: "EUR" }] }),
    );
    const { metrics } = await t.app.withOrg(org, (tx) =>
      getMetrics(tx, { names: ["mrr"], grain: "month", from: "2025-02", to: "2025-02", filter: {} }),
    );
    expect(metrics.mrr).toEqual([
      { period: "2025-02", value: null, complete: true, reason: "fx_rate_missing" },
    ]);
  });
});
