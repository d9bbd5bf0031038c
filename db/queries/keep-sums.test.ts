import { sql } from "drizzle-orm";
import fc from "fast-check";
import type pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { addDays, type Day } from "#metrics/day.ts";
import { createTestDatabase, createTestOrganisation, type TestDatabase } from "../testing.ts";
import { getAnalyticsSettings } from "./analytics-settings.ts";
import { getCohorts } from "./cohorts.ts";
import { findSlices } from "./filter-slices.ts";
import { foldSums } from "./fold-sums.ts";
import { keepSums, noteAsked } from "./keep-sums.ts";
import { listWanted, type SingleValues, singleValues } from "./kept-sums.ts";
import { getMetrics } from "./metrics.ts";
import { refreshCustomers } from "./refresh.ts";
import { keepAsked, loadFacts, readRollups, writeFacts } from "./testing-ledger.ts";
import {
  aroundToday,
  customers as people,
  policies,
  rates,
  states as worldStates,
} from "./testing-worlds.ts";

let t: TestDatabase;
let admin: pg.Client;
let orgs: [string, string];
beforeAll(async () => {
  t = await createTestDatabase();
  admin = await t.connect();
});
afterAll(() => t.close());

const pays = (customerId: string, plan: string, fromDay: Day = "2025-01-20", annual = "120") => ({
  ...{ customerId, subscriptionId: plan, plan, currency: "USD", interval: "month", source: "upload" },
  ...{ fromDay, toDay: null, annual },
});
/** `b` has two plans; nobody else is in `c`'s country. */
const customers = [
  ...["a", "b"].map((customerId) => ({ customerId, country: "DE", attributes: { size: "S" } })),
  { customerId: "c", country: "US", attributes: { size: "S" } },
  ...["d", "e", "f", "g"].map((customerId) => ({ customerId, country: "DE", attributes: { size: "L" } })),
];
const states = [pays("b", "Silver"), ...customers.map(({ customerId }) => pays(customerId, "Gold"))];
const [ofSize, ofPlan] = [
  { country: "DE", "attr.size": "S" },
  { country: "DE", plan: "Gold" },
];

const byMonth = (filter: SingleValues) => ({ filter, grain: "month" as const });

beforeEach(async () => {
  orgs = [await createTestOrganisation(t.app, "Mine"), await createTestOrganisation(t.app, "Theirs")];
  await loadFacts(t, orgs[0], { states, customers });
  await loadFacts(t, orgs[1], { states: states.slice(0, 3), customers: customers.slice(0, 2) });
});

const asked = { grain: "month", from: "2025-01", to: "2025-03" } as const;
const valuesOf = (filter: Record<string, string>) =>
  Object.fromEntries(Object.entries(filter).map(([key, value]) => [key, [value]]));
const mrrOf = (org: string, filter: Record<string, string>) =>
  t.app.withOrg(org, async (tx) => {
    const { metrics } = await getMetrics(tx, { ...asked, names: ["mrr"], filter: valuesOf(filter) });
    return metrics.mrr?.map(({ value }) => value);
  });
const listKept = (org: string) =>
  t.app.withOrg(org, (tx) =>
    tx.rows<{ id: number; filter: Record<string, string>; kept: boolean }>(
      sql`SELECT id, filter, slices IS NOT NULL AS kept FROM kept_sums WHERE org_id = ${tx.orgId} ORDER BY id`,
    ),
  );
const listJobs = async (org: string) => {
  const { rows } = await admin.query<{ id: number }>(
    `SELECT (j.payload ->> 'id')::int AS id FROM graphile_worker._private_jobs j
     JOIN graphile_worker._private_tasks k ON k.id = j.task_id WHERE k.identifier = 'keepSums' AND j.payload ->> 'orgId' = $1 ORDER BY 1`,
    [org],
  );
  return rows.map(({ id }) => id);
};

test("a filter that people ask for is answered from sums of its own, which a refresh keeps right, in its organisation alone", async () => {
  const [mine, theirs] = orgs;
  for (const filter of [ofSize, ofPlan]) {
    const before = await mrrOf(mine, filter);
    await t.worker.withOrg(mine, (tx) => keepAsked(tx, [byMonth(filter)]));
    expect(await mrrOf(mine, filter)).toEqual(before);
    for (const [org, kept] of [
      [mine, true],
      [theirs, false],
    ] as const) {
      const slices = await t.app.withOrg(org, (tx) => findSlices(tx, valuesOf(filter)));
      expect(slices && slices.rolled !== null).toBe(kept);
    }
  }
  expect(await mrrOf(mine, ofSize)).toEqual(["30", "30", "30"]);
  expect(await mrrOf(mine, ofPlan)).toEqual(["60", "60", "60"]);
  await t.worker.withOrg(mine, async (tx) => {
    await writeFacts(tx, {
      states: [pays("c", "Silver", "2025-02-10", "240"), pays("d", "Bronze", "2025-03-02", "12")],
      customers: [
        { customerId: "c", country: "DE", attributes: { size: "S" } },
        { customerId: "a", country: "US", attributes: { size: "S" } },
      ],
    });
    const some = sql`(SELECT id AS customer_id FROM customer WHERE org_id = ${tx.orgId} AND external_id IN ('a', 'c', 'd'))`;
    const { full } = await refreshCustomers(tx, { touched: some, cause: "upload" });
    expect(full).toBe(false);
  });
  expect(await mrrOf(mine, ofSize)).toEqual(["30", "50", "50"]);
  expect(await mrrOf(mine, ofPlan)).toEqual(["60", "60", "60"]);
  expect(await mrrOf(theirs, ofSize)).toEqual(["30", "30", "30"]);

  // it is these sums that answer
  await t.worker.withOrg(mine, async (tx) => {
    await foldSums(tx);
    await tx.rows(sql`UPDATE day_rollup SET new_annual = new_annual + 12 WHERE org_id = ${tx.orgId} AND slice IN (
      SELECT id FROM kept_sums WHERE org_id = ${tx.orgId} AND filter ? 'attr.size')`);
  });
  expect(await mrrOf(mine, ofSize)).toEqual(["31", "52", "52"]);
});

