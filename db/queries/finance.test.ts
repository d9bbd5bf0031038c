import { sql } from "drizzle-orm";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { FinanceMonth } from "#metrics/finance.ts";
import { computeMetrics } from "#metrics/metrics.ts";
import { buildLedger } from "#metrics/movements.ts";
import { resolvePolicy } from "#metrics/policy.ts";
import { createTestDatabase, type TestDatabase } from "../testing.ts";
import { getAnalyticsSettings, observe } from "./analytics-settings.ts";
import { deleteFinance, listFinance, putFinance } from "./finance.ts";
import { createFxRate, deleteFxRate, updateFxRate } from "./fx-rates.ts";
import { getMetrics } from "./metrics.ts";
import { periodsOf } from "./ranges.ts";
import { refreshCustomers } from "./refresh.ts";
import { createSpend, deleteSpend, updateSpend } from "./spend.ts";
import { clearFacts, type Facts, readLedger, readRollups, writeFacts } from "./testing-ledger.ts";
import { plainStates } from "./testing-worlds.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await createTestDatabase();
});
afterAll(() => t.close());

async function load(orgId: string, facts: Facts): Promise<void> {
  await t.worker.withOrg(orgId, async (tx) => {
    await clearFacts(tx);
    await tx.rows(sql`DELETE FROM finance_month WHERE org_id = ${tx.orgId}`);
    await writeFacts(tx, facts);
    await refreshCustomers(tx, { touched: "all", cause: "upload" });
  });
}

const nothing = { revenue: null, profit: null, net_burn: null, gross_margin: null };
const names = ["ltv", "cac_payback", "ltv_cac", "rule_of_40", "burn_multiple", "magic_number"] as const;
const money = fc.option(fc.integer({ min: -5000, max: 5000 }).map(String), { nil: null });
const months = ["2025-01", "2025-02", "2025-03", "2025-04", "2025-05", "2025-06"] as const;
const inputs = fc.uniqueArray(
  fc.record({
    month: fc.constantFrom(...months),
    revenue: money,
    profit: money,
    net_burn: money,
    gross_margin: fc.constantFrom(null, "0.8", "0.25", "0", "-1"),
  }),
  { maxLength: 6, selector: ({ month }) => month },
);
const spends = fc.array(
  fc.record({ month: fc.constantFrom(...months), amount: fc.integer({ min: 0, max: 900 }).map(String) }),
  { maxLength: 5 },
);

describe("metrics from finance inputs", () => {
  test("are the engine's at every grain, in one organisation alone", async () => {
    await fc.assert(
      fc.asyncProperty(plainStates, inputs, spends, async (states, given, spend) => {
        await load(t.orgA, { states });
        await load(t.orgB, { states });
        const finance = given.map(
          ({ month, revenue, profit, net_burn, gross_margin }): FinanceMonth => ({
            ...{ month, revenue, profit, netBurn: net_burn, grossMargin: gross_margin },
          }),
        );
        const ledger = buildLedger({ states, rates: [], currency: "USD", policy: resolvePolicy() });
        await t.app.withOrg(t.orgA, async (tx) => {
          for (const input of given) await putFinance(tx, { input, actorId: null });
          for (const input of spend) await createSpend(tx, input);
        });
        for (const grain of ["week", "month", "quarter", "year"] as const) {
          const range = { from: "2025-01", to: "2025-08", as_of: "2025-06-20" };
          const read = (orgId: string) =>
            t.app.withOrg(orgId, (tx) => getMetrics(tx, { names: [...names], grain, filter: {}, ...range }));
          const settings = await t.app.withOrg(t.orgA, getAnalyticsSettings);
          const observation = observe(settings, range.as_of);
          const asked = {
            ...{ ...observation, ledger, policy: resolvePolicy() },
            periods: periodsOf(range, grain, observation),
          };
          expect((await read(t.orgA)).metrics).toEqual(computeMetrics(names, { ...asked, finance, spend }));
          expect((await read(t.orgB)).metrics).toEqual(computeMetrics(names, asked));
        }
      }),
      { numRuns: 6 },
    );
  }, 60_000);

  test("value each month at its end, in whatever currency the organisation counts by then", async () => {
    await load(t.orgA, {
      states: [
        {
          ...{ customerId: "a", subscriptionId: "s", plan: null, currency: "USD", interval: "month" },
          ...{ source: "upload", fromDay: "2025-03-10", toDay: null, annual: "1200" },
        },
      ],
    });
    const multiple = () =>
      t.app.withOrg(t.orgA, async (tx) => {
        const found = await getMetrics(tx, {
          ...{ names: ["burn_multiple"], grain: "month", from: "2025-03", to: "2025-03", filter: {} },
        });
        return found.metrics.burn_multiple?.[0];
      });
    const put = (net_burn: string, currency?: string) =>
      t.app.withOrg(t.orgA, (tx) =>
        putFinance(tx, { input: { ...nothing, month: "2025-03", net_burn, currency }, actorId: null }),
      );
    expect(await put("600")).toEqual({ ...nothing, month: "2025-03", net_burn: "600", currency: "USD" });
    expect((await multiple())?.value).toBe(0.5);
    await put("600", "EUR");
    expect(await multiple()).toMatchObject({ value: null, reason: "fx_rate_missing" });
    await t.app.withOrg(t.orgA, (tx) =>
      createFxRate(tx, { input: { date: "2025-03-31", from: "EUR", to: "USD", rate: "2" }, actorId: null }),
    );
    expect((await multiple())?.value).toBe(1);
    await t.app.withOrg(t.orgA, async (tx) => {
      expect((await listFinance(tx, { limit: 10 })).items).toHaveLength(1);
      await deleteFinance(tx, "2025-03");
      await expect(deleteFinance(tx, "2025-03")).rejects.toMatchObject({ code: "NOT_FOUND" });
    });
    expect((await multiple())?.reason).toBe("no_finance_inputs");
  });
});

