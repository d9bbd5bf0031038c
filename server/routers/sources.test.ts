import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type StripeDouble, startStripeDouble } from "#connectors/stripe-double/server.ts";
import { createKeySource } from "#db/key-ring.ts";
import { openCredentials, openWebhookSecrets } from "#db/queries/source-credentials.ts";
import { findSource } from "#db/queries/sources.ts";
import { createSecrets } from "#db/secrets.ts";
import { createTestDatabase, type TestDatabase } from "#db/testing.ts";
import { startTestServer, type TestServer, testEnv, testToken } from "../testing.ts";

let t: TestDatabase;
let double: StripeDouble;
let server: TestServer;
const secrets = createSecrets(createKeySource(testEnv()));
const rest = { A: client(() => ""), B: client(() => ""), viewer: client(() => "") };
let accounts = 0;

/** A key of an account that nobody has connected yet. */
const newKey = (options: Parameters<StripeDouble["createKey"]>[1] = {}) =>
  double.createKey(double.createAccount(`acct_T${++accounts}`, `Shop ${accounts}`), options);

beforeAll(async () => {
  t = await createTestDatabase();
  double = await startStripeDouble();
  server = await startTestServer(t, { STRIPE_API_BASE: double.url });
  const [a, b, viewer] = await Promise.all([
    testToken(t, t.orgA, "admin"),
    testToken(t, t.orgB, "owner"),
    testToken(t, t.orgA, "viewer"),
  ]);
  rest.A = client(() => a);
  rest.B = client(() => b);
  rest.viewer = client(() => viewer);
});
afterAll(async () => {
  await server.close();
  await double.stop();
  await t.close();
});

// biome-ignore lint/suspicious/noExplicitAny: answers are read as a stranger's program would
type Json = any;

function client(token: () => string) {
  return async (method: string, path: string, body?: unknown): Promise<{ status: number; body: Json }> => {
    const answer = await fetch(`${server.url}/api/v1${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${token()}`,
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: await answer.json() };
  };
}

const connect = (key: string, more: Record<string, unknown> = {}, as = rest.A) =>
  as("POST", "/sources", { kind: "stripe", name: "Our Stripe", credentials: { api_key: key }, ...more });

async function connected(): Promise<{ id: string; key: ReturnType<typeof newKey> }> {
  const key = newKey();
  const { status, body } = await connect(key.value);
  expect(status).toBe(201);
  return { id: body.id, key };
}

/** Names and runs of the jobs that wait for a source, in the order they were made. */
async function jobs(sourceId: string): Promise<[string, number][]> {
  const client_ = await t.connect();
  const { rows } = await client_.query<{ task: string; run: number }>(
    `SELECT task.identifier AS task, (job.payload ->> 'run')::int AS run FROM graphile_worker._private_jobs AS job
     JOIN graphile_worker._private_tasks AS task ON task.id = job.task_id
     WHERE job.payload ->> 'sourceId' = $1 ORDER BY job.id`,
    [sourceId],
  );
  await client_.end();
  return rows.map(({ task, run }) => [task, run]);
}

const setStatus = (id: string, status: string) =>
  t.app.withOrg(t.orgA, (tx) =>
    tx.rows(sql`UPDATE source SET status = ${status} WHERE org_id = ${t.orgA} AND id = ${id}`),
  );

