import { sql } from "drizzle-orm";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { addDays, addMonths, type Day } from "#metrics/day.ts";
import type { OrgTx } from "../database.ts";
import { createTestDatabase, type TestDatabase } from "../testing.ts";
import { getAnalyticsSettings } from "./analytics-settings.ts";
import { getCohorts } from "./cohorts.ts";
import { getComposition } from "./composition.ts";
import { listCustomers } from "./customers.ts";
import { listFilterOptions } from "./filter-options.ts";
import { foldSums } from "./fold-sums.ts";
import { singleValues } from "./kept-sums.ts";
import { getMetrics } from "./metrics.ts";
import { refreshCustomers } from "./refresh.ts";
import { clearFacts, keepAsked, loadFacts, readRollups, writeFacts } from "./testing-ledger.ts";
import { aroundToday, crowdedMonth, customers, policies, rates, states } from "./testing-worlds.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await createTestDatabase();
});
afterAll(() => t.close());

const names =
  "mrr,new_mrr,churned_mrr,customers,new_customers,churned_customers,customer_churn_rate,gross_mrr_churn_rate,nrr,grr,quick_ratio,ltv";
const filters: Record<string, string[]>[] = [
  {},
  { country: ["DE"] },
  { country: ["DE", ""] },
  { plan: ["Gold"] },
  { "attr.size": ["S"], country: ["US"] },
  { plan: [""], country: ["US", "DE"] },
  { currency: ["EUR"] },
  { plan: ["Platinum"] },
  { plan: ["Gold"], country: ["DE"] },
];

