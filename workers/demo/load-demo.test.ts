import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { enqueueJob } from "#db/jobs.ts";
import { demoProgress } from "#db/queries/demo.ts";
import { createQueue } from "#db/queue.ts";
import { createTestDatabase, createTestOrganisation, type TestDatabase } from "#db/testing.ts";
import { parseEnv } from "#root/env.ts";
import type { RunningWorkers } from "../runner.ts";
import { startWorkers } from "../start-workers.ts";

let t: TestDatabase;
let workers: RunningWorkers;
let demo: string;
beforeAll(async () => {
  t = await createTestDatabase();
  demo = await createTestOrganisation(t.app, "Demo", { isDemo: true });
  workers = await startWorkers({ env: parseEnv({}), databaseUrl: t.url });
});
afterAll(async () => {
  await workers.stop();
  await t.close();
});

const load = () => t.app.withOrg(demo, (tx) => enqueueJob(tx, "loadDemo", { orgId: demo, customers: 640 }));

describe("loading the demo", () => {
  test("imports every file through the ordinary way, and nothing is rejected", {
    timeout: 60_000,
  }, async () => {
    await load();
    await expect
      .poll(() => t.app.withOrg(demo, demoProgress), { timeout: 50_000, interval: 50 })
      .toEqual({ customers: 640, ready: true });
    const uploads = await t.app.withOrg(demo, (tx) =>
      tx.rows(
        sql`SELECT file_name, status, rows_rejected::int AS rejected, error FROM upload WHERE org_id = ${demo} ORDER BY seq`,
      ),
    );
    expect(uploads).toEqual(
      ["fx-rates", "spend", "customers", "transactions", "subscriptions"].map((name) => ({
        file_name: `demo-${name}.csv`,
        status: "done",
        rejected: 0,
        error: null,
      })),
    );
    const [sums] = await t.app.withOrg(demo, (tx) =>
      tx.rows<{ mrr: string; unvalued: string; first: string; months: string }>(sql`
        SELECT (SELECT sum(annual) / 12 FROM movement WHERE org_id = ${demo} AND day <= current_date) AS mrr,
          (SELECT count(*) FROM unvalued WHERE org_id = ${demo}) AS unvalued,
          (SELECT count(DISTINCT date_trunc('month', day)) FROM movement WHERE org_id = ${demo} AND day <= current_date) AS months`),
    );
    expect(Number(sums!.mrr)).toBeGreaterThan(200_000);
    expect(sums!.unvalued).toBe("0");
    expect(sums!.months).toBe("36");
  });

  test("twice leaves one of everything, and the other organisations empty", async () => {
    await load();
    const queue = createQueue({ url: t.url, max: 1 });
    await expect
      .poll(async () => (await queue.pool.query("SELECT FROM graphile_worker._private_jobs")).rowCount)
      .toBe(0);
    await queue.close();
    for (const [orgId, count] of [
      [demo, "640"],
      [t.orgA, "0"],
      [t.orgB, "0"],
    ] as const) {
      const [row] = await t.app.withOrg(orgId, (tx) =>
        tx.rows<{ n: string }>(sql`SELECT count(*) AS n FROM customer WHERE org_id = ${orgId}`),
      );
      expect(row!.n).toBe(count);
    }
    const [uploads] = await t.app.withOrg(demo, (tx) =>
      tx.rows<{ n: string }>(sql`SELECT count(*) AS n FROM upload WHERE org_id = ${demo}`),
    );
    expect(uploads!.n).toBe("5");
  });
});