describe("POST /sources", () => {
  test("connects an account whose key is good, tells where webhooks go, and begins to read", async () => {
    const key = newKey();
    const { status, body } = await connect(` ${key.value}\n`);
    expect(status).toBe(201);
    expect(body).toMatchObject({
      kind: "stripe",
      name: "Our Stripe",
      status: "connecting",
      livemode: false,
      account: { id: key.account.object.id },
      key_hint: key.value.slice(-4),
      webhook_url: `${server.url.replace("127.0.0.1", "localhost")}/webhooks/stripe/${body.id}`,
      webhook_secrets: 0,
      last_error: null,
      synced_at: null,
      counts: { customers: 0, subscriptions: 0, invoices: 0 },
    });
    expect(body.streams.map(({ state }: { state: string }) => state)).not.toContain("forbidden");
    expect(await jobs(body.id)).toEqual([["backfillSource", 1]]);
    expect((await rest.viewer("GET", `/sources/${body.id}`)).body).toEqual(body);
    expect((await rest.viewer("GET", "/sources")).body.items).toContainEqual(body);
    expect((await rest.viewer("GET", `/sources/${body.id}/streams`)).body.items).toEqual(body.streams);
  });

  test("keeps the key sealed, and no answer holds it", async () => {
    const { id, key } = await connected();
    const row = await t.app.withOrg(t.orgA, async (tx) => {
      const found = await findSource(tx, id);
      return found && { found, opened: await openCredentials(tx, secrets, found) };
    });
    expect(row?.opened).toEqual({ apiKey: key.value, oauth: null });
    expect(JSON.stringify(row?.found)).not.toContain(key.value);
    for (const path of [`/sources/${id}`, "/sources", "/audit"])
      expect(JSON.stringify((await rest.A("GET", path)).body)).not.toContain(key.value);
  });

  test("refuses a key that Stripe refuses, one that is none, and one that may not read what is needed", async () => {
    const revoked = newKey();
    revoked.revoked = true;
    const blind = newKey({ forbidden: ["subscriptions"] });
    for (const key of ["rk_test_unknown", "pk_test_1", "whsec_1", "rk_test_ü", revoked.value, blind.value]) {
      const { status, body } = await connect(key);
      expect(`${key} ${status} ${body.error?.code}`).toBe(`${key} 422 credentials_refused`);
      expect(JSON.stringify(body)).not.toContain(revoked.value);
    }
    const { body } = await connect(blind.value);
    expect(body.error.message).toMatch(/Subscriptions/);
    expect((await connect("")).status).toBe(400);
    expect((await rest.A("POST", "/sources", { kind: "other", name: "x" })).status).toBe(400);
  });

  test("says which streams a key may not read, and connects without them", async () => {
    const { status, body } = await connect(newKey({ forbidden: ["charges", "refunds"] }).value);
    expect(status).toBe(201);
    const stream = body.streams.find(({ name }: { name: string }) => name === "refunds");
    expect(stream).toMatchObject({ state: "forbidden", message: expect.stringMatching(/\w/) });
  });

  test("says that a key may not read events, and which permission to tick", async () => {
    const { body } = await connect(newKey({ forbidden: ["events"] }).value);
    expect(body.changes).toEqual({ state: "forbidden", message: expect.stringMatching(/“Events”.*Read/) });
    expect(body.streams.map(({ name }: { name: string }) => name)).not.toContain("events");
    expect((await connect(newKey().value)).body.changes).toEqual({ state: "ok", message: null });
  });

  test("connects one account and mode once; the other mode and other accounts are sources of their own", async () => {
    const { key } = await connected();
    const again = await connect(double.createKey(key.account).value);
    expect([again.status, again.body.error.code]).toEqual([409, "source_exists"]);
    expect((await connect(double.createKey(key.account, { livemode: true }).value)).status).toBe(201);
    // and another organisation may connect the same account
    expect((await connect(double.createKey(key.account).value, {}, rest.B)).status).toBe(201);
  });

  test("made by two at once is one source", async () => {
    const key = newKey();
    const answers = await Promise.all([1, 2, 3].map(() => connect(key.value)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
  });

  test("reads a connected account where options name one", async () => {
    const platform = newKey();
    const other = double.createAccount("acct_Connected1", "A connected shop");
    const { status, body } = await connect(platform.value, { options: { stripe_account: other.object.id } });
    expect(status).toBe(201);
    expect(body.account.id).toBe("acct_Connected1");
    expect((await connect(platform.value, { options: { stripe_account: "acct_none" } })).status).toBe(422);
    expect((await connect(platform.value, { options: { stripe_account: "x" } })).status).toBe(400);
  });

  test("says so when Stripe cannot be reached, and keeps nothing", async () => {
    const away = await startTestServer(t);
    const token = await testToken(t, t.orgB, "admin");
    const answer = await fetch(`${away.url}/api/v1/sources`, {
      method: "POST",
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
      body: JSON.stringify({ kind: "stripe", name: "x", credentials: { api_key: "rk_test_away" } }),
    });
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ error: { code: "vendor_unavailable" } });
    await away.close();
  });
});

