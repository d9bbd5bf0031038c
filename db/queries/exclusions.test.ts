import { sql } from "drizzle-orm";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ExclusionKind } from "#contracts/catalogue.ts";
import { buildLedger } from "#metrics/movements.ts";
import { resolvePolicy } from "#metrics/policy.ts";
import { createDatabase } from "../database.ts";
import { createTestDatabase, createTestOrganisation, type TestDatabase } from "../testing.ts";
import { getComposition } from "./composition.ts";
import { createExclusion, deleteExclusion, listExclusions } from "./exclusions.ts";
import { listFilterOptions } from "./filter-options.ts";
import { getMetrics } from "./metrics.ts";
import { rebuildMetrics } from "./rebuild.ts";
import { refreshCustomers } from "./refresh.ts";
import { loadFacts, readLedger, readRollups } from "./testing-ledger.ts";
import { plainStates } from "./testing-worlds.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await createTestDatabase();
});
afterAll(() => t.close());

const exclude = (orgId: string, kind: ExclusionKind, target: string) =>
  t.app.withOrg(orgId, (tx) => createExclusion(tx, { kind, target, reason: "test", actorId: null }));
const include = (orgId: string, id: string) =>
  t.app.withOrg(orgId, (tx) => deleteExclusion(tx, { id, actorId: null }));
const all = (orgId: string) =>
  t.app.withOrg(orgId, async (tx) => ({ ledger: await readLedger(tx), rollups: await readRollups(tx) }));

const choice = fc.oneof(
  fc.constantFrom("a1", "a2", "a3").map((target) => ({ kind: "customer" as const, target })),
  fc.constantFrom("Gold", "Silver").map((target) => ({ kind: "plan" as const, target })),
  fc.constantFrom("s1", "s2").map((target) => ({ kind: "subscription" as const, target })),
);

