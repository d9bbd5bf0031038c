import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compositionKeys } from "#contracts/analytics.ts";
import { applyBilling } from "#metrics/billing.ts";
import { type CompositionKey, computeComposition } from "#metrics/composition.ts";
import { mrrFromAnnual } from "#metrics/decimal.ts";
import type { SubscriptionState } from "#metrics/ledger.ts";
import { buildLedger } from "#metrics/movements.ts";
import { resolvePolicy } from "#metrics/policy.ts";
import { topCustomers } from "#metrics/top-customers.ts";
import { createTestDatabase, type TestDatabase } from "../testing.ts";
import { getAnalyticsSettings } from "./analytics-settings.ts";
import { getComposition } from "./composition.ts";
import { listCustomers } from "./customers.ts";
import { listMovements, type MovementsQuery } from "./movements.ts";
import { type FactCustomer, loadFacts } from "./testing-ledger.ts";
import { customers, day, plainStates, policies, rates, states } from "./testing-worlds.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await createTestDatabase();
});
afterAll(() => t.close());

const withCustomer = (given: readonly SubscriptionState[], known: readonly FactCustomer[]) => {
  const byId = new Map(known.map((customer) => [customer.customerId, customer]));
  return given.map((state) => ({
    ...state,
    country: byId.get(state.customerId)?.country ?? null,
    attributes: byId.get(state.customerId)?.attributes ?? {},
  }));
};

describe("composition in SQL", () => {
  test("is the engine's by every key, on any day", async () => {
    const keys = fc.constantFrom<CompositionKey>(...compositionKeys, "attr.size");
    await fc.assert(
      fc.asyncProperty(
        ...[states, rates, customers, policies],
        fc.array(fc.tuple(keys, day), { minLength: 6, maxLength: 6 }),
        async (given, known, people, policy, questions) => {
          await loadFacts(t, t.orgA, { states: given, rates: known, customers: people }, policy);
          for (const [by, at] of questions) {
            const answer = await t.app.withOrg(t.orgA, (tx) => getComposition(tx, { by, at, filter: {} }));
            const { total, reason, parts } = answer;
            const settled = applyBilling(withCustomer(given, people), policy, at);
            expect({ total, reason, parts }).toEqual(
              computeComposition({ states: settled, rates: known, currency: "USD", at, by }),
            );
          }
        },
      ),
      { numRuns: 15 },
    );
  }, 60_000);
});

async function allMovements(orgId: string, query: Partial<MovementsQuery>, limit = 7) {
  const items: Awaited<ReturnType<typeof listMovements>>["items"] = [];
  let cursor: string | undefined;
  do {
    const found = await t.app.withOrg(orgId, (tx) =>
      listMovements(tx, { filter: {}, ...query, limit, cursor }),
    );
    items.push(...found.items);
    cursor = found.next ?? undefined;
  } while (cursor !== undefined);
  return items;
}

describe("movements", () => {
  test("are the engine's rows, page by page, with the subscription that moved most and the swap's cause", async () => {
    // one subscription of a key each, so that what moved most is never a tie between equals
    const distinct = plainStates.map((all) =>
      all.map((state, i) => ({ ...state, subscriptionId: `s${i}`, annual: `${(i + 1) * 12}.${i}7` })),
    );
    await fc.assert(
      fc.asyncProperty(distinct, fc.constantFrom(null, "Gold"), day, async (given, plan, as_of) => {
        await loadFacts(t, t.orgA, { states: given });
        const expected = buildLedger({
          ...{ states: given, rates: [], currency: "USD", policy: resolvePolicy() },
          ...(plan && { matches: (state: SubscriptionState) => state.plan === plan }),
        })
          .movements.filter((row) => row.day <= as_of)
          .sort((a, b) =>
            a.day === b.day ? (a.customerId < b.customerId ? -1 : 1) : a.day < b.day ? -1 : 1,
          );
        const filter: Record<string, string[]> = plan ? { plan: [plan] } : {};
        const items = await allMovements(t.orgA, { as_of, filter });
        const byName = (
          a: { customer_id: string; date: string },
          b: { customer_id: string; date: string },
        ) => (a.date === b.date ? (a.customer_id < b.customer_id ? -1 : 1) : a.date < b.date ? -1 : 1);
        expect(items.toSorted(byName)).toEqual(
          expected.map((row) => ({
            date: row.day,
            customer_id: row.customerId,
            customer_name: null,
            kind: row.kind,
            amount: mrrFromAnnual(row.annual),
            subscription_id: row.subscriptionId,
            cause: row.cause,
            source: { kind: "upload", upload_id: null, line: null },
          })),
        );
      }),
      { numRuns: 20 },
    );
  }, 60_000);

  const usd = { customerId: "c", plan: "Gold", currency: "USD", interval: "month", source: "upload" };
  const brief = (items: Awaited<ReturnType<typeof allMovements>>) =>
    items.map(({ date, kind, amount }) => `${date} ${kind} ${amount}`);

  test("T7: yearly seats, a second subscription, its end, the churn, the return", async () => {
    await loadFacts(t, t.orgB, {
      states: [
        { ...usd, subscriptionId: "g", fromDay: "2024-01-01", toDay: "2025-01-01", annual: "2000" },
        { ...usd, subscriptionId: "s", fromDay: "2024-03-01", toDay: "2024-06-01", annual: "720" },
        { ...usd, subscriptionId: "g2", fromDay: "2025-06-01", toDay: null, annual: "1800" },
      ],
    });
    expect(brief(await allMovements(t.orgB, {}))).toEqual([
      "2024-01-01 new 166.666666666667",
      "2024-03-01 expansion 60",
      "2024-06-01 contraction -60",
      "2025-01-01 churn -166.666666666667",
      "2025-06-01 reactivation 150",
    ]);
    expect(brief(await allMovements(t.orgB, { kind: "churn", customer: "c" }))).toHaveLength(1);
    expect(await allMovements(t.orgB, { customer: "nobody" })).toEqual([]);
    expect(await allMovements(t.orgB, { from: "2024-02", to: "2024" })).toHaveLength(2);
  });

  test("T8: a day nets to one movement, or to none", async () => {
    await loadFacts(t, t.orgB, {
      states: [
        { ...usd, subscriptionId: "a", fromDay: "2025-01-05", toDay: "2025-01-05", annual: "600" },
        { ...usd, subscriptionId: "a", fromDay: "2025-01-05", toDay: "2025-03-05", annual: "960" },
        { ...usd, subscriptionId: "b", fromDay: "2025-03-05", toDay: null, annual: "960" },
      ],
    });
    expect(brief(await allMovements(t.orgB, {}))).toEqual(["2025-01-05 new 80"]);
  });

  test("T10: a held amount drifts by 10 and does not move", async () => {
    await loadFacts(t, t.orgB, {
      states: [
        { ...usd, subscriptionId: "e", currency: "EUR", fromDay: "2025-01-10", toDay: null, annual: "1200" },
      ],
      rates: [
        { day: "2025-01-01", from: "EUR", to: "USD", rate: "1.10" },
        { day: "2025-02-01", from: "EUR", to: "USD", rate: "1.20" },
      ],
    });
    expect(brief(await allMovements(t.orgB, {}))).toEqual(["2025-01-10 new 110", "2025-02-01 fx 10"]);
  });
});

