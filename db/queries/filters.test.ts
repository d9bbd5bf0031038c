import { sql } from "drizzle-orm";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { applyBilling } from "#metrics/billing.ts";
import { computeComposition, sizeBands } from "#metrics/composition.ts";
import { addDays, type Day } from "#metrics/day.ts";
import { mrrFromAnnual } from "#metrics/decimal.ts";
import type { FxRate, SubscriptionState } from "#metrics/ledger.ts";
import { buildLedger } from "#metrics/movements.ts";
import type { Policy } from "#metrics/policy.ts";
import { type Condition, type Expression, listStandings, matchesExpression } from "#metrics/segments.ts";
import { tenureBands } from "#metrics/tenure.ts";
import { createTestDatabase, type TestDatabase } from "../testing.ts";
import { getAnalyticsSettings } from "./analytics-settings.ts";
import { getComposition } from "./composition.ts";
import { listCustomers } from "./customers.ts";
import { expressionKey, type FilterValues } from "./filters.ts";
import { listMovements } from "./movements.ts";
import { createSegment, resolveFilter } from "./segments.ts";
import { type FactCustomer, loadFacts } from "./testing-ledger.ts";
import { customers, policies, rates, states } from "./testing-worlds.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await createTestDatabase();
});
afterAll(() => t.close());

const some = <Value>(...values: Value[]) =>
  fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 3 });
const valued = (key: Condition["key"], values: fc.Arbitrary<string[]>): fc.Arbitrary<Condition> =>
  fc.record({ key: fc.constant(key), op: fc.constantFrom("is", "is_not"), values });
const compared = (key: Condition["key"], value: fc.Arbitrary<string>): fc.Arbitrary<Condition> =>
  fc.record({
    key: fc.constant(key),
    op: fc.constantFrom("at_least", "at_most"),
    values: value.map((one) => [one]),
  });

const condition = fc.oneof(
  valued("plan", some("Gold", "Silver", "")),
  valued("interval", some("month", "year")),
  valued("currency", some("USD", "EUR", "JPY")),
  valued("source", some("upload", "stripe")),
  valued("country", some("DE", "US", "")),
  valued("attr.size", some("S", "L", "")),
  valued("size", some("", ...sizeBands.map(({ key }) => key))),
  valued("tenure", some("", ...tenureBands.map(({ key }) => key))),
  compared("size", fc.constantFrom("0", "49.5", "100", "2500", "10000.000000000001")),
  compared("tenure", fc.constantFrom("0", "5", "12", "24")),
);
const { expression } = fc.letrec<{ expression: Expression }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    condition,
    fc.array(tie("expression"), { minLength: 1, maxLength: 3 }).map((all) => ({ all })),
    fc.array(tie("expression"), { minLength: 1, maxLength: 3 }).map((any) => ({ any })),
  ),
}));

/** The engine's answer: who matches by today's standing, and the ledger as if only what matches existed. */
function engine(
  given: readonly SubscriptionState[],
  world: { rates: FxRate[]; people: readonly FactCustomer[]; policy: Policy; today: Day },
  asked: Expression,
) {
  const byId = new Map(world.people.map((customer) => [customer.customerId, customer]));
  const settled = applyBilling(given, world.policy, world.today).map((state) => ({
    ...state,
    country: byId.get(state.customerId)?.country ?? null,
    attributes: byId.get(state.customerId)?.attributes ?? {},
  }));
  const base = { rates: world.rates, currency: "USD", policy: world.policy };
  const standings = listStandings(buildLedger({ ...base, states: settled }), world.today);
  const unknown = { annual: null, tenureMonths: null };
  const matches = (state: SubscriptionState) =>
    matchesExpression(asked, { ...state, ...(standings.get(state.customerId) ?? unknown) });
  return {
    movements: buildLedger({ ...base, states: settled, matches }).movements.map((row) =>
      [row.day, row.customerId, row.kind, mrrFromAnnual(row.annual)].join(" "),
    ),
    composition: computeComposition({
      ...{ states: settled.filter(matches), rates: world.rates, currency: "USD" },
      ...{ at: world.today, by: "plan" },
    }),
  };
}

