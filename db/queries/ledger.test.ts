import { sql } from "drizzle-orm";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { applyBilling } from "#metrics/billing.ts";
import type { Day } from "#metrics/day.ts";
import { formatDecimal, parseDecimal } from "#metrics/decimal.ts";
import { buildLedger } from "#metrics/movements.ts";
import type { Policy } from "#metrics/policy.ts";
import type { OrgTx } from "../database.ts";
import { createTestDatabase, type TestDatabase } from "../testing.ts";
import { getAnalyticsSettings } from "./analytics-settings.ts";
import type { SumsQuestion } from "./kept-sums.ts";
import { refreshCustomers } from "./refresh.ts";
import { clearFacts, type Facts, keepAsked, readLedger, readRollups, writeFacts } from "./testing-ledger.ts";
import { customers, plainStates, policies, rates, states } from "./testing-worlds.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await createTestDatabase();
});
afterAll(() => t.close());

const plain = (amount: string): string => formatDecimal(parseDecimal(amount));

/** The engine's answer, amounts without trailing zeros. */
function expected({ states: given = [], rates: known = [] }: Facts, policy: Policy, today = "2025-06-15") {
  const settled = applyBilling(given, policy, today);
  const { movements, unvalued } = buildLedger({ states: settled, rates: known, currency: "USD", policy });
  return {
    movements: movements.map(({ subscriptionId, ...row }) => ({
      ...row,
      annual: plain(row.annual),
      beforeAnnual: plain(row.beforeAnnual),
      initialAnnual: plain(row.initialAnnual),
    })),
    unvalued,
  };
}

const setPolicy = (tx: OrgTx, policy: Policy) =>
  tx.rows(sql`UPDATE organisation SET policy = ${JSON.stringify(policy)}::jsonb WHERE id = ${tx.orgId}`);

/** As the newest rebuild saw it: graces run out by it. */
let today: Day;
async function rebuilt(orgId: string, facts: Facts, policy: Policy) {
  return t.worker.withOrg(orgId, async (tx) => {
    await clearFacts(tx);
    await setPolicy(tx, policy);
    await writeFacts(tx, facts);
    await refreshCustomers(tx, { touched: "all", cause: "upload" });
    ({ today } = await getAnalyticsSettings(tx));
    return readLedger(tx);
  });
}

describe("the ledger in SQL", () => {
  test("is the engine's, over any states, currencies, rates and policies, in two organisations side by side", async () => {
    await fc.assert(
      fc.asyncProperty(states, states, rates, policies, async (inA, inB, known, policy) => {
        const a = await rebuilt(t.orgA, { states: inA, rates: known }, policy);
        const b = await rebuilt(t.orgB, { states: inB, rates: known }, policy);
        expect(a).toEqual(expected({ states: inA, rates: known }, policy, today));
        expect(b).toEqual(expected({ states: inB, rates: known }, policy, today));
      }),
      { numRuns: 12 },
    );
  }, 60_000);

  test("is the engine's in one currency with nothing free, where a shorter query serves", async () => {
    await fc.assert(
      fc.asyncProperty(plainStates, policies, async (given, policy) => {
        expect(await rebuilt(t.orgA, { states: given }, policy)).toEqual(expected({ states: given }, policy));
      }),
      { numRuns: 8 },
    );
  }, 60_000);
});

describe("a refresh", () => {
  test("of the touched customers leaves what a rebuild leaves, to the last row", async () => {
    await fc.assert(
      fc.asyncProperty(
        states,
        states,
        rates,
        policies,
        customers,
        customers,
        fc.constantFrom(0, undefined),
        async (before, after, known, policy, people, changed, mostLeft) => {
          // many bystanders, so that the touched customers are the smaller part
          const crowd = Array.from({ length: 20 }, (_, i) => ({
            ...{ customerId: `z${i}`, subscriptionId: "s", plan: null, currency: "USD", interval: "month" },
            ...{ source: "upload", fromDay: "2025-01-10", toDay: null, annual: String(i + 1) },
          }));
          // of each value somebody, so that filters of it are kept before and after
          const bystanders = crowd.map((state, i) => (i < 2 ? { ...state, plan: "Gold" } : state));
          const theirs = [
            { customerId: "z0", attributes: { size: "L" } },
            ...["DE", "US"].map((country, i) => ({
              ...{ customerId: `z${i + 1}`, country, attributes: { size: "S" } },
            })),
          ];
          const questions: SumsQuestion[] = [
            { filter: { country: "US", "attr.size": "S" }, grain: "month" },
            { filter: { country: "DE", plan: "Gold" }, grain: "month" },
            { filter: { country: "DE", currency: "USD", "attr.size": "S" }, grain: "week" },
            { filter: { plan: "Gold" }, grain: "quarter", calendar: { weekStart: 1, fiscalYearStart: 4 } },
            ...(["day", "week", "year"] as const).map((grain) => ({ filter: {}, grain })),
          ];
          await rebuilt(
            t.orgA,
            {
              states: [...before, ...bystanders],
              rates: known,
              customers: [...people, ...theirs],
            },
            policy,
          );
          const [kept, made] = await t.worker.withOrg(t.orgA, async (tx) => {
            await keepAsked(tx, questions);
            await tx.rows(
              sql`DELETE FROM subscription_version WHERE org_id = ${tx.orgId} AND sub_key <> 's'`,
            );
            await writeFacts(tx, { states: after, customers: changed });
            const some = sql`(SELECT id AS customer_id FROM customer WHERE org_id = ${tx.orgId} AND external_id LIKE 'a%')`;
            const { full } = await refreshCustomers(tx, { touched: some, cause: "upload", mostLeft });
            expect(full).toBe(false);
            const incremental = [await readLedger(tx), await readRollups(tx)];
            await refreshCustomers(tx, { touched: "all", cause: "upload" });
            await keepAsked(tx, questions);
            return [incremental, [await readLedger(tx), await readRollups(tx)]];
          });
          expect(kept).toEqual(made);
        },
      ),
      { numRuns: 8 },
    );
  }, 60_000);
});