describe("what is excluded", () => {
  test("leaves the ledger as if it were not there, and included again nothing is another; in one organisation", async () => {
    await fc.assert(
      fc.asyncProperty(plainStates, choice, async (states, { kind, target }) => {
        const facts = { states, customers: ["a1", "a2", "a3"].map((customerId) => ({ customerId })) };
        await loadFacts(t, t.orgA, facts);
        await loadFacts(t, t.orgB, facts);
        const before = [await all(t.orgA), await all(t.orgB)];
        const concerns = (state: (typeof states)[number]) =>
          ({ customer: state.customerId, plan: state.plan, subscription: state.subscriptionId })[kind] ===
          target;
        fc.pre(kind === "customer" || states.some(concerns));
        const made = await exclude(t.orgA, kind, target);
        const left = states.filter((state) => !concerns(state));
        const engine = buildLedger({ states: left, rates: [], currency: "USD", policy: resolvePolicy() });
        const brief = (rows: readonly { customerId: string; day: string; kind: string; annual: string }[]) =>
          rows.map((row) => `${row.customerId} ${row.day} ${row.kind} ${Number(row.annual)}`);
        expect(brief((await all(t.orgA)).ledger.movements)).toEqual(brief(engine.movements));
        expect(await all(t.orgB)).toEqual(before[1]);
        await include(t.orgA, made.id);
        expect([await all(t.orgA), await all(t.orgB)]).toEqual(before);
      }),
      { numRuns: 6 },
    );
  }, 60_000);

  test("is gone from compositions and filtered numbers as well, and is listed with its reason", async () => {
    const state = {
      ...{ currency: "USD", interval: "month", source: "upload", fromDay: "2025-01-10", toDay: null },
    };
    await loadFacts(t, t.orgA, {
      states: [
        { ...state, customerId: "a", subscriptionId: "s1", plan: "Gold", annual: "120" },
        { ...state, customerId: "a", subscriptionId: "s2", plan: "Internal", annual: "240" },
        { ...state, customerId: "b", subscriptionId: "s3", plan: null, annual: "360" },
      ],
    });
    await exclude(t.orgA, "plan", "Internal");
    await exclude(t.orgA, "customer", "b");
    const options = await t.app.withOrg(t.orgA, (tx) => listFilterOptions(tx));
    expect(options.options.find(({ key }) => key === "plan")?.values).toEqual([
      { value: "Gold", customers: 1 },
    ]);
    const [parts, filtered, list] = await t.app.withOrg(t.orgA, async (tx) => [
      await getComposition(tx, { by: "plan", at: "2025-03-01", filter: {} }),
      await getMetrics(tx, {
        names: ["mrr"],
        grain: "month",
        from: "2025-03",
        to: "2025-03",
        filter: { interval: ["month"] },
      }),
      await listExclusions(tx, { limit: 10 }),
    ]);
    expect(parts).toMatchObject({ total: "10", parts: [{ key: "Gold", mrr: "10" }] });
    expect(filtered.metrics.mrr?.[0]?.value).toBe("10");
    expect(list.items).toMatchObject([
      { kind: "customer", target_id: "b", reason: "test", customers: null },
      { kind: "plan", target_id: "Internal", reason: "test", customers: 1 },
    ]);
    expect((await t.app.withOrg(t.orgB, (tx) => listExclusions(tx, { limit: 10 }))).items).toEqual([]);
  });

  test("cannot be excluded twice, nor what does not exist; nor can another organisation include it", async () => {
    await loadFacts(t, t.orgA, { customers: [{ customerId: "once" }] });
    const { id } = await exclude(t.orgA, "customer", "once");
    await expect(exclude(t.orgA, "customer", "once")).rejects.toMatchObject({
      code: "CONFLICT",
      extra: { reason: "already_excluded", details: { id } },
    });
    for (const kind of ["customer", "plan", "subscription"] as const)
      await expect(exclude(t.orgA, kind, "nothing")).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(exclude(t.orgB, "customer", "once")).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(include(t.orgB, id)).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  test("of thousands of customers is left to a job, once; of one customer among them it is done at once", async () => {
    const orgId = await createTestOrganisation(t.app, "Large");
    await t.worker.withOrg(orgId, async (tx) => {
      await tx.rows(
        sql`INSERT INTO customer (org_id, external_id) SELECT ${orgId}, 'c' || n FROM generate_series(1, 5001) n`,
      );
      await tx.rows(sql`INSERT INTO subscription_version (org_id, customer_id, sub_key, plan, currency, interval, unit_amount,
          annual_list, annual, started_at, from_day)
        SELECT org_id, id, external_id, 'Free', 'USD', 'month', 1, 12, 12, '2025-01-01', '2025-01-01' FROM customer WHERE org_id = ${orgId}`);
      await refreshCustomers(tx, { touched: "all", cause: "upload" });
    });
    const mrr = async () => {
      const { metrics } = await t.app.withOrg(orgId, (tx) =>
        getMetrics(tx, { names: ["mrr"], grain: "month", from: "2025-03", to: "2025-03", filter: {} }),
      );
      return metrics.mrr?.[0]?.value;
    };
    await exclude(orgId, "customer", "c7");
    expect(await mrr()).toBe("5000");
    await exclude(orgId, "plan", "Free");
    expect(await mrr()).toBe("5000");
    const admin = createDatabase({ url: t.url, role: "jarvis_maint" });
    const jobs = await admin.withInstance(async (tx) => {
      await tx.rows(sql`RESET ROLE`);
      return tx.rows<{
        cause: string;
      }>(sql`SELECT j.payload ->> 'cause' AS cause FROM graphile_worker._private_jobs j
        WHERE j.payload ->> 'orgId' = ${orgId} AND j.payload ->> 'cause' IS NOT NULL`);
    });
    await admin.close();
    expect(jobs).toEqual([{ cause: "exclusion" }]);
    await t.worker.withOrg(orgId, (tx) => rebuildMetrics(tx, { cause: "exclusion", actorId: null }));
    expect(await mrr()).toBe("0");
  });
});
