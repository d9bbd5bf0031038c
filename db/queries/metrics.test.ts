import { sql } from "drizzle-orm";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { metricNames } from "#contracts/analytics.ts";
import { applyBilling } from "#metrics/billing.ts";
import { createExchange } from "#metrics/exchange.ts";
import { computeMetrics } from "#metrics/metrics.ts";
import { buildLedger } from "#metrics/movements.ts";
import { grains } from "#metrics/period.ts";
import { type Policy, policyPresets, resolvePolicy } from "#metrics/policy.ts";
import { createTestDatabase, type TestDatabase } from "../testing.ts";
import { getAnalyticsSettings, observe } from "./analytics-settings.ts";
import { getMetrics, getMetricsWith } from "./metrics.ts";
import { periodsOf } from "./ranges.ts";
import { type FactCustomer, type FactState, type Facts, loadFacts } from "./testing-ledger.ts";
import { day, firstDay, plainStates, policies, pricedBy, worlds } from "./testing-worlds.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await createTestDatabase();
});
afterAll(() => t.close());

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
function filtered(given: readonly FactState[], known: readonly FactCustomer[], filter: Filter) {
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
type World = Required<Facts>;

/** Transactions as the engine takes them: of customers that count and match, and of none where a plan is asked for. */
function usageOf({ activities, customers, rates }: World, filter: Filter) {
  if (filter.plan || filter.currency) return [];
  const exchange = createExchange(rates, "USD");
  const byId = new Map(customers.map((customer) => [customer.customerId, customer]));
  return activities.flatMap(({ customerId, day, amount, currency = "USD" }) => {
    const customer = byId.get(customerId);
    const counts =
      has(filter.country, customer?.country) &&
      has(filter["attr.size"], customer?.attributes?.size) &&
      !customer?.excluded;
    return counts && amount !== undefined ? [{ day, amount: exchange.findValue(amount, currency, day) }] : [];
  });
}

/** Asks one organisation, and the engine. `other`: under other rules than those that are stored. */
async function agree(
  orgId: string,
  { world, policy, asked, other }: { world: World; policy: Policy; asked: Asked; other?: Policy },
): Promise<void> {
  const { grain, filter } = asked;
  const [from, to] = [asked.from, asked.to].sort();
  const range = { from, to, as_of: asked.as_of };
  const query = { grain, filter: { ...filter }, ...range };
  const [answer, settings] = await t.app.withOrg(
    orgId,
    async (tx) => {
      const stored = await getAnalyticsSettings(tx);
      const found = other
        ? await getMetricsWith(tx, { ...stored, policy: other }, query, stored)
        : await getMetrics(tx, query);
      return [found, stored] as const;
    },
    { readOnly: true },
  );
  const rules = other ?? policy;
  const observation = observe(settings, asked.as_of);
  const matching = filtered(pricedBy(world.states, rules), world.customers, filter);
  const settled = applyBilling(matching, rules, settings.today);
  const ledger = buildLedger({ states: settled, rates: world.rates, currency: "USD", policy: rules });
  const expected = computeMetrics([...metricNames], {
    ...observation,
    ledger,
    periods: periodsOf(range, grain, observation),
    policy: rules,
    spend: world.spend,
    usage: usageOf(world, filter),
  });
  for (const name of metricNames)
    expect(answer.metrics[name], `${name} under ${rules.preset}`).toEqual(expected[name]);
}

const empty: World = { states: [], rates: [], customers: [], activities: [], spend: [] };

describe("metrics in SQL", () => {
  test("are the engine's at every grain, filter and observation day", async () => {
    const questions = fc.array(question, { minLength: 4, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(worlds, policies, questions, async (world, policy, asked) => {
        await loadFacts(t, t.orgA, world, policy);
        for (const one of asked) await agree(t.orgA, { world, policy, asked: one });
      }),
      { numRuns: 10 },
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
          const world = { ...empty, states: given };
          await loadFacts(t, t.orgA, world, policy);
          for (const asked of questions) await agree(t.orgA, { world, policy, asked });
        },
      ),
      { numRuns: 10 },
    );
  }, 120_000);

  test("are the engine's under every preset and any mix of rules, in two organisations, whatever rules are stored", async () => {
    const both = fc.record({ world: worlds, policy: policies });
    // every month that there is, so that a difference has nowhere to hide
    const wide = fc
      .tuple(fc.constantFrom<Filter>({}, {}, { country: ["DE", ""] }, { plan: ["Gold"] }), day)
      .map(([filter, seen]): Asked => {
        const as_of = seen < "2025-09-01" ? "2026-02-10" : seen;
        return { grain: "month", from: firstDay, to: as_of, as_of, filter };
      });
    await fc.assert(
      fc.asyncProperty(both, both, policies, wide, async (inA, inB, mixed, asked) => {
        await loadFacts(t, t.orgA, inA.world, inA.policy);
        await loadFacts(t, t.orgB, inB.world, inB.policy);
        const presets = policyPresets.map((preset) => resolvePolicy({ preset }));
        for (const other of [...presets, mixed])
          for (const [orgId, one] of [
            [t.orgA, inA],
            [t.orgB, inB],
          ] as const)
            await agree(orgId, { ...one, asked, other });
      }),
      { numRuns: 5 },
    );
  }, 120_000);

  test("are the same asked for alone as with all others: nothing that one is made of is left out", async () => {
    await fc.assert(
      fc.asyncProperty(worlds, worlds, policies, async (inA, inB, policy) => {
        await loadFacts(t, t.orgA, inA, policy);
        await loadFacts(t, t.orgB, inB, { ...policy, new_and_churn: "drop" });
        for (const orgId of [t.orgA, t.orgB]) {
          await t.worker.withOrg(orgId, (tx) =>
            tx.rows(sql`INSERT INTO finance_month (org_id, month, currency, revenue, profit, net_burn, gross_margin)
              SELECT ${tx.orgId}, m, 'USD', 1000, 100, 500, 0.8 FROM generate_series('2025-01-01'::date, '2026-06-01', '1 month') m
              ON CONFLICT DO NOTHING`),
          );
          await t.app.withOrg(
            orgId,
            async (tx) => {
              for (const filter of [{}, { country: ["DE"] }] as Record<string, string[]>[]) {
                const asked = {
                  grain: "month",
                  from: "2025-02",
                  to: "2026-02",
                  as_of: "2026-02-10",
                  filter,
                } as const;
                const { metrics } = await getMetrics(tx, asked);
                for (const name of metricNames)
                  expect((await getMetrics(tx, { ...asked, names: [name] })).metrics[name], name).toEqual(
                    metrics[name],
                  );
              }
            },
            { readOnly: true },
          );
        }
      }),
      { numRuns: 3 },
    );
  }, 60_000);

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
    await loadFacts(
      t,
      t.orgA,
      { states: [{ ...mine, fromDay: "2025-01-10", toDay: null, annual: "120" }] },
      policy,
    );
    await loadFacts(
      t,
      t.orgB,
      { states: [{ ...mine, fromDay: "2025-01-10", toDay: null, annual: "2400" }] },
      policy,
    );
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
