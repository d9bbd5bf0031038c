import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sql } from "#db/database.ts";
import { getCustomer } from "#db/queries/customer.ts";
import { getMetrics } from "#db/queries/metrics.ts";
import { rebuildMetrics } from "#db/queries/rebuild.ts";
import { readLedger } from "#db/queries/testing-ledger.ts";
import { createTestDatabase, createTestOrganisation, type TestDatabase } from "#db/testing.ts";
import { upload } from "./testing.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await createTestDatabase();
});
afterAll(() => t.close());

/** Value of a metric in a month, as observed on a day. */
const metric = async (orgId: string, name: string, month: string, as_of?: string) => {
  const { metrics } = await t.app.withOrg(orgId, (tx) =>
    getMetrics(tx, { names: [name], grain: "month", from: month, to: month, filter: {}, as_of }),
  );
  return metrics[name]?.[0]?.value ?? metrics[name]?.[0]?.reason;
};
const setPolicy = (orgId: string, policy: Record<string, unknown>) =>
  t.worker.withOrg(orgId, async (tx) => {
    await tx.rows(
      sql`UPDATE organisation SET policy = ${JSON.stringify(policy)}::jsonb WHERE id = ${tx.orgId}`,
    );
    await rebuildMetrics(tx, { cause: "policy", actorId: null });
  });

describe("a billing status in a file", () => {
  const file = `customer_id,subscription_id,amount,started_at,ended_at,status
active,s1,1,2025-01-10,,active
late,s2,20,2025-01-10,,past_due
trying,s3,300,2025-01-10,,trialing
lost,s4,4000,2025-01-10,2025-02-10,active
lost,s4,4000,2025-02-10,,unpaid
rests,s5,50000,2025-01-10,2025-02-10,active
rests,s5,50000,2025-02-10,,paused
`;

  test("is worth what the policy says: past due counts, a trial and an unpaid one do not, a paused one by choice", async () => {
    const other = await createTestOrganisation(t.app, "Other");
    await upload(t, other, "customer_id,amount,started_at\nx,7,2025-01-10\n");
    expect(await upload(t, t.orgA, file)).toMatchObject({
      status: "done",
      rows: { imported: 7, rejected: 0 },
    });
    expect(await metric(t.orgA, "mrr", "2025-01")).toBe("54021");
    expect(await metric(t.orgA, "mrr", "2025-03")).toBe("21");
    const { movements } = await t.app.withOrg(t.orgA, readLedger);
    expect(movements.filter(({ kind }) => kind === "churn")).toMatchObject([
      { customerId: "lost", day: "2025-02-10", cause: "involuntary" },
      { customerId: "rests", day: "2025-02-10", cause: "paused" },
    ]);
    const late = await t.app.withOrg(t.orgA, (tx) => getCustomer(tx, "late"));
    expect(late).toMatchObject({ mrr: "20", subscriptions: [{ status: "past_due" }] });
    await setPolicy(t.orgA, { paused: "counts" });
    expect(await metric(t.orgA, "mrr", "2025-03")).toBe("50021");
    expect(await metric(other, "mrr", "2025-03")).toBe("7");
  });
});

describe("days ahead in a file", () => {
  test("are committed MRR and scheduled churn, and no MRR before they come", async () => {
    const orgId = await createTestOrganisation(t.app, "Ahead");
    await upload(
      t,
      orgId,
      `customer_id,subscription_id,amount,started_at,ended_at
stays,s1,100,2025-01-10,
goes,s2,30,2025-01-10,2025-06-01
comes,s3,7,2025-05-15,
`,
    );
    const seen = "2025-04-20";
    expect(await metric(orgId, "mrr", "2025-04", seen)).toBe("130");
    expect(await metric(orgId, "committed_mrr", "2025-04", seen)).toBe("107");
    expect(await metric(orgId, "scheduled_churn_mrr", "2025-04", seen)).toBe("30");
    expect(await metric(orgId, "committed_mrr", "2025-05", seen)).toBe("137");
    expect(await metric(orgId, "scheduled_churn_mrr", "2025-06", seen)).toBe("30");
    expect(await metric(orgId, "mrr", "2025-05", seen)).toBe("no_data");
    // nothing lies ahead of a month that is over
    expect(await metric(orgId, "scheduled_churn_mrr", "2025-03", seen)).toBe("0");
    expect(await metric(orgId, "mrr", "2025-06")).toBe("107");
  });
});

describe("trials in a file", () => {
  test("convert by the month in which they began, as far as is known on the day of observation", async () => {
    const orgId = await createTestOrganisation(t.app, "Trials");
    expect(await metric(orgId, "trial_conversion", "2025-01")).toBe("no_trials");
    await upload(
      t,
      orgId,
      `customer_id,subscription_id,amount,started_at,trial_end,ended_at
pays,s1,10,2025-01-10,2025-01-24,
leaves,s2,10,2025-01-12,2025-01-26,2025-01-20
late,s3,10,2025-01-20,2025-02-03,
direct,s4,10,2025-01-15,,
february,s5,10,2025-02-01,2025-02-15,
`,
    );
    expect(await metric(orgId, "trial_conversion", "2025-01", "2025-01-31")).toBeCloseTo(1 / 3, 12);
    // one of them paid in February
    expect(await metric(orgId, "trial_conversion", "2025-01")).toBeCloseTo(2 / 3, 12);
    expect(await metric(orgId, "trial_conversion", "2025-01", "2025-01-23")).toBe(0);
    expect(await metric(orgId, "trial_conversion", "2025-02")).toBe(1);
    expect(await metric(orgId, "trial_conversion", "2025-03")).toBe("no_trials");
    expect(await metric(orgId, "mrr", "2025-01")).toBe("20");
  });
});