const held = (customerId: string, currency: string) => ({
  ...{ customerId, currency, subscriptionId: `s-${customerId}`, plan: null, interval: "month" },
  ...{ source: "upload", fromDay: "2025-01-10", toDay: null, annual: "1200" },
});

describe("an exchange rate by hand", () => {
  const pair = { from: "EUR", to: "USD" };
  const snapshot = (orgId: string) =>
    t.app.withOrg(orgId, async (tx) => ({ ledger: await readLedger(tx), rollups: await readRollups(tx) }));

  test("moves whatever is held in its currency, wins over uploads of its day, and leaves no trace once deleted", async () => {
    const crowd = Array.from({ length: 12 }, (_, i) => held(`z${i}`, "USD"));
    const facts = {
      states: [held("eur", "EUR"), ...crowd],
      rates: [{ day: "2025-01-01", rate: "1.25", ...pair }],
    };
    await load(t.orgA, facts);
    await load(t.orgB, facts);
    const [mine, theirs] = [await snapshot(t.orgA), await snapshot(t.orgB)];
    const made = await t.app.withOrg(t.orgA, (tx) =>
      createFxRate(tx, { input: { date: "2025-03-01", rate: "1.5", ...pair }, actorId: null }),
    );
    const drift = async () =>
      (await t.app.withOrg(t.orgA, readLedger)).movements
        .filter(({ kind }) => kind === "fx")
        .map(({ day, annual }) => `${day} ${annual}`);
    expect(await drift()).toEqual(["2025-03-01 300"]);
    await t.app.withOrg(t.orgA, (tx) =>
      updateFxRate(tx, { id: made.id, input: { date: "2025-04-01", rate: "1.75" }, actorId: null }),
    );
    expect(await drift()).toEqual(["2025-04-01 600"]);
    const [logged] = await t.app.withOrg(t.orgA, (tx) =>
      tx.rows<{ causes: string }>(
        sql`SELECT string_agg(DISTINCT cause, ',') AS causes FROM restatement WHERE org_id = ${tx.orgId} AND cause <> 'upload'`,
      ),
    );
    expect(logged?.causes).toBe("fx rate");
    await t.app.withOrg(t.orgA, (tx) => deleteFxRate(tx, { id: made.id, actorId: null }));
    expect(await snapshot(t.orgA)).toEqual(mine);
    expect(await snapshot(t.orgB)).toEqual(theirs);
  });

  test("is refused twice for one day, of one currency, and never touches what an upload wrote", async () => {
    await load(t.orgA, {});
    const input = { date: "2025-03-01", rate: "1.5", ...pair };
    const { id } = await t.app.withOrg(t.orgA, (tx) => createFxRate(tx, { input, actorId: null }));
    const tries = (orgId: string, work: Parameters<TestDatabase["app"]["withOrg"]>[1]) =>
      expect(t.app.withOrg(orgId, work)).rejects;
    await tries(t.orgA, (tx) => createFxRate(tx, { input, actorId: null })).toMatchObject({
      extra: { reason: "rate_exists" },
    });
    await tries(t.orgA, (tx) =>
      createFxRate(tx, { input: { ...input, to: "EUR" }, actorId: null }),
    ).toMatchObject({ extra: { reason: "same_currency" } });
    await tries(t.orgB, (tx) => deleteFxRate(tx, { id, actorId: null })).toMatchObject({ code: "NOT_FOUND" });
    await t.app.withOrg(t.orgA, async (tx) => {
      await tx.rows(sql`WITH made AS (INSERT INTO upload (org_id, id, file_name, status)
          VALUES (${tx.orgId}, gen_random_uuid(), 'f.csv', 'done') RETURNING id)
        UPDATE fx_rate SET upload_id = made.id FROM made WHERE org_id = ${tx.orgId}`);
    });
    await tries(t.orgA, (tx) => deleteFxRate(tx, { id, actorId: null })).toMatchObject({
      code: "CONFLICT",
      extra: { reason: "from_upload" },
    });
  });
});

describe("spend by hand", () => {
  test("is made, changed and deleted, in the organisation's currency unless another is named", async () => {
    await load(t.orgA, {});
    await t.app.withOrg(t.orgA, async (tx) => {
      const made = await createSpend(tx, { month: "2025-03", amount: "100.50" });
      expect(made).toMatchObject({ month: "2025-03", amount: "100.5", currency: "USD", category: null });
      expect(await updateSpend(tx, { id: made.id, amount: "7", category: "ads" })).toMatchObject({
        ...{ month: "2025-03", amount: "7", currency: "USD", category: "ads" },
      });
      expect(await updateSpend(tx, { id: made.id, category: null, month: "2025-04" })).toMatchObject({
        ...{ month: "2025-04", amount: "7", category: null },
      });
    });
    const id = (await t.app.withOrg(t.orgA, (tx) => createSpend(tx, { month: "2025-01", amount: "1" }))).id;
    await expect(t.app.withOrg(t.orgB, (tx) => deleteSpend(tx, id))).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
    await t.app.withOrg(t.orgA, (tx) => deleteSpend(tx, id));
  });
});
