import { sql } from "drizzle-orm";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  cohortBases,
  cohortMeasures,
  compositionKeys,
  type MetricName,
  metricNames,
} from "#contracts/analytics.ts";
import { type ExplainOutput, explainOutput } from "#contracts/explain.ts";
import { addDays } from "#metrics/day.ts";
import { divide, type Exact, exact, formatDecimal, parseDecimal, toNumber, zero } from "#metrics/decimal.ts";
import { cohortExplanation, compositionExplanation, explanationOf } from "#metrics/explain.ts";
import type { ExplainPart } from "#metrics/explanation.ts";
import { grains, periodOf, shiftPeriod } from "#metrics/period.ts";
import { type Policy, policyPresets, resolvePolicy } from "#metrics/policy.ts";
import { createTestDatabase, type TestDatabase } from "../testing.ts";
import { getCohorts } from "./cohorts.ts";
import { getComposition } from "./composition.ts";
import { getMetrics } from "./metrics.ts";
import { refreshCustomers } from "./refresh.ts";
import { evaluate, sumOfRows, wholeExplanation } from "./testing-explain.ts";
import { clearFacts, type Facts, writeFacts } from "./testing-ledger.ts";
import { day, policies, worlds } from "./testing-worlds.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await createTestDatabase();
  // whatever of it came into A's sums would make them wrong
  for (const world of fc.sample(worlds, { numRuns: 1, seed: 7 })) await load(t.orgB, world);
});
afterAll(() => t.close());

/** Every other subscription has had a trial; finance knows of some months. */
async function load(orgId: string, facts: Facts, policy: Policy = resolvePolicy()): Promise<void> {
  await t.worker.withOrg(orgId, async (tx) => {
    await clearFacts(tx);
    await tx.rows(sql`DELETE FROM finance_month WHERE org_id = ${tx.orgId}`);
    await tx.rows(
      sql`UPDATE organisation SET policy = ${JSON.stringify(policy)}::jsonb WHERE id = ${tx.orgId}`,
    );
    await writeFacts(tx, facts);
    await tx.rows(sql`UPDATE subscription_version SET trial_end = started_at + interval '10 days', from_day = from_day + 10
      WHERE org_id = ${tx.orgId} AND sub_key ~ '[13579]$' AND (to_day IS NULL OR to_day > from_day + 10)`);
    await tx.rows(sql`
      INSERT INTO finance_month (org_id, month, currency, revenue, profit, net_burn, gross_margin)
      SELECT ${tx.orgId}::uuid, m::date, 'USD', 1000, -250.5, 300, CASE WHEN extract(month FROM m) > 6 THEN 0.8 END
      FROM generate_series('2025-01-01'::timestamp, '2026-01-01', '1 month') m`);
    await refreshCustomers(tx, { touched: "all", cause: "upload" });
  });
}

/** Made of numbers that are themselves rounded: as near as these are. */
const nearly: ReadonlySet<string> = new Set<MetricName>(["ltv", "cac_payback", "ltv_cac"]);

/** The formula's arithmetic over the rows of all pages gives the number; every sum that is told is the rows'. */
function expectSum(answer: ExplainOutput, parts: readonly ExplainPart[]): void {
  explainOutput.parse(answer);
  const { movements, total, groups, formula, value, rate } = answer;
  expect(total.rows).toBe(movements.length);
  expect(groups.reduce((all, { rows }) => all + rows, 0)).toBe(movements.length);
  if (answer.value === null && answer.reason === "fx_rate_missing") return;
  const values = new Map<string, Exact>();
  for (const part of formula.parts) {
    const origin = parts.find(({ name }) => name === part.name)?.origin;
    const given = part.annual
      ? divide(parseDecimal(part.annual), exact(12))
      : parseDecimal(typeof part.value === "number" ? part.value.toFixed(15) : (part.value ?? "0"));
    if (origin?.of === "rows") {
      const rows = sumOfRows(origin, movements);
      expect(formatDecimal(given), part.name).toBe(formatDecimal(rows));
      values.set(part.name, rows);
    } else values.set(part.name, given);
  }
  if (formula.bridge) {
    const steps = new Map(formula.bridge.parts.map((part) => [part.name, parseDecimal(String(part.value))]));
    expect(toNumber(evaluate(formula.bridge.template, steps) ?? zero)).toBeCloseTo(Number(value), 9);
  }
  const number = formula.yields === "rate" ? rate : value;
  if (formula.yields === "rate" && value !== null) {
    const [first] = formula.parts;
    expect(first?.value).toBe(value);
  }
  if (number === null) return;
  const result = evaluate(formula.template, values);
  if (result === null) throw new Error(`${answer.metric}: ${formula.template} has no result`);
  if (nearly.has(answer.metric)) expect(toNumber(result) / Number(number)).toBeCloseTo(1, 9);
  else if (typeof number === "string") expect(formatDecimal(result)).toBe(number);
  else expect(toNumber(result)).toBe(number);
}