describe("POST /sources/probe", () => {
  test("tells stream by stream what a key may read, and keeps nothing", async () => {
    const key = newKey({ forbidden: ["charges"] });
    const probe = { kind: "stripe", credentials: { api_key: key.value } };
    const { status, body } = await rest.A("POST", "/sources/probe", probe);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      account: { id: key.account.object.id },
      livemode: false,
      duplicate_of: null,
    });
    expect(body.streams.find(({ name }: { name: string }) => name === "customers")).toMatchObject({
      label: "Customers",
      required: true,
      state: "ok",
    });
    const { body: made } = await connect(key.value);
    expect((await rest.A("POST", "/sources/probe", probe)).body.duplicate_of).toBe(made.id);
    expect((await rest.viewer("POST", "/sources/probe", probe)).status).toBe(403);
  });
});

describe("a key that may not read enough", () => {
  test("is told of stream by stream by the probe, and refused when it is to be connected", async () => {
    const key = newKey({ forbidden: ["subscriptions"] });
    const asked = { kind: "stripe", credentials: { api_key: key.value } };
    const { status, body } = await rest.A("POST", "/sources/probe", asked);
    expect(status).toBe(200);
    const state = (stream: string) =>
      body.streams.find(({ name }: { name: string }) => name === stream).state;
    expect([state("customers"), state("subscriptions")]).toEqual(["ok", "forbidden"]);
    const refused = await rest.A("POST", "/sources", { ...asked, name: "S" });
    expect([refused.status, refused.body.error.code]).toEqual([422, "credentials_refused"]);
  });
});

