import { sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type StripeDouble, startStripeDouble } from "#connectors/stripe-double/server.ts";
import { createKeySource } from "#db/key-ring.ts";
import { openCredentials } from "#db/queries/source-credentials.ts";
import { findSource } from "#db/queries/sources.ts";
import { createSecrets } from "#db/secrets.ts";
import { createTestDatabase, type TestDatabase } from "#db/testing.ts";
import { freshCredentials } from "#workers/sources/fresh-credentials.ts";
import {
  startTestServer,
  type TestServer,
  testContext,
  testEnv,
  testMember,
  testSession,
  testToken,
} from "../testing.ts";
import type { Principal } from "../trpc.ts";
import { beginAuthorisation } from "./authorisation.ts";

let t: TestDatabase;
let double: StripeDouble;
let server: TestServer;
let settings: Record<string, string>;
const secrets = createSecrets(createKeySource(testEnv()));
let admin: Principal;
let cookie: string;
let accounts = 0;

beforeAll(async () => {
  t = await createTestDatabase();
  double = await startStripeDouble();
  settings = {
    STRIPE_API_BASE: double.url,
    STRIPE_CLIENT_ID: "ca_test",
    STRIPE_CLIENT_SECRET: double.oauth.clientSecret,
  };
  server = await startTestServer(t, settings);
  const member = await testMember(t, t.orgA, "admin");
  const session = await testSession(t, member);
  admin = { ...member, sessionId: session.sessionId };
  cookie = `session=${session.secret}`;
});
afterAll(async () => {
  await server.close();
  await double.stop();
  await t.close();
});
beforeEach(() => {
  double.oauth.knowsPkce = true;
  double.oauth.expiresIn = undefined;
  double.oauth.asked = [];
});

/** As the button does: to Stripe's page, where the person agrees. @returns what Stripe sends the browser back with */
async function agree(
  as: Principal = admin,
  account: typeof double.oauth.account = null,
): Promise<{ state: string; code: string; accountId: string }> {
  const { url } = await beginAuthorisation(testContext(t, as, { env: testEnv(settings) }), {
    kind: "stripe",
    name: "By OAuth",
  });
  const asked = new URL(url);
  expect(asked.origin).toBe(settings.STRIPE_API_BASE);
  expect(Object.fromEntries(asked.searchParams)).toMatchObject({
    client_id: "ca_test",
    response_type: "code",
    code_challenge_method: "S256",
    redirect_uri: "http://localhost:3000/oauth/stripe/callback",
  });
  double.oauth.account = account ?? double.createAccount(`acct_O${++accounts}`, "By OAuth Ltd");
  const sent = await fetch(url, { redirect: "manual" });
  const back = new URL(sent.headers.get("location") ?? "").searchParams;
  return {
    state: back.get("state") ?? "",
    code: back.get("code") ?? "",
    accountId: double.oauth.account.object.id,
  };
}

async function comeBack(query: Record<string, string>, sessionCookie: string | null = cookie) {
  const answer = await fetch(`${server.url}/oauth/stripe/callback?${new URLSearchParams(query)}`, {
    redirect: "manual",
    headers: sessionCookie === null ? {} : { Cookie: sessionCookie },
  });
  await answer.body?.cancel();
  return { status: answer.status, to: answer.headers.get("location") };
}

const expired = { status: 303, to: "/sources/new?error=expired" };

