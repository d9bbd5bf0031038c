import { createHmac } from "node:crypto";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { newId } from "#db/ids.ts";
import { createKeySource } from "#db/key-ring.ts";
import { requireLease } from "#db/lease.ts";
import { sealWebhookSecrets } from "#db/queries/source-credentials.ts";
import { holdSource } from "#db/queries/source-sync.ts";
import { createSource, pauseSource, updateSource } from "#db/queries/sources.ts";
import { createSecrets } from "#db/secrets.ts";
import { createTestDatabase, type TestDatabase } from "#db/testing.ts";
import { startTestServer, type TestServer, testEnv } from "../testing.ts";

let t: TestDatabase;
let server: TestServer;
const secrets = createSecrets(createKeySource(testEnv()));
const [secretA, rotatedA, secretB] = ["whsec_of_a", "whsec_of_a_rotated", "whsec_of_b"];
let sourceA: string;
let sourceB: string;

beforeAll(async () => {
  t = await createTestDatabase();
  server = await startTestServer(t);
});
afterAll(async () => {
  await server.close();
  await t.close();
});

async function makeSource(orgId: string, livemode: boolean, held: string[]): Promise<string> {
  const id = newId();
  await t.app.withOrg(orgId, async (tx) => {
    await createSource(tx, {
      ...{ id, kind: "stripe", name: "Stripe", keyHint: null, options: {}, createdBy: null },
      credentials: "sealed",
      account: { id: `acct_${id.slice(-6)}`, name: null, livemode },
    });
    await updateSource(tx, id, {
      status: "live",
      webhookSecrets: held.length > 0 ? await sealWebhookSecrets(tx, secrets, id, held) : null,
      webhookSecretCount: held.length,
    });
  });
  return id;
}

beforeEach(async () => {
  sourceA = await makeSource(t.orgA, true, [secretA]);
  sourceB = await makeSource(t.orgB, true, [secretB]);
});

let events = 0;
const event = (change: Record<string, unknown> = {}) => ({
  id: `evt_${++events}`,
  object: "event",
  api_version: "2026-10-28.endive",
  created: Math.floor(Date.now() / 1_000),
  livemode: true,
  type: "customer.subscription.updated",
  data: { object: { id: "sub_1", object: "subscription", customer: "cus_1" }, previous_attributes: {} },
  ...change,
});

const sign = (body: string, secret: string, at = Math.floor(Date.now() / 1_000)) =>
  `t=${at},v1=${createHmac("sha256", secret).update(`${at}.${body}`).digest("hex")}`;

function send(
  id: string,
  body: string | Uint8Array<ArrayBuffer>,
  signature: string | null,
  headers: Record<string, string> = {},
) {
  return fetch(`${server.url}/webhooks/stripe/${id}`, {
    method: "POST",
    body,
    headers: {
      "Content-Type": "application/json; charset=utf-8",
      ...(signature === null ? {} : { "Stripe-Signature": signature }),
      ...headers,
    },
  });
}

const kept = async (orgId: string, sourceId: string) =>
  (
    await t.app.withOrg(orgId, (tx) =>
      tx.rows<{ id: string }>(
        sql`SELECT id FROM source_event WHERE org_id = ${orgId} AND source_id = ${sourceId} ORDER BY id`,
      ),
    )
  ).map(({ id }) => id);

async function jobs(sourceId: string): Promise<string[]> {
  const client = await t.connect();
  const { rows } = await client.query<{ task: string }>(
    `SELECT task.identifier AS task FROM graphile_worker._private_jobs AS job
     JOIN graphile_worker._private_tasks AS task ON task.id = job.task_id WHERE job.payload ->> 'sourceId' = $1`,
    [sourceId],
  );
  await client.end();
  return rows.map(({ task }) => task);
}

