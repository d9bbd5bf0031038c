import { sql } from "drizzle-orm";
import pino from "pino";
import { connectors } from "#connectors/registry.ts";
import type { DoubleKey } from "#connectors/stripe-double/keys.ts";
import type { StripeDouble } from "#connectors/stripe-double/server.ts";
import { newId } from "#db/ids.ts";
import type { JobName } from "#db/jobs.ts";
import { createKeySource } from "#db/key-ring.ts";
import { sealCredentials } from "#db/queries/source-credentials.ts";
import { putStreamChecks } from "#db/queries/source-streams.ts";
import { createSource, enqueueSourceJob, findSource, type SourceRow } from "#db/queries/sources.ts";
import { createSecrets } from "#db/secrets.ts";
import type { TestDatabase } from "#db/testing.ts";
import { testEnv } from "#server/testing.ts";
import type { JobRun, WorkerDeps } from "../task.ts";
import { createTasks } from "../tasks.ts";

/** Sources of tests: connected as the API does, worked on as the workers do, without HTTP of ours and without a queue. */

const silent = pino({ level: "silent" });

export function testDeps(t: TestDatabase, double: StripeDouble, log = silent): WorkerDeps {
  const env = testEnv({
    STRIPE_API_BASE: double.url,
    LIMITS: JSON.stringify({ sourcesLimited: false }),
  });
  return { db: t.worker, env, log, secrets: createSecrets(createKeySource(env)) };
}

/** A run of the queue's that nothing disturbs. */
export const testRun = (values: Partial<JobRun> = {}): JobRun => ({
  id: "1",
  attempt: 1,
  isLast: false,
  signal: new AbortController().signal,
  log: silent,
  requireLease: async () => {},
  ...values,
});

/** As POST /sources. */
export async function connectSource(
  t: TestDatabase,
  deps: WorkerDeps,
  orgId: string,
  key: DoubleKey,
  account: string | null = null,
): Promise<SourceRow> {
  const connection = connectors.stripe.connect({
    credentials: { apiKey: key.value },
    account,
    apiBase: deps.env.STRIPE_API_BASE,
    limited: false,
  });
  const checked = await connection.check(new AbortController().signal);
  const id = newId();
  return t.app.withOrg(orgId, async (tx) => {
    const row = await createSource(tx, {
      ...{ id, kind: "stripe", name: "Stripe", keyHint: null, createdBy: null },
      options: account ? { stripe_account: account } : {},
      credentials: await sealCredentials(tx, deps.secrets, id, { apiKey: key.value, oauth: null }),
      account: { ...checked.account, livemode: checked.livemode },
    });
    await putStreamChecks(
      tx,
      id,
      checked.streams.map((stream) => ({ ...stream })),
    );
    await enqueueSourceJob(tx, "backfillSource", row);
    return row;
  });
}

export type SourceJob = Extract<JobName, `${string}Source` | "applySourceChanges">;

/** One run of a job of a source, of its run as it is now. */
export async function runJob(
  t: TestDatabase,
  deps: WorkerDeps,
  name: SourceJob,
  source: Pick<SourceRow, "orgId" | "id">,
  job: Partial<JobRun> = {},
): Promise<void> {
  const [row] = await t.app.withOrg(source.orgId, (tx) =>
    tx.rows<{ run: number }>(
      sql`SELECT run FROM source WHERE org_id = ${source.orgId} AND id = ${source.id}`,
    ),
  );
  const payload = { orgId: source.orgId, sourceId: source.id, run: row!.run };
  await createTasks(deps)[name](payload, testRun(job));
}

/** Runs a backfill again, as the queue does after the wait, until the source is live. */
export async function untilLive(
  t: TestDatabase,
  deps: WorkerDeps,
  source: Pick<SourceRow, "orgId" | "id">,
): Promise<{ row: SourceRow; faults: string[] }> {
  const faults: string[] = [];
  for (let tries = 0; tries < 20; tries++) {
    await runJob(t, deps, "backfillSource", source);
    const row = await sourceOf(t, source);
    if (row.status === "live") return { row, faults };
    faults.push(`${row.status} ${row.errorCode}`);
    if (row.status === "error") return { row, faults };
  }
  throw new Error(`never live: ${faults.join(", ")}`);
}

export async function sourceOf(t: TestDatabase, source: Pick<SourceRow, "orgId" | "id">): Promise<SourceRow> {
  const row = await t.app.withOrg(source.orgId, (tx) => findSource(tx, source.id));
  return row!;
}

/** Connects and reads everything, with nothing in the way. */
export async function cleanRun(
  t: TestDatabase,
  deps: WorkerDeps,
  orgId: string,
  key: DoubleKey,
): Promise<SourceRow> {
  const source = await connectSource(t, deps, orgId, key);
  await runJob(t, deps, "backfillSource", source);
  const row = await sourceOf(t, source);
  if (row.status !== "live") throw new Error(`not live: ${row.errorCode} ${row.errorMessage}`);
  return row;
}

const tables = {
  objects: sql`SELECT stream, id, customer_id, deleted, md5(body::jsonb::text) AS body FROM source_object`,
  facts: sql`SELECT c.external_id, v.sub_key, v.subscription_id, v.plan, v.currency, v.interval, v.quantity, v.annual, v.annual_list,
      v.annual_recurring, v.annual_forever, v.status, v.from_day, v.to_day, v.confidence
    FROM subscription_version v JOIN customer c ON c.org_id = v.org_id AND c.id = v.customer_id`,
  customers: sql`SELECT external_id, name, email, country, signup_day, attributes FROM customer`,
  movements: sql`SELECT c.external_id, m.day, m.kind, m.annual, m.cause
    FROM movement m JOIN customer c ON c.org_id = m.org_id AND c.id = m.customer_id`,
  rollups: sql`SELECT day, rows, new_annual, churn_annual, expansion_annual, contraction_annual FROM day_rollup WHERE slice = 0`,
};
export type Outcome = Record<keyof typeof tables, string[]>;

/** All that reading a source left, whatever the ids and the times of reading: of two equal runs it is the same. */
export async function outcomeOf(t: TestDatabase, orgId: string): Promise<Outcome> {
  const entries = await t.worker.withOrg(orgId, async (tx) => {
    const found: [string, string[]][] = [];
    for (const [name, query] of Object.entries(tables)) {
      const rows = await tx.rows<{ row: string }>(
        sql`SELECT translate(to_jsonb(found)::text, '"{}', '') AS row FROM (${query}) found ORDER BY 1`,
      );
      found.push([name, rows.map(({ row }) => row)]);
    }
    return found;
  });
  return Object.fromEntries(entries) as Outcome;
}
