import { and, desc, eq, gt, ne, sql } from "drizzle-orm";
import type { InstanceTx } from "../database.ts";
import { newId } from "../ids.ts";
import { session, user } from "../schema/accounts.ts";

/** Sessions slide: 30 days from the last renewal, at most 90 from signing in. The database's clock decides. */
export const sessionDays = 30;
const fresh = sql`now() + interval '30 days'`;
const cap = sql`${session.createdAt} + interval '90 days'`;

export interface LiveSession {
  id: string;
  userId: string;
  orgId: string | null;
  apiTokenId: string | null;
  email: string;
  name: string;
  emailVerified: boolean;
  /** Less than half of its days are left: renew it, and the cookie with it. */
  stale: boolean;
  /** Its last use was written down a while ago. */
  unseen: boolean;
}

export async function createSession(
  tx: InstanceTx,
  values: {
    tokenHash: Buffer;
    userId: string;
    orgId: string | null;
    apiTokenId: string | null;
    userAgent: string;
    ip: string;
  },
): Promise<string> {
  const id = newId();
  await tx.q.insert(session).values({ ...values, id, expiresAt: fresh });
  return id;
}

/** The session whose secret has this hash, with its person; null when there is none or its time is over. */
export const findSession = (tx: InstanceTx, tokenHash: Buffer): Promise<LiveSession | null> =>
  findLive(tx, eq(session.tokenHash, tokenHash));

/** The same by its id, for who has shown the secret before: it may be under a new one by now. */
export const findSessionById = (tx: InstanceTx, id: string): Promise<LiveSession | null> =>
  findLive(tx, eq(session.id, id));

async function findLive(tx: InstanceTx, which: ReturnType<typeof eq>): Promise<LiveSession | null> {
  const [found] = await tx.q
    .select({
      id: session.id,
      userId: session.userId,
      orgId: session.orgId,
      apiTokenId: session.apiTokenId,
      email: user.email,
      name: user.name,
      emailVerified: sql<boolean>`${user.emailVerifiedAt} IS NOT NULL`,
      stale: sql<boolean>`${session.expiresAt} < least(now() + interval '15 days', ${cap})`,
      unseen: sql<boolean>`${session.lastSeenAt} < now() - interval '5 minutes'`,
    })
    .from(session)
    .innerJoin(user, eq(user.id, session.userId))
    .where(and(which, gt(session.expiresAt, sql`now()`), gt(cap, sql`now()`)));
  return found ?? null;
}

/** Notes that a session is in use, and renews it when `renew`. */
export async function touchSession(tx: InstanceTx, id: string, renew: boolean): Promise<void> {
  await tx.q
    .update(session)
    .set({ lastSeenAt: sql`now()`, ...(renew ? { expiresAt: sql`least(${fresh}, ${cap})` } : {}) })
    .where(eq(session.id, id));
}

/** The same session under a new secret and, perhaps, in another organisation: after every change of rights. */
export async function rotateSession(
  tx: InstanceTx,
  id: string,
  tokenHash: Buffer,
  orgId: string | null,
): Promise<void> {
  tellOf(
    tx,
    await tx.q
      .update(session)
      .set({ tokenHash, orgId })
      .where(eq(session.id, id))
      .returning({ userId: session.userId }),
  );
}

/** Connections of sessions that ended, or look elsewhere now, are found out about at once. */
function tellOf(tx: InstanceTx, gone: readonly { userId: string }[]): void {
  for (const userId of new Set(gone.map((row) => row.userId))) tx.announce("authz", { userId, orgId: null });
}

export async function deleteSession(tx: InstanceTx, id: string): Promise<void> {
  tellOf(tx, await tx.q.delete(session).where(eq(session.id, id)).returning({ userId: session.userId }));
}

/** Ends one of a person's own sessions. @returns false when they have no such session */
export async function deleteOwnSession(tx: InstanceTx, userId: string, id: string): Promise<boolean> {
  const gone = await tx.q
    .delete(session)
    .where(and(eq(session.id, id), eq(session.userId, userId)))
    .returning({ userId: session.userId });
  tellOf(tx, gone);
  return gone.length > 0;
}

export async function deleteSessionsOfUser(
  tx: InstanceTx,
  userId: string,
  except: string | null = null,
): Promise<void> {
  await tx.q
    .delete(session)
    .where(and(eq(session.userId, userId), except ? ne(session.id, except) : undefined));
  tellOf(tx, [{ userId }]);
}

/** After a gain of rights in one organisation: sessions that look at it sign in again. */
export async function deleteSessionsInOrg(tx: InstanceTx, userId: string, orgId: string): Promise<void> {
  await tx.q.delete(session).where(and(eq(session.userId, userId), eq(session.orgId, orgId)));
  tellOf(tx, [{ userId }]);
}

/** After leaving an organisation: sessions that looked at it stay, without one; those of its tokens end. */
export async function detachSessions(tx: InstanceTx, userId: string, orgId: string): Promise<void> {
  await tx.q
    .delete(session)
    .where(and(eq(session.userId, userId), eq(session.orgId, orgId), sql`${session.apiTokenId} IS NOT NULL`));
  await tx.q
    .update(session)
    .set({ orgId: null })
    .where(and(eq(session.userId, userId), eq(session.orgId, orgId)));
  tellOf(tx, [{ userId }]);
}

export async function deleteSessionsOfToken(tx: InstanceTx, apiTokenId: string): Promise<void> {
  tellOf(
    tx,
    await tx.q
      .delete(session)
      .where(eq(session.apiTokenId, apiTokenId))
      .returning({ userId: session.userId }),
  );
}

export async function listSessions(tx: InstanceTx, userId: string) {
  return tx.q
    .select({
      id: session.id,
      userAgent: session.userAgent,
      ip: session.ip,
      createdAt: session.createdAt,
      lastSeenAt: session.lastSeenAt,
      apiTokenId: session.apiTokenId,
    })
    .from(session)
    .where(and(eq(session.userId, userId), gt(session.expiresAt, sql`now()`)))
    .orderBy(desc(session.lastSeenAt), desc(session.id))
    .limit(100);
}

/** Whether this account has a session that began at this address: then strangers' failures do not slow it down. */
export async function isKnownAddress(tx: InstanceTx, email: string, ip: string): Promise<boolean> {
  const found = await tx.q
    .select({ id: session.id })
    .from(session)
    .innerJoin(user, eq(user.id, session.userId))
    .where(and(eq(user.email, email), eq(session.ip, ip)))
    .limit(1);
  return found.length > 0;
}
