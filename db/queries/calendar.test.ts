import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../testing.ts";
import { getCohorts } from "./cohorts.ts";
import { getMetrics } from "./metrics.ts";
import { refreshCustomers } from "./refresh.ts";
import { writeFacts } from "./testing-ledger.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await createTestDatabase();
  const usd = { plan: null, currency: "USD", interval: "month", source: "upload", toDay: null };
  for (const [orgId, fiscal, week] of [
    [t.orgA, 4, 7],
    [t.orgB, 1, 1],
  ] as const)
    await t.worker.withOrg(orgId, async (tx) => {
      await tx.rows(
        sql`UPDATE organisation SET fiscal_year_start = ${fiscal}, week_start = ${week} WHERE id = ${tx.orgId}`,
      );
      await writeFacts(tx, {
        states: [
          { ...usd, customerId: "march", subscriptionId: "s1", fromDay: "2025-03-10", annual: "120" },
          // a Sunday: the first day of a week, or the last
          { ...usd, customerId: "april", subscriptionId: "s2", fromDay: "2025-04-06", annual: "240" },
        ],
      });
      await refreshCustomers(tx, { touched: "all", cause: "upload" });
    });
});
afterAll(() => t.close());

const newMrr = (orgId: string, grain: "week" | "quarter" | "year", from: string, to: string) =>
  t.app.withOrg(orgId, async (tx) => {
    const { metrics } = await getMetrics(tx, { names: ["new_mrr"], grain, from, to, filter: {} });
    return metrics.new_mrr?.map(({ period, value }) => `${period} ${value}`);
  });

test("quarters and years follow the organisation's fiscal year, each organisation's its own", async () => {
  // 2024-04 to 2025-03 is the year 2025
  expect(await newMrr(t.orgA, "year", "2025", "2026")).toEqual(["2025 10", "2026 20"]);
  expect(await newMrr(t.orgB, "year", "2025", "2025")).toEqual(["2025 30"]);
  expect(await newMrr(t.orgA, "quarter", "2025-Q4", "2026-Q1")).toEqual(["2025-Q4 10", "2026-Q1 20"]);
  expect(await newMrr(t.orgB, "quarter", "2025-Q1", "2025-Q2")).toEqual(["2025-Q1 10", "2025-Q2 20"]);
});

test("weeks begin on the organisation's first weekday", async () => {
  expect(await newMrr(t.orgA, "week", "2025-04-05", "2025-04-06")).toEqual(["2025-W14 0", "2025-W15 20"]);
  expect(await newMrr(t.orgB, "week", "2025-04-05", "2025-04-07")).toEqual(["2025-W14 20", "2025-W15 0"]);
});

test("cohorts are those of the fiscal year as well", async () => {
  const cohorts = (orgId: string) =>
    t.app.withOrg(orgId, async (tx) => {
      const found = await getCohorts(tx, {
        ...{ grain: "year", basis: "first_payment", measure: "customers", filter: {}, as_of: "2025-12-31" },
      });
      return found.cohorts.map(({ cohort, size }) => `${cohort} ${size}`);
    });
  expect(await cohorts(t.orgA)).toEqual(["2025 1", "2026 1"]);
  expect(await cohorts(t.orgB)).toEqual(["2025 2"]);
});