test("days and weeks are added up all the same, of the ledger that the sums are of", async () => {
  const weeks = (org: string) =>
    t.app.withOrg(org, async (tx) => {
      const filter = valuesOf(ofPlan);
      const { cohorts } = await getCohorts(tx, {
        ...{ grain: "week", measure: "customers", filter },
        as_of: "2025-02-05",
      });
      return cohorts;
    });
  const before = [await weeks(orgs[0]), await weeks(orgs[1])];
  expect(before.map((cohorts) => cohorts[0]?.size)).toEqual([6, 2]);
  await t.worker.withOrg(orgs[0], (tx) => keepAsked(tx, [byMonth(ofPlan)]));
  expect([await weeks(orgs[0]), await weeks(orgs[1])]).toEqual(before);
});

test("only filters that are added up from many rows are kept, each by one job however often it is asked for", async () => {
  const ask = (filter: Record<string, string>, atLeast?: number) =>
    t.app.withOrg(orgs[0], (tx) => noteAsked(tx, byMonth(filter), atLeast));
  await ask(ofSize);
  await ask({ country: "DE" }, 0);
  await ask({ "attr.none": "x", country: "DE" }, 0);
  expect([await listKept(orgs[0]), await listJobs(orgs[0])]).toEqual([[], []]);
  await ask(ofSize, 2);
  await ask({ "attr.size": "S", country: "DE" }, 2);
  const [wanted, ...others] = await listKept(orgs[0]);
  expect(others).toEqual([]);
  expect(await listJobs(orgs[0])).toEqual([wanted?.id]);
  expect([await listKept(orgs[1]), await listJobs(orgs[1])]).toEqual([[], []]);
});

test("what was asked for lately is kept; the rest makes room, and its sums go with it", async () => {
  const [mine] = orgs;
  const ask = (filter: Record<string, string>) =>
    t.app.withOrg(mine, (tx) => noteAsked(tx, byMonth(filter), 0));
  await t.worker.withOrg(mine, (tx) => keepAsked(tx, [byMonth(ofSize)]));
  const [first] = await listKept(mine);
  const calendars = [
    ...Array.from(
      { length: 7 },
      (_, i) => ({ grain: "week", calendar: { weekStart: i + 1, fiscalYearStart: 1 } }) as const,
    ),
    ...Array.from(
      { length: 12 },
      (_, i) => ({ grain: "year", calendar: { weekStart: 1, fiscalYearStart: i + 1 } }) as const,
    ),
  ];
  for (const by of calendars) await t.app.withOrg(mine, (tx) => noteAsked(tx, { filter: {}, ...by }, 0));
  await ask(ofPlan);
  expect((await listKept(mine)).some(({ filter }) => filter.plan === "Gold")).toBe(false);

  await t.worker.withOrg(mine, (tx) =>
    tx.rows(
      sql`UPDATE kept_sums SET asked_at = now() - interval '2 days' WHERE org_id = ${tx.orgId} AND id = ${first?.id}`,
    ),
  );
  await ask(ofPlan);
  const wanted = (await listKept(mine)).at(-1);
  expect(wanted).toMatchObject({ filter: ofPlan, kept: false });
  await t.worker.withOrg(mine, (tx) => keepSums(tx, wanted?.id ?? 0, { holding: true }));
  const kept = await listKept(mine);
  expect(kept).toHaveLength(20);
  expect(kept.some(({ id }) => id === first?.id)).toBe(false);
  const rows = await t.worker.withOrg(mine, (tx) =>
    tx.rows(sql`SELECT FROM cohort_rollup WHERE org_id = ${tx.orgId} AND slice = ${first?.id}`),
  );
  expect(rows).toEqual([]);
});