describe("a source", () => {
  test("is renamed, and gets another key of the same account", async () => {
    const { id, key } = await connected();
    expect((await rest.A("PATCH", `/sources/${id}`, { name: "EU shop" })).body).toMatchObject({
      name: "EU shop",
      key_hint: key.value.slice(-4),
    });
    expect(await jobs(id)).toEqual([["backfillSource", 1]]);
    await setStatus(id, "error");
    const next = double.createKey(key.account).value;
    const { status, body } = await rest.A("PATCH", `/sources/${id}`, { credentials: { api_key: next } });
    expect([status, body.status, body.key_hint, body.name]).toEqual([
      200,
      "connecting",
      next.slice(-4),
      "EU shop",
    ]);
    expect(await jobs(id)).toEqual([["backfillSource", 2]]);
    const wrong = await rest.A("PATCH", `/sources/${id}`, { credentials: { api_key: newKey().value } });
    expect([wrong.status, wrong.body.error.code]).toEqual([422, "another_account"]);
    const live = double.createKey(key.account, { livemode: true }).value;
    expect((await rest.A("PATCH", `/sources/${id}`, { credentials: { api_key: live } })).status).toBe(422);
  });

  test("is paused and resumed: jobs of the run before stop", async () => {
    const { id } = await connected();
    expect((await rest.A("POST", `/sources/${id}/pause`)).body.status).toBe("paused");
    expect((await rest.A("POST", `/sources/${id}/pause`)).body.status).toBe("paused");
    expect((await rest.A("POST", `/sources/${id}/sync`)).body.error.code).toBe("source_paused");
    expect((await rest.A("POST", `/sources/${id}/resume`)).body.status).toBe("connecting");
    expect((await rest.A("POST", `/sources/${id}/resume`)).body.status).toBe("connecting");
    expect(await jobs(id)).toEqual([["backfillSource", 3]]);
  });

  test("is asked for news at once", async () => {
    const { id } = await connected();
    await setStatus(id, "live");
    expect((await rest.A("POST", `/sources/${id}/sync`)).status).toBe(202);
    expect((await jobs(id)).map(([name]) => name)).toEqual(
      expect.arrayContaining(["pollSource", "reconcileSource"]),
    );
  });

  test("that stopped with an error begins again when it is asked for news", async () => {
    const { id } = await connected();
    await setStatus(id, "error");
    const { status, body } = await rest.A("POST", `/sources/${id}/sync`);
    expect([status, body.status]).toEqual([202, "connecting"]);
    expect(await jobs(id)).toEqual([["backfillSource", 2]]);
  });

  test("holds the secrets of its webhooks sealed, as many as are given", async () => {
    const { id } = await connected();
    const put = (given: string[]) => rest.A("PUT", `/sources/${id}/webhook-secrets`, { secrets: given });
    expect((await put(["whsec_one", "whsec_two"])).body.webhook_secrets).toBe(2);
    const held = await t.app.withOrg(t.orgA, async (tx) => {
      const row = await findSource(tx, id);
      return row && openWebhookSecrets(tx, secrets, row);
    });
    expect(held).toEqual(["whsec_one", "whsec_two"]);
    expect((await put([])).body.webhook_secrets).toBe(0);
    expect((await put(["nonsense"])).status).toBe(400);
  });

  test("that is disconnected is gone from every list; its keys are, too", async () => {
    const { id } = await connected();
    await rest.A("PUT", `/sources/${id}/webhook-secrets`, { secrets: ["whsec_one"] });
    expect((await rest.A("DELETE", `/sources/${id}`)).status).toBe(400);
    expect((await rest.A("DELETE", `/sources/${id}?data=keep`)).body).toEqual({ ok: true });
    expect((await rest.A("GET", `/sources/${id}`)).status).toBe(404);
    expect((await rest.A("DELETE", `/sources/${id}?data=remove`)).status).toBe(404);
    const [row] = await t.app.withOrg(t.orgA, (tx) =>
      tx.rows<Json>(
        sql`SELECT credentials, webhook_secrets FROM source WHERE org_id = ${t.orgA} AND id = ${id}`,
      ),
    );
    expect(row).toEqual({ credentials: "", webhook_secrets: null });
    expect((await jobs(id)).map(([name]) => name)).not.toContain("removeSource");
  });

  test("whose numbers were kept is the same one when its account is connected again: nothing counts twice", async () => {
    const { id, key } = await connected();
    await rest.A("DELETE", `/sources/${id}?data=keep`);
    const { status, body } = await connect(key.value, { name: "Again" });
    expect([status, body.id, body.name, body.status]).toEqual([201, id, "Again", "connecting"]);
    expect((await connect(key.value)).status).toBe(409);
  });

  test("whose numbers are removed makes room for its account at once", async () => {
    const { id, key } = await connected();
    expect((await rest.A("DELETE", `/sources/${id}?data=remove`)).status).toBe(200);
    expect(await jobs(id)).toContainEqual(["removeSource", 2]);
    const { status, body } = await connect(key.value);
    expect(status).toBe(201);
    expect(body.id).not.toBe(id);
  });

  test("leaves a trace of everything that was done to it, without a secret", async () => {
    const { id, key } = await connected();
    await rest.A("PUT", `/sources/${id}/webhook-secrets`, { secrets: ["whsec_canary"] });
    await rest.A("PATCH", `/sources/${id}`, { credentials: { api_key: key.value }, name: "Named" });
    await rest.A("POST", `/sources/${id}/pause`);
    await rest.A("POST", `/sources/${id}/resume`);
    await rest.A("POST", `/sources/${id}/sync`);
    await rest.A("DELETE", `/sources/${id}?data=remove`);
    const { body } = await rest.A("GET", "/audit?limit=1000");
    const own = body.items.filter((item: Json) => item.details.id === id);
    expect(own.map((item: Json) => item.action).reverse()).toEqual([
      "source.connected",
      "source.webhook_secrets_set",
      "source.updated",
      "source.paused",
      "source.resumed",
      "source.synced",
      "source.disconnected",
    ]);
    expect(JSON.stringify(own)).not.toMatch(/whsec_canary/);
    expect(JSON.stringify(own)).not.toContain(key.value);
  });
});
