import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { addDays, type Day } from "#metrics/day.ts";
import type { OrgTx } from "../database.ts";
import { createTestDatabase, type TestDatabase } from "../testing.ts";
import { getAnalyticsSettings } from "./analytics-settings.ts";
import { getMetrics } from "./metrics.ts";
import { refreshCustomers } from "./refresh.ts";
import { settleLedger } from "./settle.ts";
import { type GivenFacts, putCustomerFacts } from "./source-facts.ts";
import { readLedger } from "./testing-ledger.ts";
import { factsOf, versionFact, writeSource } from "./testing-sources.ts";

let t: TestDatabase;
let today: Day;
beforeAll(async () => {
  t = await createTestDatabase();
});
afterAll(() => t.close());

/** As a sync does. */
async function sync(tx: OrgTx, source: string, given: readonly GivenFacts[]): Promise<void> {
  const touched = await putCustomerFacts(tx, source, given);
  await refreshCustomers(tx, {
    touched: sql`(SELECT unnest(${`{${touched.join(",")}}`}::bigint[]) AS customer_id)`,
    cause: "sync",
    sourceId: source,
  });
}

const noon = (day: Day) => `${day}T12:00:00Z`;
const late = (customer: string, since: Day) =>
  factsOf(customer, {
    versions: [
      versionFact({ startedAt: "2024-01-05T12:00:00Z", endedAt: noon(since) }),
      versionFact({ startedAt: noon(since), status: "past_due", pastDueSince: noon(since) }),
    ],
  });
const pays = (customer: string) =>
  factsOf(customer, { versions: [versionFact({ startedAt: "2024-01-05T12:00:00Z" })] });

const brief = async (tx: OrgTx) =>
  (await readLedger(tx)).movements.map(({ customerId, day, kind, cause }) => [customerId, day, kind, cause]);

/** When the next settling is due, as the queue's owner sees it. */
async function due(org: string): Promise<string[]> {
  const client = await t.connect();
  const { rows } = await client.query<{ at: string }>(
    `SELECT to_char(j.run_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') AS at FROM graphile_worker._private_jobs j
     JOIN graphile_worker._private_tasks k ON k.id = j.task_id WHERE k.identifier = 'settleLedger' AND j.payload ->> 'orgId' = $1`,
    [org],
  );
  await client.end();
  return rows.map(({ at }) => at);
}

/** Each organisation with a customer who pays, one whose grace runs out today, and one in the midst of it. */
async function begin(org: string): Promise<void> {
  await t.worker.withOrg(org, async (tx) => {
    ({ today } = await getAnalyticsSettings(tx));
    const source = await writeSource(tx);
    await sync(tx, source, [
      pays("a"),
      pays("b"),
      pays("c"),
      late("due", addDays(today, -30)),
      late("not yet", addDays(today, -29)),
    ]);
  });
}

test("a grace that runs out churns its customer on that day, and nobody else", async () => {
  await begin(t.orgA);
  await begin(t.orgB);
  await t.worker.withOrg(t.orgA, async (tx) => {
    // yesterday: the ledger of one day earlier
    await tx.rows(
      sql`UPDATE organisation SET settled_day = ${addDays(today, -1)}::date WHERE id = ${tx.orgId}`,
    );
    await tx.rows(sql`DELETE FROM movement WHERE org_id = ${tx.orgId} AND kind = 'churn'`);
    await tx.rows(sql`UPDATE movement SET until_day = NULL WHERE org_id = ${tx.orgId}`);
    const settled = await settleLedger(tx);
    expect(settled?.full).toBe(false);
    expect((await brief(tx)).filter(([, , kind]) => kind === "churn")).toEqual([
      ["due", addDays(today, -30), "churn", "involuntary"],
    ]);
    expect(await settleLedger(tx)).toBe(null);
  });
  expect(await due(t.orgA)).toEqual([`${addDays(today, 1)} 00:00`]);
});

test("what a source schedules is committed MRR, and what it ends scheduled churn, before it happens", async () => {
  await t.worker.withOrg(t.orgA, async (tx) => {
    const source = await writeSource(tx, "Schedules");
    const from = noon(addDays(today, 40));
    const observed = async () => {
      const month = today.slice(0, 7);
      const names = ["mrr", "committed_mrr", "scheduled_churn_mrr"] as const;
      const { metrics } = await getMetrics(tx, {
        ...{ names: [...names], grain: "month", from: month, to: month, filter: {} },
      });
      return names.map((name) => Number(metrics[name]?.[0]?.value));
    };
    await refreshCustomers(tx, { touched: "all", cause: "sync" });
    const [mrr = 0, committed = 0, churn = 0] = await observed();
    const now = { startedAt: "2024-01-05T12:00:00Z", endedAt: from };
    await sync(tx, source, [
      factsOf("grows", { versions: [versionFact(now), versionFact({ startedAt: from, mrr: 30 })] }),
      factsOf("goes", { versions: [versionFact(now)] }),
    ]);
    expect(await observed()).toEqual([mrr + 20, committed + 30, churn + 10]);
  });
});

test("the rules of late payment, cancellation and discounts are read from what the source told", async () => {
  await t.worker.withOrg(t.orgB, async (tx) => {
    const source = await writeSource(tx, "Other");
    const asked = addDays(today, -10);
    await sync(tx, source, [
      factsOf("asked", {
        versions: [
          versionFact({
            ...{ key: "si_9", subscriptionId: "sub_9", startedAt: "2024-01-05T12:00:00Z" },
            ...{ endedAt: noon(addDays(today, 20)), cancelRequestedAt: noon(asked) },
            annual: { none: "240", forever: "216", recurring: "120", all: "60" },
          }),
        ],
      }),
    ]);
    const under = async (policy: Record<string, unknown>) => {
      await tx.rows(
        sql`UPDATE organisation SET policy = ${JSON.stringify(policy)}::jsonb WHERE id = ${tx.orgId}`,
      );
      await refreshCustomers(tx, { touched: "all", cause: "policy" });
      const month = today.slice(0, 7);
      const { metrics } = await getMetrics(tx, {
        ...{ names: ["mrr", "scheduled_churn_mrr"], grain: "month", from: month, to: month, filter: {} },
      });
      return [metrics.mrr?.[0]?.value, metrics.scheduled_churn_mrr?.[0]?.value].map(Number);
    };
    // three that pay 10 each, one in its grace, and who leaves in twenty days
    expect(await under({})).toEqual([50, 10]);
    expect(await under({ discounts: "forever_only" })).toEqual([58, 18]);
    expect(await under({ discounts: "all" })).toEqual([45, 5]);
    expect(await under({ discounts: "none" })).toEqual([60, 20]);
    expect(await under({ past_due: "counts" })).toEqual([60, 10]);
    expect(await under({ past_due: "churn" })).toEqual([40, 10]);
    expect(await under({ past_due_days: 10 })).toEqual([40, 10]);
    expect(await under({ cancel: "request" })).toEqual([40, 0]);
  });
});
