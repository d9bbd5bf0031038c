import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ExclusionKind } from "#contracts/catalogue.ts";
import { buildLedger } from "#metrics/movements.ts";
import { resolvePolicy } from "#metrics/policy.ts";
import { createTestDatabase, type TestDatabase } from "../testing.ts";
import { getComposition } from "./composition.ts";
import { createExclusion, deleteExclusion, listExclusions } from "./exclusions.ts";
import { listFilterOptions } from "./filter-options.ts";
import { getMetrics } from "./metrics.ts";
import { refreshCustomers } from "./refresh.ts";
import { clearFacts, type Facts, readLedger, readRollups, writeFacts } from "./testing-ledger.ts";
import { plainStates } from "./testing-worlds.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await createTestDatabase();
});
afterAll(() => t.close());

async function load(orgId: string, facts: Facts): Promise<void> {
  await t.worker.withOrg(orgId, async (tx) => {
    await clearFacts(tx);
    await writeFacts(tx, facts);
    await refreshCustomers(tx, { touched: "all", cause: "upload" });
  });
}
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
        await load(t.orgA, facts);
        await load(t.orgB, facts);
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
      { numRuns: 30 },
    );
  }, 60_000);

  test("is gone from compositions and filtered numbers as well, and is listed with its reason", async () => {
    const state = {
      ...{ currency: "USD", interval: "month", source: "upload", fromDay: "2025-01-10", toDay: null },
    };
    await load(t.orgA, {
      states: [
        { ...state, customerId: "a", subscriptionId: "s1", plan: "Gold", annual: "120" },
        { ...state, customerId: "a", subscriptionId: "s2", plan: "Internal", annual: "240" },
        { ...state, customerId: "b", subscriptionId: "s3", plan: null, annual: "360" },
      ],
    });
    await exclude(t.orgA, "plan", "Internal");
    await exclude(t.orgA, "customer", "b");
    const options = await t.app.withOrg(t.orgA, listFilterOptions);
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
      { kind: "customer", target_id: "b", reason: "test", customers: 1 },
      { kind: "plan", target_id: "Internal", reason: "test", customers: 1 },
    ]);
    expect((await t.app.withOrg(t.orgB, (tx) => listExclusions(tx, { limit: 10 }))).items).toEqual([]);
  });

  test("cannot be excluded twice, nor what does not exist; nor can another organisation include it", async () => {
    await load(t.orgA, { customers: [{ customerId: "once" }] });
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
});