test("when everything is made afresh, what people ask for is kept again", async () => {
  const [mine] = orgs;
  await t.worker.withOrg(mine, (tx) => keepAsked(tx, [byMonth(ofSize)]));
  const made = await t.worker.withOrg(mine, readRollups);
  await admin.query("DELETE FROM graphile_worker._private_jobs");
  await t.worker.withOrg(mine, (tx) => refreshCustomers(tx, { touched: "all", cause: "upload" }));
  const [again] = await listKept(mine);
  expect(again).toMatchObject({ filter: ofSize, kept: false });
  expect(await listJobs(mine)).toEqual([again?.id]);
  await t.worker.withOrg(mine, (tx) => keepSums(tx, again?.id ?? 0, { holding: false }));
  expect(await t.worker.withOrg(mine, readRollups)).toEqual(made);
});

test("by days, weeks, quarters and years they answer as the ledger does, whenever these begin, in two organisations", async () => {
  const [mine, theirs] = orgs;
  const { today } = await t.app.withOrg(mine, getAnalyticsSettings);
  const names =
    "mrr,new_mrr,churned_mrr,customers,new_customers,customer_churn_rate,gross_mrr_churn_rate,nrr,grr,ltv".split(
      ",",
    );
  const ranges = {
    day: { from: addDays(today, -70), to: addDays(today, 3) },
    week: { from: addDays(today, -500), to: addDays(today, 9) },
    quarter: { from: "2025", to: "2027" },
    year: { from: "2025", to: "2027" },
  } as const;
  await fc.assert(
    fc.asyncProperty(
      ...[fc.record({ states: worldStates, rates, customers: people }), policies],
      fc.constantFrom<SingleValues>({}, ofSize, { "attr.size": "S" }, ofPlan, { plan: "Gold" }),
      fc.record({
        weekStart: fc.integer({ min: 1, max: 7 }),
        fiscalYearStart: fc.integer({ min: 1, max: 12 }),
      }),
      fc.constantFrom(undefined, addDays(today, -20), addDays(today, -45), addDays(today, -120)),
      async (world, policy, filter, calendar, as_of) => {
        const facts = aroundToday(world, today);
        for (const org of [mine, theirs]) {
          await loadFacts(t, org, org === mine ? facts : { states: facts.states?.slice(0, 2) ?? [] }, policy);
          await t.worker.withOrg(org, (tx) =>
            tx.rows(sql`UPDATE organisation SET week_start = ${calendar.weekStart}, fiscal_year_start = ${calendar.fiscalYearStart}
              WHERE id = ${tx.orgId}`),
          );
          const answers = () =>
            t.app.withOrg(org, async (tx) => {
              const found: unknown[] = [];
              for (const [grain, range] of Object.entries(ranges) as [
                keyof typeof ranges,
                { from: string; to: string },
              ][])
                found.push(
                  (await getMetrics(tx, { grain, names, ...range, as_of, filter: valuesOf(filter) })).metrics,
                );
              for (const grain of ["week", "quarter"] as const)
                for (const measure of ["customers", "mrr_gross"] as const) {
                  const { cohorts, average } = await getCohorts(tx, {
                    ...{ grain, measure, basis: "first_payment", as_of, filter: valuesOf(filter) },
                  });
                  found.push(cohorts, average);
                }
              return found;
            });
          const added = await answers();
          const grains = Object.keys(ranges) as (keyof typeof ranges)[];
          await t.worker.withOrg(org, (tx) =>
            keepAsked(
              tx,
              grains.map((grain) => ({ filter, grain, calendar })),
            ),
          );
          expect(await answers()).toEqual(added);
        }
      },
    ),
    { numRuns: 4 },
  );
}, 120_000);

test("a year that begins in another month is asked for anew", async () => {
  const [mine] = orgs;
  const year = { filter: {}, grain: "year" } as const;
  const wanted = () =>
    t.app.withOrg(mine, async (tx) => {
      await getMetrics(tx, { grain: "year", names: ["new_customers"], from: "2025", to: "2025", filter: {} });
      return listWanted(tx);
    });
  const january = { weekStart: 1, fiscalYearStart: 1 };
  expect(await wanted()).toEqual([{ ...year, calendar: january }]);
  await t.worker.withOrg(mine, (tx) => keepAsked(tx, [{ ...year, calendar: january }]));
  await t.worker.withOrg(mine, (tx) =>
    tx.rows(sql`UPDATE organisation SET fiscal_year_start = 4 WHERE id = ${tx.orgId}`),
  );
  expect(await wanted()).toEqual([{ ...year, calendar: { ...january, fiscalYearStart: 4 } }]);
  expect(await listKept(mine)).toHaveLength(1);
});

test("of several values of a key, of segments and of two plans there are no such sums", () => {
  const none = [
    ...[{ country: ["DE", "US"] }, { plan: ["Gold"], currency: ["USD"] }],
    ...[
      { segment: ["x"], country: ["DE"] },
      { expression: ["{}"], country: ["DE"] },
    ],
  ] as Record<string, string[]>[];
  expect(none.map(singleValues)).toEqual(none.map(() => null));
  expect(singleValues({ country: ["DE", "DE"], plan: ["Gold"], "attr.size": [] })).toEqual(ofPlan);
  expect(singleValues({ country: [] })).toEqual({});
});