/** 40 customers who come and go, grow and shrink, come back, leave in the month in which they came. */
const busyYear: Facts = {
  states: Array.from({ length: 40 }, (_, i) => {
    const from = addDays("2024-02-03", i * 17);
    const base = {
      subscriptionId: `s${i}`,
      plan: i % 2 ? "Gold" : null,
      currency: "USD",
      interval: "month",
      source: "upload",
    };
    const version = (start: number, end: number | null, annual: number) => ({
      ...{ ...base, customerId: `c${i}`, annual: String(annual) },
      ...{ fromDay: addDays(from, start), toDay: end === null ? null : addDays(from, end) },
    });
    const [amount, change] = [1000 + i * 7, i % 3 === 0 ? 400 : -300];
    if (i % 11 === 5) return [version(0, 2, amount)];
    if (i % 7 === 3) return [version(0, 90, amount), version(140, 300, amount + change)];
    return [version(0, 60, amount), version(60, i % 5 === 0 ? 200 : null, amount + change)];
  }).flat(),
  activities: Array.from({ length: 30 }, (_, i) => ({
    ...{ customerId: `c${i}`, day: addDays("2025-04-01", i * 7), amount: `${i}.5`, currency: "USD" },
  })),
  spend: ["2025-06", "2025-07", "2025-08", "2025-09"].map((month) => ({ month, amount: "1234.56" })),
};

const filters = fc.oneof(
  { arbitrary: fc.constant({}), weight: 3 },
  fc.record(
    {
      plan: fc.subarray(["Gold", "Silver", ""], { minLength: 1 }),
      country: fc.subarray(["DE", "US", ""], { minLength: 1 }),
      "attr.size": fc.subarray(["S", "L", ""], { minLength: 1 }),
    },
    { requiredKeys: [] },
  ),
);
const questions = {
  // mostly of what is over, so that most metrics have a value
  metric: fc
    .record({
      grain: fc.constantFrom(...grains),
      on: day,
      later: fc.integer({ min: -40, max: 300 }),
      filter: filters,
      limit: fc.integer({ min: 1, max: 4 }),
      sort: fc.constantFrom("-size", "size", "date", "-date"),
    })
    .map(({ later, ...rest }) => ({ ...rest, as_of: addDays(rest.on, later) })),
  cell: fc.record({
    grain: fc.constantFrom("week", "month", "quarter", "year"),
    basis: fc.constantFrom(...cohortBases),
    measure: fc.constantFrom(...cohortMeasures),
    on: day,
    k: fc.integer({ min: 0, max: 5 }),
    as_of: day,
    filter: filters,
  }),
  slice: fc.record({ by: fc.constantFrom(...compositionKeys, "attr.size"), at: day, filter: filters }),
} as const;
const many = { minLength: 8, maxLength: 8 };