describe("a webhook", () => {
  test("that is signed for the source is kept and looked at by a job", async () => {
    const body = event();
    const text = JSON.stringify(body);
    const answer = await send(sourceA, text, sign(text, secretA));
    expect([answer.status, await answer.json()]).toEqual([200, { received: true }]);
    expect(await kept(t.orgA, sourceA)).toEqual([body.id]);
    expect(await jobs(sourceA)).toEqual(["applySourceChanges"]);
    expect(await kept(t.orgB, sourceB)).toEqual([]);
  });

  test("is read as the bytes it came in, whatever the order and the spaces of its JSON", async () => {
    const text = JSON.stringify({ ...event(), note: "ü — 漢" }, null, 4);
    expect((await send(sourceA, text, sign(text, secretA))).status).toBe(200);
  });

  test("needs neither a cookie nor an Origin, and a foreign one is not asked about", async () => {
    const text = JSON.stringify(event());
    const headers = { Origin: "https://elsewhere.example", "Sec-Fetch-Site": "cross-site" };
    expect((await send(sourceA, text, sign(text, secretA), headers)).status).toBe(200);
  });

  test("that nobody signed for this source is refused with 400, and nothing is stored", async () => {
    const text = JSON.stringify(event());
    const now = Math.floor(Date.now() / 1_000);
    const test_ = JSON.stringify(event({ livemode: false }));
    const other = JSON.stringify(event({ account: "acct_other" }));
    const cases: [string, string, string | null][] = [
      ["no signature", text, null],
      ["an empty one", text, ""],
      ["nonsense", text, "t=now,v1=zz"],
      ["a wrong secret", text, sign(text, "whsec_wrong")],
      ["another organisation's secret", text, sign(text, secretB)],
      ["re-serialised after signing", JSON.stringify(JSON.parse(text), null, 1), sign(text, secretA)],
      ["another body", text.replace("sub_1", "sub_2"), sign(text, secretA)],
      ["ten minutes old", text, sign(text, secretA, now - 600)],
      ["another scheme alone", text, sign(text, secretA).replace("v1=", "v0=")],
      ["an event of test mode, on a live source", test_, sign(test_, secretA)],
      ["an event of another account", other, sign(other, secretA)],
    ];
    for (const [what, body, signature] of cases) {
      const answer = await send(sourceA, body, signature);
      expect(`${what}: ${answer.status}`).toBe(`${what}: 400`);
      expect(await answer.json()).toMatchObject({ error: { code: "webhook_refused" } });
    }
    const unsecured = await makeSource(t.orgA, true, []);
    expect((await send(unsecured, text, sign(text, ""))).status).toBe(400);
    expect(await kept(t.orgA, sourceA)).toEqual([]);
    expect(await kept(t.orgA, unsecured)).toEqual([]);
    expect(await jobs(sourceA)).toEqual([]);
  });

  test("may be signed with any of the secrets that are held, while Stripe rotates them", async () => {
    await t.app.withOrg(t.orgA, async (tx) =>
      updateSource(tx, sourceA, {
        webhookSecrets: await sealWebhookSecrets(tx, secrets, sourceA, [secretA, rotatedA]),
      }),
    );
    for (const secret of [secretA, rotatedA]) {
      const text = JSON.stringify(event());
      expect((await send(sourceA, text, sign(text, secret))).status).toBe(200);
    }
    expect(await kept(t.orgA, sourceA)).toHaveLength(2);
  });

  test("that comes a hundred times at once has one effect", async () => {
    const text = JSON.stringify(event());
    const signature = sign(text, secretA);
    const answers = await Promise.all(Array.from({ length: 100 }, () => send(sourceA, text, signature)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(await kept(t.orgA, sourceA)).toHaveLength(1);
    expect(await jobs(sourceA)).toEqual(["applySourceChanges"]);
  });

  test("of one source of many events makes one job that waits", async () => {
    await Promise.all(
      Array.from({ length: 20 }, () => {
        const text = JSON.stringify(event());
        return send(sourceA, text, sign(text, secretA));
      }),
    );
    expect(await kept(t.orgA, sourceA)).toHaveLength(20);
    expect(await jobs(sourceA)).toEqual(["applySourceChanges"]);
  });

  test("waits for a job of its source that writes, and that job does not wait for it", async () => {
    const queue = await t.connect();
    const tell = () => {
      const text = JSON.stringify(event());
      return send(sourceA, text, sign(text, secretA));
    };
    await tell();
    // as the runner takes it
    const { rows } = await queue.query<{ id: string }>(
      `UPDATE graphile_worker._private_jobs SET locked_at = now(), locked_by = 'test', attempts = 1
       WHERE key = $1 RETURNING id`,
      [`source:${sourceA}:applySourceChanges`],
    );
    const isWaited = async () =>
      (
        await queue.query(
          "SELECT FROM pg_stat_activity WHERE datname = current_database() AND query ~ 'jobs.enqueue' AND wait_event_type = 'Lock'",
        )
      ).rowCount === 1;
    const told = await t.worker.withOrg(t.orgA, async (tx) => {
      await requireLease(tx, rows[0]!.id, 1);
      const sending = tell();
      await expect.poll(isWaited, { timeout: 15_000 }).toBe(true);
      expect(await holdSource(tx, sourceA, 1)).toBe(true);
      return { sending };
    });
    expect((await told.sending).status).toBe(200);
    await queue.query("DELETE FROM graphile_worker._private_jobs");
    await queue.end();
  });

  test("is kept while the source is paused, and waits", async () => {
    await t.app.withOrg(t.orgA, (tx) => pauseSource(tx, sourceA));
    const text = JSON.stringify(event());
    expect((await send(sourceA, text, sign(text, secretA))).status).toBe(200);
    expect(await kept(t.orgA, sourceA)).toHaveLength(1);
    expect(await jobs(sourceA)).toEqual([]);
  });

  test("with characters that Postgres does not take is kept all the same", async () => {
    const text = JSON.stringify(event({ note: "a\u0000b\ud800" }));
    expect((await send(sourceA, text, sign(text, secretA))).status).toBe(200);
    expect(await kept(t.orgA, sourceA)).toHaveLength(1);
  });

  test("that is too large, compressed, or of no source is not read at all", async () => {
    const large = `{"pad":"${"x".repeat(300 * 1024)}"}`;
    expect((await send(sourceA, large, sign(large, secretA))).status).toBe(413);
    const text = JSON.stringify(event());
    expect((await send(sourceA, text, sign(text, secretA), { "Content-Encoding": "gzip" })).status).toBe(415);
    for (const path of [
      `stripe/${newId()}`,
      "stripe/x",
      "stripe",
      `stripe/${sourceA}/more`,
      `chargebee/${sourceA}`,
      "stripe/..%2f..",
    ]) {
      const answer = await fetch(`${server.url}/webhooks/${path}`, { method: "POST", body: text });
      expect(`${path}: ${answer.status}`).toBe(`${path}: 404`);
    }
  });

  test("of a source that was disconnected finds nobody", async () => {
    await t.app.withOrg(t.orgA, (tx) =>
      tx.rows(sql`UPDATE source SET disconnected = 'keep' WHERE org_id = ${t.orgA} AND id = ${sourceA}`),
    );
    const text = JSON.stringify(event());
    expect((await send(sourceA, text, sign(text, secretA))).status).toBe(404);
  });
});

describe("a flood of webhooks", () => {
  test("for one source is told when to come back, and others are not held up", async () => {
    const small = await startTestServer(t, { LIMITS: JSON.stringify({ requestsPerMinute: 3 }) });
    const knock = (id: string) => fetch(`${small.url}/webhooks/stripe/${id}`, { method: "POST", body: "{}" });
    for (let n = 0; n < 3; n++) expect((await knock(sourceA)).status).toBe(400);
    const refused = await knock(sourceA);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await knock(sourceB)).status).toBe(400);
    await small.close();
  });
});

describe("the address of a webhook", () => {
  test("tells of its own source alone before the organisation is known", async () => {
    const seen = await t.app.withInstance((tx) => tx.rows<{ id: string }>(sql`SELECT id FROM source`), {
      sourceId: sourceA,
    });
    expect(seen).toEqual([{ id: sourceA }]);
    expect(await t.app.withInstance((tx) => tx.rows(sql`SELECT id FROM source`))).toEqual([]);
  });
});
