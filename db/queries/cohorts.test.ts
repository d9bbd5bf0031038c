import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cohortBases, cohortMeasures } from "#contracts/analytics.ts";
import { applyBilling } from "#metrics/billing.ts";
import { computeCohorts } from "#metrics/cohorts.ts";
import { buildLedger } from "#metrics/movements.ts";
import { createTestDatabase, type TestDatabase } from "../testing.ts";
import { getAnalyticsSettings, observe } from "./analytics-settings.ts";
import { getCohorts } from "./cohorts.ts";
import { refreshCustomers } from "./refresh.ts";
import { loadFacts, writeFacts } from "./testing-ledger.ts";
import { customers, day, policies, rates, states } from "./testing-worlds.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await createTestDatabase();
});
afterAll(() => t.close());

const activities = fc.array(fc.record({ customerId: fc.constantFrom("a1", "a2", "a3"), day }), {
  maxLength: 12,
});
const question = fc.record({
  grain: fc.constantFrom("week", "month", "month", "quarter", "year"),
  basis: fc.constantFrom(...cohortBases),
  measure: fc.constantFrom(...cohortMeasures),
  from: fc.option(day, { nil: undefined }),
  to: fc.option(day, { nil: undefined }),
  as_of: day,
  plan: fc.constantFrom(null, null, "Gold"),
  country: fc.constantFrom(null, null, "DE"),
});

describe("cohorts in SQL", () => {
  test("are the engine's for every grain, basis, measure, policy and filter", async () => {
    await fc.assert(
      fc.asyncProperty(
        ...[states, rates, customers, activities, policies],
        fc.array(question, { minLength: 6, maxLength: 6 }),
        async (given, known, people, acts, policy, questions) => {
          await loadFacts(
            t,
            t.orgA,
            { states: given, rates: known, customers: people, activities: acts },
            policy,
          );
          for (const asked of questions) {
            const { grain, basis, as_of } = asked;
            const measure = basis === "first_activity" ? "customers" : asked.measure;
            const plan = basis === "first_activity" ? null : asked.plan;
            const [from, to] = [asked.from, asked.to].sort();
            const filter = {
              ...(plan && { plan: [plan] }),
              ...(asked.country && { country: [asked.country] }),
            };
            const [answer, settings] = await t.app.withOrg(
              t.orgA,
              async (tx) =>
                [
                  await getCohorts(tx, { grain, basis, measure, from, to, as_of, filter }),
                  await getAnalyticsSettings(tx),
                ] as const,
            );
            const here = people.filter(({ country }) => !asked.country || country === asked.country);
            const ids = new Set(here.map(({ customerId }) => customerId));
            const settled = applyBilling(given, policy, settings.today).filter(
              (state) => ids.has(state.customerId) && (!plan || state.plan === plan),
            );
            const expected = computeCohorts({
              ...observe(settings, as_of),
              ledger: buildLedger({ states: settled, rates: known, currency: "USD", policy }),
              ...{ grain, basis, measure, policy, from: from ?? null, to: to ?? null },
              customers: here.map(({ customerId, signupDay }) => ({
                customerId,
                signupDay: signupDay ?? null,
              })),
              activities: acts.filter(({ customerId }) => ids.has(customerId)),
            });
            expect({ cohorts: answer.cohorts, average: answer.average }).toEqual(expected);
          }
        },
      ),
      { numRuns: 15 },
    );
  }, 120_000);

  test("refuse what activity cannot tell", async () => {
    const ask = (query: object) =>
      t.app.withOrg(t.orgA, (tx) =>
        getCohorts(tx, {
          grain: "month",
          basis: "first_activity",
          measure: "customers",
          filter: {},
          ...query,
        }),
      );
    await expect(ask({ measure: "mrr_net" })).rejects.toMatchObject({
      extra: { reason: "activity_has_no_mrr" },
    });
    await expect(ask({ filter: { plan: ["Gold"] } })).rejects.toMatchObject({
      extra: { reason: "filter_not_applicable" },
    });
  });
});