describe("an explanation's rows add up to its number", () => {
  test("for every metric, whatever the period, policy and filter, and is what /metrics answers", async () => {
    await fc.assert(
      fc.asyncProperty(worlds, policies, questions.metric, async (world, policy, asked) => {
        await load(t.orgA, world, policy);
        const { grain, on, as_of, limit, sort } = asked;
        const [period, filter] = [periodOf(on, grain), { ...asked.filter }];
        const { metrics } = await t.app.withOrg(t.orgA, (tx) =>
          getMetrics(tx, { grain, from: period, to: period, as_of, filter }),
        );
        for (const name of metricNames) {
          const answer = await t.app.withOrg(
            t.orgA,
            (tx) => wholeExplanation(tx, { metric: name, period, as_of, filter, sort }, limit),
            { readOnly: true },
          );
          const { value, reason, complete, formula } = answer;
          expect({ period, value, reason, complete }, name).toEqual(metrics[name]?.[0]);
          const margin = formula.parts.some((part) => part.name === "margin" && part.value !== null);
          expectSum(answer, explanationOf(name, policy, { margin }).parts);
        }
      }),
      { numRuns: 6 },
    );
  }, 240_000);

  test.each(policyPresets)(
    "for every metric of a busy year, which all have values, as %s counts",
    async (preset) => {
      const policy = resolvePolicy({ preset });
      await load(t.orgA, busyYear, policy);
      for (const period of ["2025-08", "2025-Q3"])
        for (const name of metricNames) {
          const answer = await t.app.withOrg(t.orgA, (tx) =>
            wholeExplanation(tx, { metric: name, period, as_of: "2026-01-15", sort: "-size" }, 9),
          );
          expect([name, period, answer.reason]).toEqual([name, period, null]);
          expectSum(answer, explanationOf(name, policy, { margin: true }).parts);
        }
    },
  );

  test("for every cohort cell, which is what /cohorts answers", async () => {
    await fc.assert(
      fc.asyncProperty(worlds, policies, fc.array(questions.cell, many), async (world, policy, asked) => {
        await load(t.orgA, world, policy);
        for (const { grain, basis, on, k, as_of, filter: given, ...rest } of asked) {
          const measure = basis === "first_activity" ? "customers" : rest.measure;
          const { plan: _, ...ofCustomers } = given as Record<string, string[]>;
          const filter = basis === "first_activity" ? ofCustomers : { ...given };
          const cohort = periodOf(on, grain);
          await t.app.withOrg(t.orgA, async (tx) => {
            const answer = await wholeExplanation(
              tx,
              {
                metric: "cohort",
                cohort,
                k,
                basis,
                measure,
                as_of,
                filter,
              },
              60_000,
            );
            const table = await getCohorts(tx, {
              grain,
              basis,
              measure,
              from: cohort,
              to: cohort,
              as_of,
              filter,
            });
            const cell = table.cohorts[0]?.cells[k] ?? null;
            expect([answer.value, answer.rate]).toEqual([cell?.value ?? null, cell?.rate ?? null]);
            expect(answer.period).toBe(shiftPeriod(cohort, k));
            if (cell) {
              expect(answer.movements).toHaveLength(table.cohorts[0]?.size ?? -1);
              expectSum(answer, cohortExplanation(measure, basis === "first_activity").parts);
            }
          });
        }
      }),
      { numRuns: 8 },
    );
  }, 240_000);

  test("for every part of a composition and the whole, which is what /composition answers", async () => {
    await fc.assert(
      fc.asyncProperty(worlds, policies, fc.array(questions.slice, many), async (world, policy, asked) => {
        await load(t.orgA, world, policy);
        for (const { by, at, filter: given } of asked) {
          const filter = { ...given };
          await t.app.withOrg(t.orgA, async (tx) => {
            const composition = await getComposition(tx, { by, at, filter });
            const whole = await wholeExplanation(tx, { metric: "composition", by, at, filter });
            expect([whole.value, whole.reason]).toEqual([composition.total, composition.reason]);
            if (whole.value !== null) expectSum(whole, compositionExplanation("").parts);
            for (const { key, mrr, share, customers } of composition.parts) {
              const part = key === null ? { not_set: true } : { key };
              const answer = await wholeExplanation(tx, { metric: "composition", by, at, filter, ...part });
              expect([answer.value, answer.rate, answer.movements.length]).toEqual([mrr, share, customers]);
              expectSum(answer, compositionExplanation("").parts);
            }
          });
        }
      }),
      { numRuns: 6 },
    );
  }, 240_000);
});
