import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { generateWorld } from "#connectors/stripe-double/generate.ts";
import { type StripeDouble, startStripeDouble } from "#connectors/stripe-double/server.ts";
import { disconnectSource } from "#db/queries/sources.ts";
import { createTestDatabase, type TestDatabase } from "#db/testing.ts";
import type { WorkerDeps } from "../task.ts";
import { cleanRun, outcomeOf, runJob, testDeps } from "./testing.ts";

let t: TestDatabase;
let double: StripeDouble;
let deps: WorkerDeps;
beforeAll(async () => {
  t = await createTestDatabase();
  double = await startStripeDouble();
  deps = testDeps(t, double);
});
afterAll(async () => {
  await double.stop();
  await t.close();
});

test("a disconnected source is taken away with its numbers where that was asked for, and the log tells; elsewhere they stay", async () => {
  const account = double.createAccount();
  generateWorld(account.test, { customers: 15 });
  const removed = await cleanRun(t, deps, t.orgA, double.createKey(account));
  const kept = await cleanRun(t, deps, t.orgB, double.createKey(account));
  const before = await outcomeOf(t, t.orgB);
  await t.app.withOrg(t.orgA, (tx) => disconnectSource(tx, removed.id, "remove"));
  await t.app.withOrg(t.orgB, (tx) => disconnectSource(tx, kept.id, "keep"));
  for (const source of [removed, kept]) {
    await runJob(t, deps, "removeSource", source);
    await runJob(t, deps, "removeSource", source);
    await runJob(t, deps, "pollSource", source);
  }
  expect(await outcomeOf(t, t.orgA)).toEqual({
    ...{ objects: [], facts: [], customers: [], movements: [], rollups: [] },
  });
  expect(await outcomeOf(t, t.orgB)).toEqual(before);
  const log = await t.app.withOrg(t.orgA, (tx) =>
    tx.rows<{ cause: string; source_id: string }>(
      sql`SELECT DISTINCT cause, source_id FROM restatement WHERE org_id = ${t.orgA}`,
    ),
  );
  expect(log).toEqual([{ cause: "disconnect", source_id: removed.id }]);
});
