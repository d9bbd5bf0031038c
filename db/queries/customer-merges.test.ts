import { sql } from "drizzle-orm";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { applyBilling } from "#metrics/billing.ts";
import type { Day } from "#metrics/day.ts";
import { formatDecimal, parseDecimal } from "#metrics/decimal.ts";
import type { SubscriptionState } from "#metrics/ledger.ts";
import { buildLedger } from "#metrics/movements.ts";
import { resolvePolicy } from "#metrics/policy.ts";
import { createTestDatabase, type TestDatabase } from "../testing.ts";
import { getAnalyticsSettings } from "./analytics-settings.ts";
import { mergeCustomers, splitCustomer } from "./customer-merges.ts";
import { refreshCustomers } from "./refresh.ts";
import { clearFacts, type Facts, readLedger, readRollups, writeFacts } from "./testing-ledger.ts";
import { rates, states } from "./testing-worlds.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await createTestDatabase();
});
afterAll(() => t.close());

const plain = (amount: string): string => formatDecimal(parseDecimal(amount));

/** The engine's ledger of states, in the words of `readLedger`. */
function expected({ states: given = [], rates: known = [] }: Facts) {
  const policy = resolvePolicy();
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

/** As the newest refresh saw it: graces run out by it. */
let today: Day;
async function load(orgId: string, facts: Facts): Promise<void> {
  await t.worker.withOrg(orgId, async (tx) => {
    await tx.rows(sql`DELETE FROM customer_merge WHERE org_id = ${tx.orgId}`);
    await clearFacts(tx);
    await writeFacts(tx, facts);
    await refreshCustomers(tx, { touched: "all", cause: "upload" });
    ({ today } = await getAnalyticsSettings(tx));
  });
}
const merge = (orgId: string, customer: string, into: string) =>
  t.app.withOrg(orgId, (tx) => mergeCustomers(tx, { customer, into, actorId: null }));
const split = (orgId: string, customer: string) =>
  t.app.withOrg(orgId, (tx) => splitCustomer(tx, { customer, actorId: null }));
const ledger = (orgId: string) => t.app.withOrg(orgId, readLedger);
const rollups = (orgId: string) => t.app.withOrg(orgId, readRollups);

/** Everybody, so that each id that a world may leave out exists. */
const everybody = ["a1", "a2", "a3", "a4", "a5", "a6"].map((customerId) => ({ customerId }));

describe("merged customers", () => {
  test("are one whose states are the union, and after the split what they were, to the last row", async () => {
    const pick = fc.shuffledSubarray(["a1", "a2", "a3", "a4", "a5", "a6"], { minLength: 4, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(
        states,
        states,
        rates,
        pick,
        async (mine, theirs, known, [a = "", b = "", c = "", d = ""]) => {
          await load(t.orgA, { states: mine, rates: known, customers: everybody });
          await load(t.orgB, { states: theirs, rates: known, customers: everybody });
          const before = [
            await ledger(t.orgA),
            await rollups(t.orgA),
            await ledger(t.orgB),
            await rollups(t.orgB),
          ];
          const merged = new Map<string, string>();
          const isUnion = async () => {
            const relabelled = mine.map(
              (state): SubscriptionState => ({
                ...state,
                customerId: merged.get(state.customerId) ?? state.customerId,
              }),
            );
            expect(await ledger(t.orgA)).toEqual(expected({ states: relabelled, rates: known }));
          };
          await merge(t.orgA, a, b);
          merged.set(a, b);
          await isUnion();
          // a chain: whoever counts as b counts as c from now on
          await merge(t.orgA, b, c);
          merged.set(a, c).set(b, c);
          await isUnion();
          // the target stands for whom it counts as
          expect(await merge(t.orgA, d, a)).toEqual({ customer_id: d, merged_into: c });
          merged.set(d, c);
          await isUnion();
          await split(t.orgA, b);
          merged.set(a, b).delete(b);
          await isUnion();
          await split(t.orgA, d);
          merged.delete(d);
          await isUnion();
          await split(t.orgA, b);
          expect([
            await ledger(t.orgA),
            await rollups(t.orgA),
            await ledger(t.orgB),
            await rollups(t.orgB),
          ]).toEqual(before);
        },
      ),
      { numRuns: 4 },
    );
  }, 120_000);
});

describe("a merge", () => {
  const usd = { plan: "Gold", currency: "USD", interval: "month", source: "upload", toDay: null };
  const one = (customerId: string, fromDay: string, annual: string): SubscriptionState => ({
    ...usd,
    customerId,
    subscriptionId: `s-${customerId}`,
    fromDay,
    annual,
  });
  const world = [one("a", "2025-01-10", "120"), one("b", "2025-03-10", "240"), one("c", "2025-03-10", "12")];
  const loadWorld = () => load(t.orgA, { states: world, customers: [{ customerId: "x", excluded: true }] });

  test("takes the earliest first paid month as the cohort, whichever way round it is", async () => {
    for (const [from, into] of [
      ["a", "b"],
      ["b", "a"],
    ] as const) {
      await loadWorld();
      await merge(t.orgA, from, into);
      const { movements } = await ledger(t.orgA);
      expect(movements.filter(({ customerId }) => customerId !== "c")).toMatchObject([
        { customerId: into, day: "2025-01-10", kind: "new", annual: "120", cohortDay: "2025-01-10" },
        { customerId: into, day: "2025-03-10", kind: "expansion", annual: "240", cohortDay: "2025-01-10" },
      ]);
    }
  });

  test("of somebody who counts as another, into itself, into its own, or with somebody excluded is refused", async () => {
    await loadWorld();
    await merge(t.orgA, "a", "b");
    for (const [from, into, reason] of [
      ["a", "c", "already_merged"],
      ["b", "a", "same_customer"],
      ["c", "c", "same_customer"],
      ["c", "x", "customer_excluded"],
      ["x", "c", "customer_excluded"],
    ] as const)
      await expect(merge(t.orgA, from, into), `${from} into ${into}`).rejects.toMatchObject({
        code: "CONFLICT",
        extra: { reason },
      });
    for (const [from, into] of [
      ["nobody", "b"],
      ["c", "nobody"],
    ] as const)
      await expect(merge(t.orgA, from, into)).rejects.toMatchObject({ code: "NOT_FOUND" });
    // of another organisation
    await expect(merge(t.orgB, "c", "b")).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  test("is undone from its target too, all of them at once; who is not merged cannot be split", async () => {
    await loadWorld();
    const before = await ledger(t.orgA);
    await merge(t.orgA, "a", "b");
    await merge(t.orgA, "c", "b");
    expect(await split(t.orgA, "b")).toEqual({ split: ["a", "c"], from: "b" });
    expect(await ledger(t.orgA)).toEqual(before);
    await expect(split(t.orgA, "b")).rejects.toMatchObject({
      code: "CONFLICT",
      extra: { reason: "not_merged" },
    });
  });
});