describe("connecting through Stripe's own page", () => {
  test("makes a source of the account that was chosen, its tokens sealed", async () => {
    const { state, code, accountId } = await agree();
    const { status, to } = await comeBack({ state, code });
    expect(status).toBe(303);
    const id = /^\/sources\/([0-9a-f-]{36})$/.exec(to ?? "")?.[1] ?? "";
    const held = await t.app.withOrg(t.orgA, async (tx) => {
      const row = await findSource(tx, id);
      return row && { row, opened: await openCredentials(tx, secrets, row) };
    });
    expect(held?.row).toMatchObject({ name: "By OAuth", accountId, keyHint: null, livemode: false });
    expect(held?.opened.oauth?.refreshToken).toMatch(/^rt_/);
    expect(JSON.stringify(held?.row)).not.toContain("rt_");
  });

  test("again after access was taken back goes on with the same source; a pasted key stays", async () => {
    const { state, code } = await agree();
    const { to } = await comeBack({ state, code });
    const id = to?.split("/").at(-1) ?? "";
    const account = double.oauth.account;
    await t.app.withOrg(t.orgA, (tx) =>
      tx.rows(sql`UPDATE source SET status = 'error' WHERE org_id = ${tx.orgId} AND id = ${id}`),
    );
    const again = await agree(admin, account);
    expect(await comeBack(again)).toEqual({ status: 303, to: `/sources/${id}` });
    const row = await t.app.withOrg(t.orgA, (tx) => findSource(tx, id));
    expect(row).toMatchObject({ status: "connecting", run: 2 });
    await t.app.withOrg(t.orgA, (tx) =>
      tx.rows(
        sql`UPDATE source SET status = 'live', key_hint = '1234' WHERE org_id = ${tx.orgId} AND id = ${id}`,
      ),
    );
    expect(await comeBack(await agree(admin, account))).toEqual({
      status: 303,
      to: "/sources/new?error=exists",
    });
  });

  test("works with a server that knows no PKCE", async () => {
    double.oauth.knowsPkce = false;
    const { state, code } = await agree();
    expect((await comeBack({ state, code })).to).toMatch(/^\/sources\/[0-9a-f-]{36}$/);
    expect(double.oauth.asked.map((form) => "code_verifier" in form)).toEqual([true, false]);
  });

  test("is good once", async () => {
    const { state, code } = await agree();
    await comeBack({ state, code });
    double.oauth.asked = [];
    expect(await comeBack({ state, code })).toEqual(expired);
    expect(double.oauth.asked).toEqual([]);
  });

  test("is good in the browser session that began alone, and trying elsewhere uses it up", async () => {
    const stranger = await testMember(t, t.orgA, "owner", "other@a.example");
    const other = await testSession(t, stranger);
    const { state, code } = await agree();
    expect(await comeBack({ state, code }, `session=${other.secret}`)).toEqual(expired);
    expect(await comeBack({ state, code })).toEqual(expired);
    expect((await comeBack({ state, code }, null)).status).toBe(401);
    expect(double.oauth.asked).toEqual([]);
  });

  test("is refused without the state that began it, and for another organisation", async () => {
    const { state, code } = await agree();
    expect(await comeBack({ state: `${state.slice(0, -1)}x`, code })).toEqual(expired);
    expect(await comeBack({ state: "x", code })).toEqual(expired);
    expect(await comeBack({ code })).toEqual(expired);
    const ofB = await testSession(t, await testMember(t, t.orgB, "owner"));
    expect(await comeBack({ state, code }, `session=${ofB.secret}`)).toEqual(expired);
    expect(double.oauth.asked).toEqual([]);
  });

  test("is over after ten minutes", async () => {
    const { state, code } = await agree();
    await t.app.withOrg(t.orgA, (tx) =>
      tx.rows(
        sql`UPDATE source_authorisation SET expires_at = now() - interval '1 second' WHERE org_id = ${tx.orgId}`,
      ),
    );
    expect(await comeBack({ state, code })).toEqual(expired);
  });

  test("says on the wizard why it failed", async () => {
    const { state } = await agree();
    expect((await comeBack({ state, error: "access_denied" })).to).toBe("/sources/new?error=denied");
    const wrong = await agree();
    expect((await comeBack({ state: wrong.state, code: "ac_wrong" })).to).toBe("/sources/new?error=refused");
    const swapped = await agree();
    const mine = await agree();
    // somebody else's code does not fit the verifier of this attempt
    expect((await comeBack({ state: mine.state, code: swapped.code })).to).toBe("/sources/new?error=refused");
  });

  test("is for those who may connect sources, in a browser", async () => {
    const viewer = await testMember(t, t.orgA, "viewer");
    const begin = (principal: Principal) =>
      beginAuthorisation(testContext(t, principal, { env: testEnv(settings) }), {
        kind: "stripe",
        name: "x",
      });
    await expect(begin(viewer)).rejects.toMatchObject({ code: "FORBIDDEN" });
    await expect(begin({ ...admin, sessionId: null })).rejects.toMatchObject({
      extra: { reason: "session_required" },
    });
    const session = await testSession(t, viewer);
    const { state, code } = await agree();
    expect((await comeBack({ state, code }, `session=${session.secret}`)).status).toBe(403);
  });

  test("may be begun by a form of ours, scripts or not: the page's policy lets it lead to Stripe and nowhere else", async () => {
    const plain = await startTestServer(t);
    const targets = async (url: string) =>
      /form-action ([^;]*)/.exec(
        (await fetch(`${url}/api/docs`)).headers.get("content-security-policy") ?? "",
      )?.[1];
    expect(await targets(server.url)).toBe(`'self' ${settings.STRIPE_API_BASE}`);
    expect(await targets(plain.url)).toBe("'self'");
    await plain.close();
  });

  test("is offered where this instance is registered alone", async () => {
    const plain = await startTestServer(t);
    const ask = async (url: string) => {
      const token = await testToken(t, t.orgA, "admin");
      const answer = await fetch(`${url}/trpc/sources.options`, {
        headers: { Authorization: `Bearer ${token}`, "x-trpc-source": "test" },
      });
      return answer.text();
    };
    expect(await ask(server.url)).toContain('"oauth":true');
    expect(await ask(plain.url)).toContain('"oauth":false');
    await plain.close();
  });
});