async function answers(tx: OrgTx, filter: Record<string, string[]>, asOf: Day | undefined) {
  const range = { filter, ...(asOf === undefined ? {} : { as_of: asOf }) };
  const grains = ["month", "quarter", "year"] as const;
  const found: unknown[] = [];
  for (const grain of grains) {
    const periods = { grain, from: "2025", to: "2027", names: names.split(",") };
    found.push((await getMetrics(tx, { ...periods, ...range })).metrics);
    for (const measure of ["customers", "mrr_net", "mrr_gross"] as const) {
      const { cohorts, average } = await getCohorts(tx, { grain, measure, basis: "first_payment", ...range });
      found.push(cohorts, average);
    }
  }
  for (const by of ["plan", "country", "currency", "attr.size"])
    if (Object.keys(filter).length === 0)
      found.push(
        await getComposition(tx, { by, filter, at: asOf }).then(({ parts, total }) => ({ parts, total })),
      );
  let cursor: string | undefined;
  do {
    const page = await listCustomers(tx, { sort: "-mrr", limit: 2, cursor, ...range });
    found.push(page.items);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  return found;
}

/** Some who pay all along: a few others are the smaller part. */
const crowd = Array.from({ length: 14 }, (_, i) => ({
  ...{
    customerId: `z${i}`,
    subscriptionId: "s",
    plan: i % 2 ? "Gold" : "Silver",
    currency: "USD",
    interval: "month",
  },
  ...{ source: "upload", fromDay: "2025-01-10", toDay: null, annual: "12" },
}));

/** The same from the ledger, as if no sums were kept. */
async function fromLedger<T>(tx: OrgTx, ask: () => Promise<T>): Promise<T> {
  const [kept] = await tx.rows<{ days: Day }>(
    sql`SELECT rollup_days_from::text AS days FROM organisation WHERE id = ${tx.orgId}`,
  );
  const use = (built: boolean, days: Day | null) =>
    tx.rows(
      sql`UPDATE organisation SET slices_built = ${built}, rollup_days_from = ${days} WHERE id = ${tx.orgId}`,
    );
  await use(false, null);
  const answer = await ask();
  await use(true, kept?.days ?? null);
  return answer;
}

test("rollups and slices answer as the ledger does, in the running month as well, in two organisations", async () => {
  const { today } = await t.app.withOrg(t.orgA, getAnalyticsSettings);
  await fc.assert(
    fc.asyncProperty(
      fc.record({ states, rates, customers }),
      policies,
      fc.constantFrom(...filters),
      fc.constantFrom(undefined, addDays(today, 3), `${today.slice(0, 8)}01`, addDays(today, -200)),
      async (world, policy, filter, asOf) => {
        const facts = aroundToday(world, today);
        for (const org of [t.orgA, t.orgB])
          await t.worker.withOrg(org, async (tx) => {
            await clearFacts(tx);
            await tx.rows(
              sql`UPDATE organisation SET policy = ${JSON.stringify(policy)}::jsonb WHERE id = ${tx.orgId}`,
            );
            await writeFacts(tx, org === t.orgA ? facts : { states: facts.states?.slice(0, 2) ?? [] });
            await writeFacts(tx, { states: crowd });
            await refreshCustomers(tx, { touched: "all", cause: "upload" });
            const single = singleValues(filter);
            if (single)
              for (const grain of ["month", "quarter", "year"] as const)
                await keepAsked(tx, [{ filter: single, grain }]);
            const ask = () => answers(tx, filter, asOf);
            expect(await ask()).toEqual(await fromLedger(tx, ask));

            const some = sql`(SELECT id AS customer_id FROM customer WHERE org_id = ${tx.orgId} AND external_id LIKE 'a%')`;
            await tx.rows(sql`UPDATE subscription_version SET annual = annual * 3, from_day = from_day + 40, to_day = to_day + 40
              WHERE org_id = ${tx.orgId} AND customer_id IN (SELECT customer_id FROM ${some} s) AND id % 2 = 0`);
            expect((await refreshCustomers(tx, { touched: some, cause: "upload" })).full).toBe(false);
            const pending = await ask();
            await foldSums(tx);
            expect([pending, await ask()]).toEqual(Array(2).fill(await fromLedger(tx, ask)));
          });
      },
    ),
    { numRuns: 5 },
  );
}, 120_000);

test("losses of a month can be cut at any day of it, where customers come and go several times within it, in two organisations", async () => {
  const { today } = await t.app.withOrg(t.orgA, getAnalyticsSettings);
  const month = `${today.slice(0, 8)}01`;
  const asked = {
    grain: "month",
    from: addMonths(month, -1).slice(0, 7),
    to: addMonths(month, 2).slice(0, 7),
  } as const;
  const losses = [
    ...[
      "new_customers",
      "churned_customers",
      "customer_churn_rate",
      "gross_mrr_churn_rate",
      "net_mrr_churn_rate",
    ],
    ...[
      "nrr_flow",
      "grr_flow",
      "new_mrr",
      "expansion_mrr",
      "reactivation_mrr",
      "contraction_mrr",
      "churned_mrr",
    ],
  ];
  await fc.assert(
    fc.asyncProperty(
      ...[crowdedMonth(month), rates, customers, policies],
      fc.constantFrom(...filters.filter((filter) => Object.keys(filter).length < 2)),
      async (given, known, people, policy, filter) => {
        const dropping = { ...policy, new_and_churn: "drop" };
        for (const [org, size] of [
          [t.orgA, given.length],
          [t.orgB, 3],
        ] as const) {
          const facts = { states: given.slice(0, size), rates: known, customers: people };
          await loadFacts(t, org, facts, dropping);
          const cuts = async (tx: OrgTx) => {
            const found: unknown[] = [];
            for (const days of [-20, 0, 1, 4, 9, 15, 27, 33, 45])
              found.push(
                (await getMetrics(tx, { ...asked, names: losses, filter, as_of: addDays(month, days) }))
                  .metrics,
              );
            return found;
          };
          await t.worker.withOrg(org, async (tx) => {
            const kept = await cuts(tx);
            await tx.rows(sql`UPDATE organisation SET rollup_days_from = NULL WHERE id = ${tx.orgId}`);
            expect(kept).toEqual(await cuts(tx));
          });
        }
      },
    ),
    { numRuns: 4 },
  );
}, 120_000);

test("what can be filtered by is the same, counted by customers and by slices, where everybody has paid", async () => {
  const pays = (customerId: string, plan: string, fromDay: Day, toDay: Day | null) => ({
    ...{
      customerId,
      subscriptionId: `${customerId} ${plan}`,
      plan,
      currency: "USD",
      interval: "month",
      source: "upload",
    },
    ...{ fromDay, toDay, annual: "120" },
  });
  for (const org of [t.orgA, t.orgB])
    await t.worker.withOrg(org, async (tx) => {
      await clearFacts(tx);
      await tx.rows(sql`UPDATE organisation SET policy = '{}' WHERE id = ${tx.orgId}`);
      const mine = org === t.orgA;
      await writeFacts(tx, {
        states: [
          ...[pays("a", "Gold", "2025-01-01", "2025-03-01"), pays("a", "Silver", "2025-03-01", null)],
          ...[
            pays("b", "Gold", "2025-02-01", null),
            ...(mine ? [pays("c", "Gold", "2025-02-01", null)] : []),
          ],
        ],
        customers: [
          { customerId: "a", country: "DE", attributes: { size: "S" } },
          { customerId: "b", country: "US", attributes: { size: "S" } },
        ],
      });
      await refreshCustomers(tx, { touched: "all", cause: "upload" });
    });
  for (const org of [t.orgA, t.orgB]) {
    const exact = await t.app.withOrg(org, (tx) => listFilterOptions(tx));
    expect(await t.app.withOrg(org, (tx) => listFilterOptions(tx, undefined, 0))).toEqual(exact);
    expect(exact.options.find(({ key }) => key === "plan")?.values[0]).toEqual({
      value: "Gold",
      customers: org === t.orgA ? 3 : 2,
    });
  }
});

// An index takes values of up to 2,704 bytes; a column of notes made a whole import fail.
test("names and values of any length have slices, and more plans than have rollups", async () => {
  const long = Array.from({ length: 9_000 }, (_, i) => (i * 7919).toString(36))
    .join("")
    .slice(0, 32_000);
  for (const org of [t.orgA, t.orgB])
    await t.worker.withOrg(org, async (tx) => {
      await clearFacts(tx);
      await writeFacts(tx, {
        states: Array.from({ length: 120 }, (_, i) => ({
          ...{
            customerId: `c${i}`,
            subscriptionId: "s",
            plan: `${i} ${long}`,
            currency: "USD",
            interval: "month",
          },
          ...{ source: "upload", fromDay: "2025-01-01", toDay: null, annual: "12" },
        })),
        customers: [{ customerId: "c1", country: long, attributes: { notes: long, [long]: "x" } }],
      });
      await refreshCustomers(tx, { touched: "all", cause: "upload" });
    });
  const asked = { grain: "month", from: "2025-02", to: "2025-02", names: ["mrr"] } as const;
  const mrr = async (filter: Record<string, string[]>) => {
    const { metrics } = await t.app.withOrg(t.orgA, (tx) =>
      getMetrics(tx, { ...asked, names: ["mrr"], filter }),
    );
    return metrics.mrr?.[0]?.value;
  };
  expect(await mrr({ plan: [`7 ${long}`] })).toBe("1");
  expect(await mrr({ country: [long] })).toBe("1");
  expect(await mrr({ "attr.notes": [long] })).toBe("1");
  expect(await mrr({ "attr.notes": [""] })).toBe("119");
});

test("customers with one of very many values are looked up, whatever else is asked of them, and a refresh keeps who they are", async () => {
  const people = Array.from({ length: 130 }, (_, i) => ({
    customerId: `c${i}`,
    country: i % 2 === 0 ? "DE" : "US",
    attributes: { manager: `m${Math.floor(i / 2)}`, code: String(i) },
  }));
  const paid = (plan: string, n: number) => ({
    ...{
      customerId: `c${n}`,
      subscriptionId: plan,
      plan,
      currency: "USD",
      interval: "month",
      source: "upload",
    },
    ...{ fromDay: "2025-01-01", toDay: null, annual: "12" },
  });
  for (const org of [t.orgA, t.orgB])
    await t.worker.withOrg(org, async (tx) => {
      await clearFacts(tx);
      await tx.rows(sql`UPDATE organisation SET policy = '{}' WHERE id = ${tx.orgId}`);
      const states = people.flatMap((_, n) => [paid("Gold", n), ...(n % 3 === 0 ? [paid("Silver", n)] : [])]);
      await writeFacts(tx, { states, customers: people });
      await refreshCustomers(tx, { touched: "all", cause: "upload" });
    });
  const mrr = (org: string, filter: Record<string, string[]>) =>
    t.app.withOrg(org, async (tx) => {
      const asked = { grain: "month", from: "2025-02", to: "2025-02", names: ["mrr"], filter } as const;
      return (await getMetrics(tx, { ...asked, names: ["mrr"] })).metrics.mrr?.[0]?.value;
    });
  expect(await mrr(t.orgA, { "attr.code": ["3"] })).toBe("2");
  expect(await mrr(t.orgA, { "attr.code": ["2", "3"], plan: ["Gold"] })).toBe("2");
  expect(await mrr(t.orgA, { "attr.code": ["2", "3", "6"], country: ["DE"] })).toBe("3");

  await t.worker.withOrg(t.orgA, async (tx) => {
    const some = sql`(SELECT id AS customer_id FROM customer WHERE org_id = ${tx.orgId} AND external_id IN ('c3', 'c7'))`;
    await writeFacts(tx, { states: [], customers: [{ customerId: "c3", attributes: { code: "2" } }] });
    await tx.rows(
      sql`UPDATE customer SET excluded_reason = 'test' WHERE org_id = ${tx.orgId} AND external_id = 'c7'`,
    );
    await refreshCustomers(tx, { touched: some, cause: "upload" });
    const kept = await readRollups(tx);
    await refreshCustomers(tx, { touched: "all", cause: "upload" });
    expect(kept).toEqual(await readRollups(tx));
    expect(kept.members?.length).toBeGreaterThan(120);
  });
  for (const [org, ours, gone] of [
    [t.orgA, "3", "0"],
    [t.orgB, "1", "1"],
  ] as const) {
    expect(await mrr(org, { "attr.code": ["2"] })).toBe(ours);
    expect(await mrr(org, { "attr.code": ["7"] })).toBe(gone);
  }
});

// A customer's ledger and the ledgers of another's plans are added up one after the other: here they come to nothing.
test("sums that come to nothing from several parts are not kept when all is made afresh, as they are not by a refresh", async () => {
  const pays = (customerId: string, plan: string, fromDay: Day, toDay: Day | null, annual: string) => ({
    ...{
      customerId,
      subscriptionId: `${plan} ${fromDay}`,
      plan,
      currency: "USD",
      interval: "month",
      source: "upload",
    },
    ...{ fromDay, toDay, annual },
  });
  const rises = [
    pays("a", "Gold", "2025-01-01", "2025-03-05", "12"),
    pays("a", "Gold", "2025-03-05", null, "24"),
  ];
  const falls = [
    ...[
      pays("b", "Gold", "2025-01-01", "2025-02-01", "12"),
      pays("b", "Gold", "2025-02-01", "2025-03-05", "24"),
    ],
    ...[pays("b", "Gold", "2025-03-05", null, "12"), pays("b", "Silver", "2025-01-01", null, "36")],
  ];
  const bystanders = ["c", "d", "e", "f"].map((customerId) =>
    pays(customerId, "Bronze", "2025-01-01", null, "12"),
  );
  for (const [org, rise] of [
    [t.orgA, rises],
    [t.orgB, rises.slice(0, 1)],
  ] as const) {
    await loadFacts(t, org, { states: [...rise, ...falls, ...bystanders] });
    const made = await t.app.withOrg(org, readRollups);
    const cohorts = (made.cohorts ?? []) as { key: string | null; value: string; row: { day: Day } }[];
    const march = cohorts.filter(
      ({ key, value, row }) => key === "plan" && value === "Gold" && row.day === "2025-03-01",
    );
    expect(march).toHaveLength(org === t.orgA ? 0 : 1);
    await t.worker.withOrg(org, async (tx) => {
      const one = sql`(SELECT id AS customer_id FROM customer WHERE org_id = ${tx.orgId} AND external_id = 'a')`;
      await refreshCustomers(tx, { touched: one, cause: "upload" });
    });
    expect(await t.app.withOrg(org, readRollups)).toEqual(made);
  }
});
