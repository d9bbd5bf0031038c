import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { policyChoices, resolvePolicy } from "#metrics/policy.ts";
import { createTestDatabase, type TestDatabase } from "../testing.ts";
import { reshapesLedger } from "./ledger-rules.ts";
import { comparePolicies } from "./policy-difference.ts";
import { rebuildMetrics } from "./rebuild.ts";
import { writeFacts } from "./testing-ledger.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await createTestDatabase();
});
afterAll(() => t.close());

test("rules that only formulas read leave the stored ledger as it is, those that shape it do not", () => {
  const rules = resolvePolicy();
  for (const [key, values] of Object.entries(policyChoices)) {
    const shapes = ["free_payer", "paused", "pause_collection"].includes(key);
    // what files do not tell, and sources do
    const shapesSourced = shapes || ["discounts", "past_due", "cancel"].includes(key);
    for (const value of values.slice(1)) {
      const other = { ...rules, [key]: value };
      expect(reshapesLedger(rules, other, true), `${key} ${value}`).toBe(shapesSourced);
      expect(reshapesLedger(rules, other, false), `${key} ${value}`).toBe(
        shapes || (value === "none" && key === "discounts"),
      );
    }
  }
  expect(reshapesLedger(rules, { ...rules, return_after_days: 30 }, false)).toBe(true);
  expect(reshapesLedger(rules, { ...rules, past_due_days: 10 }, true)).toBe(true);
  expect(
    reshapesLedger(
      { ...rules, past_due: "counts" },
      { ...rules, past_due: "counts", past_due_days: 10 },
      true,
    ),
  ).toBe(false);
});

test("a history that takes too long to count again is said, and the rest of the product goes on", async () => {
  const state = { currency: "USD", interval: "month", source: "upload", plan: null, toDay: null };
  await t.worker.withOrg(t.orgA, async (tx) => {
    await writeFacts(tx, {
      states: [{ ...state, customerId: "a", subscriptionId: "s", fromDay: "2025-01-01", annual: "12" }],
    });
    await rebuildMetrics(tx, { cause: "upload", actorId: null });
  });
  const compare = (b: "chartmogul" | "stripe") =>
    t.app.withOrg(t.orgA, (tx) => comparePolicies(tx, { a: "current", b }, 200), { readOnly: true });
  await t.worker.withOrg(t.orgA, async (other) => {
    await other.rows(sql`LOCK TABLE subscription_version IN ACCESS EXCLUSIVE MODE`);
    await expect(compare("chartmogul")).rejects.toMatchObject({
      code: "UNAVAILABLE",
      extra: { reason: "comparison_too_slow" },
    });
    // what is stored needs no facts
    expect((await compare("stripe")).recompute).toBe("none");
  });
  expect((await compare("chartmogul")).metrics.mrr?.at(-1)?.change).toBe("0");
});
