import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
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

/** Stripe with its token endpoint in front: codes and refresh tokens are good once, and codes need their PKCE verifier. */
class Authority {
  readonly codes = new Map<string, { challenge: string; accessToken: string; accountId: string }>();
  readonly refresh = new Map<string, { accessToken: string; accountId: string }>();
  knowsPkce = true;
  expiresIn: number | undefined = undefined;
  asked: Record<string, string>[] = [];
  #server: Server;
  #made = 0;
  constructor(private readonly api: StripeDouble) {
    this.#server = createServer((req, res) => {
      void this.#answer(req).then(({ status, body }) =>
        res.writeHead(status, { "Content-Type": "application/json" }).end(body),
      );
    });
  }
  async listen(): Promise<string> {
    await new Promise<void>((done) => this.#server.listen(0, "127.0.0.1", done));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }
  stop(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((done) => this.#server.close(() => done()));
  }

  async #answer(req: IncomingMessage): Promise<{ status: number; body: string }> {
    if (req.url !== "/v1/oauth/token") {
      const headers = { Authorization: String(req.headers.authorization) };
      const answer = await fetch(`${this.api.url}${req.url}`, { headers });
      return { status: answer.status, body: await answer.text() };
    }
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk as Buffer);
    const form = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString()));
    this.asked.push(form);
    const refuse = (message: string) => ({
      status: 400,
      body: JSON.stringify({ error: "invalid_grant", error_description: message }),
    });
    if (req.headers.authorization !== `Basic ${Buffer.from("sk_of_the_app:").toString("base64")}`)
      return { status: 401, body: "{}" };
    if (!this.knowsPkce && form.code_verifier !== undefined)
      return refuse("Received unknown parameter: code_verifier");
    const grant =
      form.grant_type === "refresh_token"
        ? this.refresh.get(form.refresh_token ?? "")
        : this.codes.get(form.code ?? "");
    if (!grant) return refuse("Authorization code does not exist");
    if ("challenge" in grant && this.knowsPkce) {
      const hash = createHash("sha256")
        .update(form.code_verifier ?? "")
        .digest("base64url");
      if (hash !== grant.challenge) return refuse("wrong verifier");
    }
    this.codes.delete(form.code ?? "");
    this.refresh.delete(form.refresh_token ?? "");
    const refreshToken = `rt_${++this.#made}`;
    this.refresh.set(refreshToken, { accessToken: grant.accessToken, accountId: grant.accountId });
    const body = {
      access_token: grant.accessToken,
      refresh_token: refreshToken,
      stripe_user_id: grant.accountId,
      livemode: false,
      token_type: "bearer",
      scope: "stripe_apps",
      expires_in: this.expiresIn,
    };
    return { status: 200, body: JSON.stringify(body) };
  }
}

let t: TestDatabase;
let double: StripeDouble;
let authority: Authority;
let server: TestServer;
let settings: Record<string, string>;
const secrets = createSecrets(createKeySource(testEnv()));
let admin: Principal;
let cookie: string;
let accounts = 0;

beforeAll(async () => {
  t = await createTestDatabase();
  double = await startStripeDouble();
  authority = new Authority(double);
  settings = {
    STRIPE_API_BASE: await authority.listen(),
    STRIPE_CLIENT_ID: "ca_test",
    STRIPE_CLIENT_SECRET: "sk_of_the_app",
  };
  server = await startTestServer(t, settings);
  const member = await testMember(t, t.orgA, "admin");
  const session = await testSession(t, member);
  admin = { ...member, sessionId: session.sessionId };
  cookie = `session=${session.secret}`;
});
afterAll(async () => {
  await server.close();
  await authority.stop();
  await double.stop();
  await t.close();
});
beforeEach(() => {
  authority.knowsPkce = true;
  authority.expiresIn = undefined;
  authority.asked = [];
});

/** As the button does: to Stripe's page, where the person agrees. @returns what Stripe sends the browser back with */
async function agree(as: Principal = admin): Promise<{ state: string; code: string; accountId: string }> {
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
  const account = double.createAccount(`acct_O${++accounts}`, "By OAuth Ltd");
  const code = `ac_${accounts}`;
  authority.codes.set(code, {
    challenge: asked.searchParams.get("code_challenge") ?? "",
    accessToken: double.createKey(account).value,
    accountId: account.object.id,
  });
  return { state: asked.searchParams.get("state") ?? "", code, accountId: account.object.id };
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

  test("works with a server that knows no PKCE", async () => {
    authority.knowsPkce = false;
    const { state, code } = await agree();
    expect((await comeBack({ state, code })).to).toMatch(/^\/sources\/[0-9a-f-]{36}$/);
    expect(authority.asked.map((form) => "code_verifier" in form)).toEqual([true, false]);
  });

  test("is good once", async () => {
    const { state, code } = await agree();
    await comeBack({ state, code });
    authority.asked = [];
    expect(await comeBack({ state, code })).toEqual(expired);
    expect(authority.asked).toEqual([]);
  });

  test("is good in the browser session that began alone, and trying elsewhere uses it up", async () => {
    const stranger = await testMember(t, t.orgA, "owner", "other@a.example");
    const other = await testSession(t, stranger);
    const { state, code } = await agree();
    expect(await comeBack({ state, code }, `session=${other.secret}`)).toEqual(expired);
    expect(await comeBack({ state, code })).toEqual(expired);
    expect((await comeBack({ state, code }, null)).status).toBe(401);
    expect(authority.asked).toEqual([]);
  });

  test("is refused without the state that began it, and for another organisation", async () => {
    const { state, code } = await agree();
    expect(await comeBack({ state: `${state.slice(0, -1)}x`, code })).toEqual(expired);
    expect(await comeBack({ state: "x", code })).toEqual(expired);
    expect(await comeBack({ code })).toEqual(expired);
    const ofB = await testSession(t, await testMember(t, t.orgB, "owner"));
    expect(await comeBack({ state, code }, `session=${ofB.secret}`)).toEqual(expired);
    expect(authority.asked).toEqual([]);
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
    authority.expiresIn = 60;
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
    authority.expiresIn = 3_600;
    const second = await fresh();
    expect(second.oauth?.refreshToken).not.toBe(first.oauth?.refreshToken);
    // good for an hour now: nobody is asked
    authority.asked = [];
    expect(await fresh()).toEqual(second);
    expect(authority.asked).toEqual([]);
  });

  test("that were taken back are a refused key, in words", async () => {
    authority.expiresIn = 60;
    const { state, code } = await agree();
    const { to } = await comeBack({ state, code });
    authority.refresh.clear();
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
