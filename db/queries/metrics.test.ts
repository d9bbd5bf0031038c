import { sql } from "drizzle-orm";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { metricNames } from "#contracts/analytics.ts";
import { applyBilling } from "#metrics/billing.ts";
import type { SubscriptionState } from "#metrics/ledger.ts";
import { computeMetrics } from "#metrics/metrics.ts";
import { buildLedger } from "#metrics/movements.ts";
import { grains } from "#metrics/period.ts";
import type { Policy } from "#metrics/policy.ts";
import { createTestDatabase, type TestDatabase } from "../testing.ts";
import { getAnalyticsSettings, observe } from "./analytics-settings.ts";
import { getMetrics } from "./metrics.ts";
import { periodsOf } from "./ranges.ts";
import { refreshCustomers } from "./refresh.ts";
import { clearFacts, type FactCustomer, type Facts, writeFacts } from "./testing-ledger.ts";
import { customers, day, plainStates, policies, rates, states } from "./testing-worlds.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await createTestDatabase();
});
afterAll(() => t.close());

async function load(orgId: string, facts: Facts, policy: Policy): Promise<void> {
  await t.worker.withOrg(orgId, async (tx) => {
    await clearFacts(tx);
    await tx.rows(
      sql`UPDATE organisation SET policy = ${JSON.stringify(policy)}::jsonb WHERE id = ${tx.orgId}`,
    );
    await writeFacts(tx, facts);
    await refreshCustomers(tx, { touched: "all", cause: "upload" });
  });
}

interface Filter {
  plan?: string[];
  country?: string[];
  currency?: string[];
  "attr.size"?: string[];
}
const filters: fc.Arbitrary<Filter> = fc.oneof<fc.MaybeWeightedArbitrary<Filter>[]>(
  { arbitrary: fc.constant({}), weight: 4 },
  fc.record(
    {
      plan: fc.subarray(["Gold", "Silver", ""], { minLength: 1 }),
      country: fc.subarray(["DE", "US", ""], { minLength: 1 }),
      currency: fc.constant<string[]>(["USD"]),
      "attr.size": fc.subarray(["S", "L", ""], { minLength: 1 }),
    },
    { requiredKeys: [] },
  ),
);

const has = (values: string[] | undefined, value: string | null | undefined): boolean =>
  values === undefined || values.includes(value ?? "");

/** What a filter leaves of the facts, as the engine takes them. */
function filtered(given: readonly SubscriptionState[], known: readonly FactCustomer[], filter: Filter) {
  const byId = new Map(known.map((customer) => [customer.customerId, customer]));
  return given.filter((state) => {
    const customer = byId.get(state.customerId);
    return (
      has(filter.plan, state.plan) &&
      has(filter.currency, state.currency) &&
      has(filter.country, customer?.country) &&
      has(filter["attr.size"], customer?.attributes?.size) &&
      !customer?.excluded
    );
  });
}

const question = fc.record({
  grain: fc.constantFrom(...grains),
  from: fc.option(day, { nil: undefined }),
  to: fc.option(day, { nil: undefined }),
  as_of: day,
  filter: filters,
});

type Asked = typeof question extends fc.Arbitrary<infer Value> ? Value : never;

async function agree(
  orgId: string,
  { facts, policy, asked }: { facts: Required<Omit<Facts, "activities">>; policy: Policy; asked: Asked },
): Promise<void> {
  const { grain, filter } = asked;
  const [from, to] = [asked.from, asked.to].sort();
  const range = { from, to, as_of: asked.as_of };
  const [answer, settings] = await t.app.withOrg(
    orgId,
    async (tx) =>
      [
        await getMetrics(tx, { grain, filter: { ...filter }, ...range }),
        await getAnalyticsSettings(tx),
      ] as const,
    { readOnly: true },
  );
  const observation = observe(settings, asked.as_of);
  const settled = applyBilling(filtered(facts.states, facts.customers, filter), policy, settings.today);
  const ledger = buildLedger({ states: settled, rates: facts.rates, currency: "USD", policy });
  const periods = periodsOf(range, grain, observation);
  const expected = computeMetrics([...metricNames], { ...observation, ledger, periods, policy });
  for (const name of metricNames) expect(answer.metrics[name], name).toEqual(expected[name]);
}

describe("metrics in SQL", () => {
  test("are the engine's at every grain, filter and observation day", async () => {
    await fc.assert(
      fc.asyncProperty(
        states,
        rates,
        customers,
        policies,
        fc.array(question, { minLength: 4, maxLength: 4 }),
        async (given, known, people, policy, questions) => {
          const crowd = people.map((one, i) => ({ ...one, excluded: i === 5 }));
          const facts = { states: given, rates: known, customers: crowd };
          await load(t.orgA, facts, policy);
          for (const asked of questions) await agree(t.orgA, { facts, policy, asked });
        },
      ),
      { numRuns: 30 },
    );
  }, 120_000);

  test("of months without a filter, where rollups answer, are the engine's on every observation day", async () => {
    const monthly = question.map((asked) => ({ ...asked, grain: "month" as const, filter: {} }));
    await fc.assert(
      fc.asyncProperty(
        plainStates,
        policies,
        fc.array(monthly, { minLength: 5, maxLength: 5 }),
        async (given, policy, questions) => {
          const facts = { states: given, rates: [], customers: [] };
          await load(t.orgA, facts, policy);
          for (const asked of questions) await agree(t.orgA, { facts, policy, asked });
        },
      ),
      { numRuns: 40 },
    );
  }, 120_000);

  test("of two organisations never mix", async () => {
    const mine = {
      customerId: "a1",
      subscriptionId: "s",
      plan: "Gold",
      currency: "USD",
      interval: "month",
      source: "upload",
    };
    const { policy } = await t.app.withOrg(t.orgA, (tx) => getAnalyticsSettings(tx));
    await load(t.orgA, { states: [{ ...mine, fromDay: "2025-01-10", toDay: null, annual: "120" }] }, policy);
    await load(t.orgB, { states: [{ ...mine, fromDay: "2025-01-10", toDay: null, annual: "2400" }] }, policy);
    const read = (orgId: string, filter: Record<string, string[]>) =>
      t.app.withOrg(orgId, (tx) =>
        getMetrics(tx, { names: ["mrr"], grain: "month", from: "2025-03", to: "2025-03", filter }),
      );
    for (const filter of [{}, { plan: ["Gold"] }] as Record<string, string[]>[]) {
      expect((await read(t.orgA, filter)).metrics.mrr?.[0]?.value).toBe("10");
      expect((await read(t.orgB, filter)).metrics.mrr?.[0]?.value).toBe("200");
    }
  });
});

describe("a question that cannot be answered", () => {
  const ask = (query: Partial<Parameters<typeof getMetrics>[1]>) =>
    t.app.withOrg(t.orgA, (tx) => getMetrics(tx, { grain: "month", filter: {}, ...query }));
  test.each([
    ["an unknown metric", { names: ["mrr", "mmr"] }, "unknown_metric"],
    ["a month that no year has", { from: "2025-13" }, "bad_period"],
    ["a day that no month has", { as_of: "2025-02-30" }, "bad_period"],
    ["a range that ends before it begins", { from: "2025-03", to: "2025-01" }, "bad_range"],
    ["more days than an answer holds", { grain: "day", from: "2015", to: "2025" }, "too_many_periods"],
  ] as const)("%s is a 400", async (_, query, reason) => {
    await expect(
      ask({ ...query, names: "names" in query ? [...query.names] : ["mrr"] }),
    ).rejects.toMatchObject({
      code: "BAD_REQUEST",
      extra: { reason },
    });
  });
});
