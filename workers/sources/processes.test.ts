import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { generateWorld } from "#connectors/stripe-double/generate.ts";
import type { DoubleAccount } from "#connectors/stripe-double/keys.ts";
import { type StripeDouble, startStripeDouble } from "#connectors/stripe-double/server.ts";
import { createTestDatabase, type TestDatabase } from "#db/testing.ts";
import { childEnv } from "#root/env.ts";
import type { WorkerDeps } from "../task.ts";
import { cleanRun, connectSource, outcomeOf, sourceOf, testDeps } from "./testing.ts";

/** Workers as processes of their own, that are killed and put to sleep in the middle of a backfill. */

let t: TestDatabase;
let double: StripeDouble;
let deps: WorkerDeps;
let admin: pg.Client;
const workers: ChildProcess[] = [];
beforeAll(async () => {
  t = await createTestDatabase();
  double = await startStripeDouble();
  deps = testDeps(t, double);
  admin = new pg.Client({ connectionString: t.url });
  await admin.connect();
});
afterEach(async () => {
  double.latencyMs = 0;
  await Promise.all(workers.splice(0).map((worker) => end(worker)));
  await admin.query("DELETE FROM graphile_worker._private_jobs; DELETE FROM jobs.heartbeat");
});
afterAll(async () => {
  await admin.end();
  await double.stop();
  await t.close();
});

const root = fileURLToPath(new URL("../../", import.meta.url));

function startWorker(): ChildProcess {
  const worker = spawn(process.execPath, ["--import", "tsx", "workers/index.ts"], {
    cwd: root,
    env: childEnv({
      ...{ DATABASE_URL: t.url, STRIPE_API_BASE: double.url, LOG_LEVEL: "silent" },
      SECRET_KEYS: deps.env.SECRET_KEYS ?? "",
      LIMITS: JSON.stringify({ sourcesLimited: false }),
    }),
    stdio: "ignore",
  });
  workers.push(worker);
  return worker;
}

async function end(worker: ChildProcess): Promise<void> {
  if (worker.exitCode !== null || worker.signalCode !== null) return;
  const ended = once(worker, "exit");
  worker.kill("SIGKILL");
  await ended;
}

const patient = { timeout: 60_000, interval: 50 };

/** A backfill that a worker is in the middle of: it asks for the second page of the invoices. */
async function interrupted(account: DoubleAccount, orgId: string) {
  double.latencyMs = 50;
  const source = await connectSource(t, deps, orgId, double.createKey(account));
  const worker = startWorker();
  await vi.waitFor(() => {
    const isThere = double.requests.some(
      ({ path, query }) => path === "/v1/invoices" && query.has("starting_after"),
    );
    expect(isThere).toBe(true);
  }, patient);
  return { source, worker };
}

/** How many pages of subscriptions were asked for. */
const listedPages = () =>
  double.requests.filter(({ path, query }) => path === "/v1/subscriptions" && query.has("created[lt]"))
    .length;

const company = () => {
  const account = double.createAccount();
  generateWorld(account.test, { customers: 60 });
  return account;
};
/** As if a minute had passed in silence. */
const minuteOfSilence = () =>
  admin.query(`UPDATE jobs.heartbeat SET at = at - interval '61 s';
    UPDATE graphile_worker._private_jobs SET locked_at = locked_at - interval '61 s' WHERE locked_at IS NOT NULL;
    UPDATE graphile_worker._private_job_queues SET locked_at = locked_at - interval '61 s' WHERE locked_at IS NOT NULL`);

test("a backfill whose worker was killed goes on at the page where it was, on another worker", {
  timeout: 120_000,
}, async () => {
  const account = company();
  const { source, worker } = await interrupted(account, t.orgA);
  await end(worker);
  const listed = listedPages();
  await minuteOfSilence();
  double.latencyMs = 0;
  startWorker();
  startWorker();
  await vi.waitFor(async () => expect((await sourceOf(t, source)).status).toBe("live"), patient);
  // neither from the beginning, nor twice at once
  expect(listedPages()).toBe(listed);
  await cleanRun(t, deps, t.orgB, double.createKey(account));
  expect(await outcomeOf(t, t.orgA)).toEqual(await outcomeOf(t, t.orgB));
});

test("a worker that slept while another took over writes nothing when it wakes", {
  timeout: 120_000,
}, async () => {
  const account = company();
  await admin.query("DELETE FROM app.source");
  const { source, worker } = await interrupted(account, t.orgA);
  worker.kill("SIGSTOP");
  const { rows } = await admin.query<{ locked_by: string }>(
    "SELECT locked_by FROM graphile_worker._private_jobs WHERE locked_by IS NOT NULL",
  );
  // its connections hold still, as over a network that was cut: the sweeper sees only silence
  await admin.query("SELECT graphile_worker.force_unlock_workers($1::text[])", [
    rows.map((row) => row.locked_by),
  ]);
  double.latencyMs = 0;
  startWorker();
  await vi.waitFor(async () => expect((await sourceOf(t, source)).status).toBe("live"), patient);
  const before = await outcomeOf(t, t.orgA);
  const asked = double.requests.length;
  worker.kill("SIGCONT");
  // its job fails at the first thing that it would write; then it is idle
  await vi.waitFor(async () => {
    const { rows: held } = await admin.query(
      "SELECT FROM graphile_worker._private_jobs WHERE locked_by IS NOT NULL",
    );
    expect(held).toHaveLength(0);
  }, patient);
  expect(double.requests.length - asked).toBeLessThan(6);
  expect(await outcomeOf(t, t.orgA)).toEqual(before);
  expect(await sourceOf(t, source)).toMatchObject({ status: "live", errorCode: null });
});