describe("customers", () => {
  test("by MRR are the engine's, page by page, with their shares", async () => {
    await fc.assert(
      fc.asyncProperty(states, rates, policies, day, async (given, known, policy, as_of) => {
        await loadFacts(t, t.orgA, { states: given, rates: known }, policy);
        const settings = await t.app.withOrg(t.orgA, (tx) => getAnalyticsSettings(tx));
        const ledger = buildLedger({
          ...{ states: applyBilling(given, policy, settings.today), rates: known, currency: "USD", policy },
        });
        const items: Awaited<ReturnType<typeof listCustomers>>["items"] = [];
        let cursor: string | undefined;
        do {
          const query = { sort: "-mrr" as const, as_of, filter: {}, limit: 2, cursor };
          const found = await t.app.withOrg(t.orgA, (tx) => listCustomers(tx, query));
          items.push(...found.items);
          cursor = found.next ?? undefined;
        } while (cursor !== undefined);
        const unvalued = (id: string) =>
          ledger.unvalued.some(
            (span) =>
              span.customerId === id && span.fromDay <= as_of && (span.toDay === null || span.toDay > as_of),
          );
        const paid = items.filter(({ first_paid }) => first_paid !== null);
        const expected = topCustomers(ledger, as_of).map((one) => ({
          customer_id: one.customerId,
          mrr: one.mrr,
          share: one.share,
          change_90d: one.change90d,
          ...(unvalued(one.customerId) ? { mrr: null, share: null, change_90d: null } : {}),
          cumulative_share: one.cumulativeShare,
          first_paid: one.firstPaid,
          tenure_months: one.tenureMonths,
        }));
        const byId = (a: { customer_id: string }, b: { customer_id: string }) =>
          a.customer_id < b.customer_id ? -1 : 1;
        // who never paid stands among those at 0, and changes no sum
        expect(paid.toSorted(byId)).toMatchObject(expected.toSorted(byId));
        const mrrs = items.map(({ customer_id }) => customer_id);
        expect(new Set(mrrs).size).toBe(mrrs.length);
      }),
      { numRuns: 15 },
    );
  }, 60_000);

  test("of every sort come once each, page by page", async () => {
    const usd = {
      plan: null,
      currency: "USD",
      interval: "month",
      source: "upload",
      subscriptionId: "s",
      toDay: null,
    };
    const ids = Array.from({ length: 9 }, (_, i) => `c${i}`);
    await loadFacts(t, t.orgB, {
      states: ids.slice(0, 6).map((customerId, i) => ({
        ...usd,
        customerId,
        fromDay: `2025-0${(i % 3) + 1}-01`,
        annual: String((i % 2) + 1),
      })),
      customers: ids.map((customerId, i) => ({ customerId, name: i % 2 ? `Name ${i % 4}` : null })),
    });
    for (const sort of [
      "-mrr",
      "mrr",
      "name",
      "-name",
      "customer_id",
      "-customer_id",
      "-first_paid",
      "first_paid",
    ] as const) {
      const found: string[] = [];
      let cursor: string | undefined;
      do {
        const answer = await t.app.withOrg(t.orgB, (tx) =>
          listCustomers(tx, { sort, filter: {}, limit: 2, cursor }),
        );
        expect(answer.total).toBe(9);
        found.push(...answer.items.map(({ customer_id }) => customer_id));
        cursor = answer.next ?? undefined;
      } while (cursor !== undefined);
      expect(found.toSorted(), sort).toEqual(ids);
    }
    const found = await t.app.withOrg(t.orgB, (tx) =>
      listCustomers(tx, { sort: "name", search: "NAME 3", filter: {}, limit: 100 }),
    );
    expect(found.items.map(({ name }) => name)).toEqual(["Name 3", "Name 3"]);
  });
});
