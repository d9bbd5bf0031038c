import { Writable } from "node:stream";
import pino from "pino";
import type { Role } from "#contracts/permissions.ts";
import { createKeySource } from "#db/key-ring.ts";
import { createUser, findUserByEmail } from "#db/queries/accounts.ts";
import { addMember } from "#db/queries/members.ts";
import { findSession } from "#db/queries/sessions.ts";
import { createApiToken } from "#db/queries/tokens.ts";
import { createSecrets } from "#db/secrets.ts";
import type { TestDatabase } from "#db/testing.ts";
import { type Env, parseEnv } from "#root/env.ts";
import { createPasswordHasher } from "./auth/password.ts";
import { hashSecret, newOrgSecret } from "./auth/secrets.ts";
import { startSession } from "./auth/start-session.ts";
import { createHttpServer, type HttpServer } from "./http.ts";
import { createRateLimits, type RateLimits } from "./rate-limits.ts";
import { createCaller } from "./router.ts";
import { createSharedReads } from "./shared-reads.ts";
import type { Context, Principal } from "./trpc.ts";

/** Limits of a test that is not about limits. */
export const testKeys = `test:${Buffer.from(Array.from({ length: 32 }, (_, place) => place * 7 + 1)).toString("base64")}`;
const generous = { loginPerMinute: 100_000, requestsPerMinute: 1_000_000, sourcesLimited: false };

export const testEnv = (values: Record<string, string> = {}): Env =>
  parseEnv({
    NODE_ENV: "test",
    LIMITS: JSON.stringify(generous),
    SECRET_KEYS: testKeys,
    // nobody listens there: a test that means to reach a vendor names its double
    STRIPE_API_BASE: "http://127.0.0.1:9",
    ...values,
  });

const silent = pino({ level: "silent" }, new Writable({ write: (_chunk, _encoding, done) => done() }));

/** A context as a request makes it. `cookies` collects the session secrets that were set, null where one was cleared. */
export function testContext(
  t: Pick<TestDatabase, "app">,
  principal: Principal | null,
  values: Partial<Context> = {},
): Context & { cookies: (string | null)[] } {
  const cookies: (string | null)[] = [];
  const env = values.env ?? testEnv();
  return {
    db: t.app,
    env,
    log: silent,
    principal,
    request: { id: "test", ip: "192.0.2.1", userAgent: "test", origin: "http://localhost:3000" },
    limits: createRateLimits(env.LIMITS),
    reads: createSharedReads(values.db ?? t.app),
    passwords: createPasswordHasher(),
    secrets: createSecrets(createKeySource(env)),
    setSessionCookie: (value) => cookies.push(value),
    ...values,
    cookies,
  };
}

/** Somebody who is a member of an organisation (made when missing), signed in at a browser. */
export async function testMember(
  t: Pick<TestDatabase, "app">,
  orgId: string,
  role: Role,
  email = `${role}-${orgId.slice(-6)}@example.com`,
): Promise<Principal> {
  const user = await t.app.withOrg(orgId, async (tx) => {
    const made = await createUser(tx, { email, name: "", passwordHash: null, verified: true });
    const found = made ?? (await findUserByEmail(tx, email));
    if (!found) throw new Error("no user");
    await addMember(tx, found.id, role);
    return found;
  });
  const principal: Principal = {
    via: "session",
    userId: user.id,
    email,
    name: user.name,
    emailVerified: true,
    org: { id: orgId, name: "Test", role },
    sessionId: null,
    apiTokenId: null,
  };
  const { sessionId } = await testSession(t, principal);
  return { ...principal, sessionId };
}

/** A browser session of somebody: its cookie's secret and its id. */
export async function testSession(
  t: Pick<TestDatabase, "app">,
  principal: Principal,
): Promise<{ secret: string; sessionId: string }> {
  const ctx = testContext(t, null);
  await startSession(ctx, { userId: principal.userId, orgId: principal.org?.id ?? null });
  const secret = ctx.cookies[0];
  if (!secret) throw new Error("no session");
  const found = await t.app.withInstance((tx) => findSession(tx, hashSecret(secret)));
  if (!found) throw new Error("no session");
  return { secret, sessionId: found.id };
}

/** Calls procedures as somebody, without HTTP. */
export const testCaller = (t: Pick<TestDatabase, "app">, principal: Principal | null) =>
  createCaller(testContext(t, principal));

/** An API token of a new member of the organisation, to be sent as `Authorization: Bearer`. */
export async function testToken(t: Pick<TestDatabase, "app">, orgId: string, role: Role): Promise<string> {
  const holder = await testMember(t, orgId, role, `token-${role}-${orgId.slice(-6)}@example.com`);
  const token = newOrgSecret("jv", orgId);
  await t.app.withOrg(orgId, (tx) =>
    createApiToken(tx, {
      name: "test",
      role,
      tokenHash: hashSecret(token),
      lastFour: token.slice(-4),
      userId: holder.userId,
    }),
  );
  return token;
}

export interface TestServer {
  url: string;
  http: HttpServer;
  close(): Promise<void>;
}

/** The HTTP server without pages, on a free port. */
export async function startTestServer(
  t: Pick<TestDatabase, "app">,
  values: Record<string, string> = {},
  limits?: RateLimits,
): Promise<TestServer> {
  const http = await createHttpServer({
    db: t.app,
    env: testEnv(values),
    log: silent,
    site: null,
    ...(limits ? { limits } : {}),
  });
  await http.listen(0, "127.0.0.1");
  const address = http.server.address();
  if (typeof address !== "object" || address === null) throw new Error("not listening");
  return { url: `http://127.0.0.1:${address.port}`, http, close: () => http.close(1_000) };
}
