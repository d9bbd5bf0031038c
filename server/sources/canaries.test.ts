import { Writable } from "node:stream";
import { sql } from "drizzle-orm";
import pino from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type StripeDouble, startStripeDouble } from "#connectors/stripe-double/server.ts";
import { createTestDatabase, type TestDatabase } from "#db/testing.ts";
import { runJob, sourceOf, testDeps } from "#workers/sources/testing.ts";
import { createHttpServer, type HttpServer } from "../http.ts";
import { testEnv, testToken } from "../testing.ts";

/** Secrets that are planted wherever a secret goes in, and looked for wherever anything comes out (security.md, row 100). */
const canary = {
  key: "rk_test_CANARYkey0000000001",
  other: "rk_test_CANARYkey0000000002",
  refused: "rk_test_CANARYrefused000003",
  webhook: "whsec_CANARYwebhook",
};
const planted = /CANARY/;

let t: TestDatabase;
let double: StripeDouble;
let http: HttpServer;
let base: string;
let log: pino.Logger;
const logged: string[] = [];
const answers: string[] = [];

beforeAll(async () => {
  t = await createTestDatabase();
  double = await startStripeDouble();
  const account = double.createAccount("acct_Canary", "Canary Ltd");
  double.createKey(account, { value: canary.key });
  double.createKey(account, { value: canary.other });
  log = pino(
    { level: "trace" },
    new Writable({
      write(chunk, _encoding, done) {
        logged.push(String(chunk));
        done();
      },
    }),
  );
  http = await createHttpServer({
    db: t.app,
    env: testEnv({ STRIPE_API_BASE: double.url }),
    log,
    site: null,
  });
  base = await http.listen(0, "127.0.0.1");
});
afterAll(async () => {
  await http.close(1_000);
  await double.stop();
  await t.close();
});

test("a planted secret is in no log, error, answer, job, event, audit row or table", async () => {
  const token = await testToken(t, t.orgA, "owner");
  const ask = async (method: string, path: string, body?: unknown) => {
    const answer = await fetch(`${base}/api/v1${path}`, {
      method,
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    answers.push(text);
    return { status: answer.status, body: JSON.parse(text) };
  };
  const credentials = (api_key: string) => ({ kind: "stripe", credentials: { api_key } });

  // accepted, refused, malformed, cut off: each way to hand a secret over
  await ask("POST", "/sources/probe", credentials(canary.key));
  const { body: made } = await ask("POST", "/sources", { ...credentials(canary.key), name: "Canary" });
  await ask("POST", "/sources", { ...credentials(canary.key), name: "Canary" });
  await ask("POST", "/sources", { ...credentials(canary.refused), name: "Canary" });
  await ask("POST", "/sources", { ...credentials(canary.refused), name: "" });
  await ask("POST", "/sources", {
    ...credentials(canary.refused),
    name: "x",
    unknown: canary.refused.length,
  });
  await ask("PATCH", `/sources/${made.id}`, { credentials: { api_key: canary.other } });
  await ask("PATCH", `/sources/${made.id}`, { credentials: { api_key: canary.refused } });
  await ask("PUT", `/sources/${made.id}/webhook-secrets`, { secrets: [canary.webhook] });
  await ask("PUT", `/sources/${made.id}/webhook-secrets`, { secrets: [`no ${canary.webhook}`] });
  double.faults.add({ kind: "status", status: 400 }, { times: 50 });
  await ask("POST", "/sources/probe", credentials(canary.key));
  double.faults.clear();
  await ask("GET", `/sources/${made.id}`);
  await ask("GET", "/sources");
  await ask("GET", "/audit");
  await fetch(`${base}/webhooks/stripe/${made.id}`, {
    method: "POST",
    body: "{}",
    headers: { "Stripe-Signature": "t=1,v1=00" },
  });

  expect(made.id).toBeDefined();

  // the worker uses it, is refused with it, and finds it damaged
  const source = { orgId: t.orgA, id: made.id as string };
  const deps = testDeps(t, double, log);
  await runJob(t, deps, "backfillSource", source, { log });
  expect((await sourceOf(t, source)).status).toBe("live");
  for (const key of double.keys.values()) key.revoked = true;
  await runJob(t, deps, "pollSource", source, { log });
  expect((await sourceOf(t, source)).status).toBe("error");
  await ask("GET", `/sources/${made.id}`);
  await ask("POST", `/sources/${made.id}/sync`);
  await t.app.withOrg(t.orgA, (tx) =>
    tx.rows(
      sql`UPDATE source SET credentials = overlay(credentials PLACING '0' FROM 40) WHERE org_id = ${tx.orgId}`,
    ),
  );
  await runJob(t, deps, "backfillSource", source, { log });
  await ask("GET", `/sources/${made.id}`);
  for (const path of ["/customers", "/movements", "/audit", "/uploads", "/org"]) await ask("GET", path);
  await ask("DELETE", `/sources/${made.id}?data=remove`);

  expect(answers.filter((text) => planted.test(text))).toEqual([]);
  expect(logged.length).toBeGreaterThan(0);
  expect(logged.filter((line) => planted.test(line))).toEqual([]);
  expect(await tablesThatHold(planted)).toEqual([]);
});

/** Every table of every schema, jobs included, as a dump would show it. */
async function tablesThatHold(pattern: RegExp): Promise<string[]> {
  const admin = await t.connect();
  const { rows: tables } = await admin.query<{ name: string }>(
    `SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind = 'r' AND n.nspname IN ('app', 'jobs', 'graphile_worker', 'migrations')`,
  );
  const found: string[] = [];
  let rowsSeen = 0;
  for (const { name } of tables) {
    const { rows } = await admin.query<{ text: string }>(`SELECT t::text AS text FROM ${name} AS t`);
    rowsSeen += rows.length;
    if (rows.some(({ text }) => pattern.test(text))) found.push(name);
  }
  await admin.end();
  expect(rowsSeen).toBeGreaterThan(5);
  return found;
}