describe("tokens of OAuth", () => {
  test("are renewed by the worker when they are about to end, and the new refresh token is kept", async () => {
    double.oauth.expiresIn = 60;
    const { state, code } = await agree();
    const { to } = await comeBack({ state, code });
    const id = to?.split("/").at(-1) ?? "";
    const env = testEnv(settings);
    const read = () => t.worker.withOrg(t.orgA, (tx) => findSource(tx, id));
    const fresh = async (deps = env) => {
      const row = await read();
      if (!row) throw new Error("no source");
      return freshCredentials({ db: t.worker, env: deps, secrets }, t.orgA, row, AbortSignal.timeout(5_000));
    };
    const first = await fresh();
    double.oauth.expiresIn = 3_600;
    const second = await fresh();
    expect(second.oauth?.refreshToken).not.toBe(first.oauth?.refreshToken);
    // good for an hour now: nobody is asked
    double.oauth.asked = [];
    expect(await fresh()).toEqual(second);
    expect(double.oauth.asked).toEqual([]);
  });

  test("that were renewed and not kept, because we were killed in between, are given once more", async () => {
    double.oauth.expiresIn = 60;
    const { state, code } = await agree();
    const { to } = await comeBack({ state, code });
    const id = to?.split("/").at(-1) ?? "";
    const row = (await t.worker.withOrg(t.orgA, (tx) => findSource(tx, id)))!;
    const deps = { env: testEnv(settings), secrets };
    const signal = AbortSignal.timeout(5_000);
    let calls = 0;
    const killed: typeof t.worker = {
      ...t.worker,
      withOrg: (...given) => {
        if (++calls === 2) throw new Error("killed");
        return t.worker.withOrg(...given);
      },
    };
    double.oauth.expiresIn = 3_600;
    double.oauth.failures = 1;
    await expect(freshCredentials({ ...deps, db: killed }, t.orgA, row, signal)).rejects.toMatchObject({
      fault: "unavailable",
    });
    calls = 0;
    await expect(freshCredentials({ ...deps, db: killed }, t.orgA, row, signal)).rejects.toThrow("killed");
    const fresh = await freshCredentials({ ...deps, db: t.worker }, t.orgA, row, signal);
    const kept = (await t.worker.withOrg(t.orgA, (tx) => findSource(tx, id)))!;
    expect(await t.worker.withOrg(t.orgA, (tx) => openCredentials(tx, secrets, kept))).toEqual(fresh);
    // and what was given is good for the next time
    expect(double.oauth.refreshTokens.has(fresh.oauth!.refreshToken)).toBe(true);
  });

  test("that were taken back are a refused key, in words", async () => {
    double.oauth.expiresIn = 60;
    const { state, code } = await agree();
    const { to } = await comeBack({ state, code });
    double.oauth.refreshTokens.clear();
    const row = await t.worker.withOrg(t.orgA, (tx) => findSource(tx, to?.split("/").at(-1) ?? ""));
    const signal = AbortSignal.timeout(5_000);
    await expect(
      freshCredentials({ db: t.worker, env: testEnv(settings), secrets }, t.orgA, row!, signal),
    ).rejects.toMatchObject({ fault: "credentials_refused" });
    await expect(
      freshCredentials({ db: t.worker, env: testEnv(), secrets }, t.orgA, row!, signal),
    ).rejects.toMatchObject({
      fault: "credentials_refused",
      message: expect.stringMatching(/Give it a key/),
    });
  });
});