describe("a filter in SQL", () => {
  test("is the engine's for any expression of conditions in groups", async () => {
    await fc.assert(
      fc.asyncProperty(
        ...[states, rates, customers, policies],
        fc.array(expression, { minLength: 5, maxLength: 5 }),
        async (given, known, people, policy, asked) => {
          await loadFacts(t, t.orgA, { states: given, rates: known, customers: people }, policy);
          await t.app.withOrg(t.orgA, async (tx) => {
            const { today } = await getAnalyticsSettings(tx);
            for (const one of asked) {
              const filter = { [expressionKey]: [JSON.stringify(one)] };
              const { items } = await listMovements(tx, { filter, limit: 1000, as_of: addDays(today, 1000) });
              const expected = engine(given, { rates: known, people, policy, today }, one);
              const rows = items.map(({ date, customer_id, kind, amount }) =>
                [date, customer_id, kind, amount].join(" "),
              );
              expect(rows.toSorted(), JSON.stringify(one)).toEqual(expected.movements.toSorted());
              const { total, reason, parts } = await getComposition(tx, { by: "plan", filter });
              expect({ total, reason, parts }, JSON.stringify(one)).toEqual(expected.composition);
            }
          });
        },
      ),
      { numRuns: 10 },
    );
  }, 120_000);

  const usd = { plan: "Gold", currency: "USD", interval: "month", source: "upload" };
  const monthsAgo = async (tx: Parameters<typeof getAnalyticsSettings>[0], count: number) => {
    const [row] = await tx.rows<{ day: Day }>(
      sql`SELECT ((now() AT TIME ZONE 'UTC')::date - make_interval(months => ${count}::int))::date::text AS day`,
    );
    return row?.day ?? "";
  };
  const listed = (orgId: string, filter: FilterValues) =>
    t.app.withOrg(orgId, async (tx) => {
      const resolved = await resolveFilter(tx, filter);
      const { items } = await listCustomers(tx, {
        sort: "customer_id",
        limit: 100,
        filter: resolved as Record<string, string[]>,
      });
      return items.map(({ customer_id }) => customer_id);
    });
  const loadFour = async (orgId: string) => {
    const [old, young] = await t.app.withOrg(orgId, async (tx) => [
      await monthsAgo(tx, 14),
      await monthsAgo(tx, 2),
    ]);
    const one = { ...usd, subscriptionId: "s", toDay: null, fromDay: old ?? "" };
    await loadFacts(t, orgId, {
      states: [
        { ...one, customerId: "large", annual: "12000" },
        { ...one, customerId: "small", annual: "120", fromDay: young ?? "" },
        { ...one, customerId: "gone", annual: "600", toDay: young ?? "" },
      ],
      customers: [{ customerId: "never" }],
    });
  };

  test("by size and by tenure chooses customers by what they are today; who pays nothing has no size", async () => {
    await loadFour(t.orgA);
    expect(await listed(t.orgA, { size: ["1000-2500"] })).toEqual(["large"]);
    expect(await listed(t.orgA, { size: ["0-50", "1000-2500"] })).toEqual(["large", "small"]);
    expect(await listed(t.orgA, { size: [""] })).toEqual(["gone", "never"]);
    expect(await listed(t.orgA, { tenure: ["12-24"] })).toEqual(["gone", "large"]);
    expect(await listed(t.orgA, { tenure: ["0-3", ""] })).toEqual(["never", "small"]);
    expect(await listed(t.orgA, { tenure: ["12-24"], size: ["0-50"] })).toEqual([]);
    expect(await listed(t.orgA, { size: ["no such band"] })).toEqual([]);
  });

  test("by segment means any of several, and all of those that a dot joins", async () => {
    await loadFour(t.orgA);
    const make = (name: string, expression: Expression) =>
      t.app.withOrg(t.orgA, (tx) => createSegment(tx, { name, color: null, expression }));
    const small = await make("small", { key: "size", op: "at_most", values: ["50"] });
    const loyal = await make("loyal", { key: "tenure", op: "at_least", values: ["12"] });
    const big = await make("big", { any: [{ key: "size", op: "at_least", values: ["500"] }] });
    expect(await listed(t.orgA, { segment: [small.id] })).toEqual(["small"]);
    expect(await listed(t.orgA, { segment: [small.id, loyal.id] })).toEqual(["gone", "large", "small"]);
    expect(await listed(t.orgA, { segment: [`${big.id}.${loyal.id}`] })).toEqual(["large"]);
    expect(await listed(t.orgA, { segment: [`${small.id}.${loyal.id}`] })).toEqual([]);
    expect(await listed(t.orgA, { segment: [loyal.id], size: ["1000-2500"] })).toEqual(["large"]);
    for (const segment of ["", "x", crypto.randomUUID(), `${small.id}.${crypto.randomUUID()}`])
      await expect(listed(t.orgA, { segment: [segment] })).rejects.toMatchObject({
        code: "BAD_REQUEST",
        extra: { reason: "unknown_segment" },
      });
    // what another organisation saved is not there
    await expect(listed(t.orgB, { segment: [small.id] })).rejects.toMatchObject({ code: "BAD_REQUEST" });
  });
});