const usd = { subscriptionId: "s", plan: null, currency: "USD", interval: "month", source: "upload" };
const held = (customerId: string, fromDay: string, toDay: string | null, mrr: number) => ({
  ...usd,
  ...{ customerId, fromDay, toDay, annual: String(mrr * 12) },
});

describe("worked examples", () => {
  const read = (measure: "customers" | "mrr_net" | "mrr_gross", as_of: string) =>
    t.app.withOrg(t.orgB, (tx) => getCohorts(tx, { grain: "month", measure, as_of, filter: {} }));

  test("T16, T17: the average is weighted over the cohorts that reached the month", async () => {
    await loadFacts(t, t.orgB, {
      states: [
        ...[held("A", "2025-01-10", "2025-02-10", 100), held("A", "2025-02-10", null, 80)],
        ...[held("B", "2025-02-10", "2025-03-10", 10), held("B", "2025-03-10", null, 9)],
      ],
    });
    expect((await read("mrr_net", "2025-03-31")).average[1]).toEqual({ rate: 89 / 110, cohorts: 2 });
    await t.worker.withOrg(t.orgB, async (tx) => {
      await writeFacts(tx, {
        states: [held("C", "2025-03-05", "2025-04-05", 50), held("C", "2025-04-05", null, 40)],
      });
      await refreshCustomers(tx, { touched: "all", cause: "upload" });
    });
    const running = await read("mrr_net", "2025-04-10");
    expect(running.cohorts[2]?.cells[1]).toMatchObject({ value: "40", complete: false });
    expect(running.average[1]?.rate).toBeCloseTo(0.809, 3);
  });

  test("T18: three at 100 are 150, 0 and 100 two months later", async () => {
    await loadFacts(t, t.orgB, {
      states: [
        ...[held("A", "2025-01-10", "2025-03-05", 100), held("A", "2025-03-05", null, 150)],
        ...[held("B", "2025-01-11", "2025-02-20", 100), held("C", "2025-01-12", null, 100)],
      ],
    });
    const cell = async (measure: "customers" | "mrr_net" | "mrr_gross") =>
      (await read(measure, "2025-03-31")).cohorts[0]?.cells[2]?.rate;
    expect(await cell("mrr_net")).toBeCloseTo(0.833, 3);
    expect(await cell("mrr_gross")).toBeCloseTo(0.667, 3);
    expect(await cell("customers")).toBeCloseTo(0.667, 3);
  });

  test("a month without new customers is listed with size 0, and all rows are as long as the first", async () => {
    await loadFacts(t, t.orgB, {
      states: [held("A", "2025-01-10", null, 100), held("B", "2025-03-10", null, 100)],
    });
    const { cohorts } = await read("customers", "2025-04-15");
    expect(cohorts.map(({ cohort, size }) => [cohort, size])).toEqual([
      ["2025-01", 1],
      ["2025-02", 0],
      ["2025-03", 1],
      ["2025-04", 0],
    ]);
    expect(cohorts.map(({ cells }) => cells.length)).toEqual([4, 4, 4, 4]);
    expect(cohorts[3]?.cells.slice(1)).toEqual([null, null, null]);
  });

  // Sums that are kept of a plan tell the month of its first payment, not the day.
  test("of a plan they begin with the first that anybody is in, as do those of everything", async () => {
    for (const org of [t.orgA, t.orgB])
      await loadFacts(t, org, { states: [{ ...held("A", "2025-03-20", null, 100), plan: "Gold" }] });
    for (const filter of [{}, { plan: ["Gold"] }, { country: [""] }] as Record<string, string[]>[]) {
      const begun = (grain: "week" | "month", as_of: string) =>
        t.app.withOrg(t.orgA, async (tx) => {
          const { cohorts } = await getCohorts(tx, { grain, measure: "customers", as_of, filter });
          return cohorts.slice(0, 1).map(({ cohort, size }) => [cohort, size]);
        });
      expect(await begun("month", "2025-03-07")).toEqual([]);
      expect(await begun("month", "2025-05-07")).toEqual([["2025-03", 1]]);
      expect(await begun("week", "2025-05-07")).toEqual([["2025-W12", 1]]);
    }
  });
});
