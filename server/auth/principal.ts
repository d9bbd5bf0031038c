import { atLeast, type Role } from "#contracts/permissions.ts";
import type { Database } from "#db/database.ts";
import { findMembership } from "#db/queries/members.ts";
import { findSession, findSessionById, type LiveSession, touchSession } from "#db/queries/sessions.ts";
import { findTokenHolder, findTokenHolderById, type TokenHolder, touchApiToken } from "#db/queries/tokens.ts";
import type { Principal } from "../trpc.ts";
import { hashSecret, parseOrgSecret } from "./secrets.ts";

/** Nobody hands out more than they have, and nobody keeps more than they have left. */
const lower = (a: Role, b: Role): Role => (atLeast(a, b) ? b : a);

const single = { readOnly: true, single: true };

/** Who an API token speaks for: its maker, with at most the token's role; null when it does not exist (any more). */
export async function findTokenPrincipal(db: Database, token: string): Promise<Principal | null> {
  const secret = parseOrgSecret("jv", token);
  if (!secret) return null;
  const { orgId, hash } = secret;
  const holder = await db.withOrg(orgId, (tx) => findTokenHolder(tx, hash), single);
  if (holder?.unseen) await db.withOrg(orgId, (tx) => touchApiToken(tx, holder.tokenId));
  return holder && tokenPrincipal(orgId, holder, { via: "token", sessionId: null });
}

const tokenPrincipal = (
  orgId: string,
  holder: TokenHolder,
  how: Pick<Principal, "via" | "sessionId">,
): Principal => ({
  ...how,
  userId: holder.userId,
  email: holder.email,
  name: holder.name,
  emailVerified: holder.emailVerified,
  org: { id: orgId, name: holder.orgName, role: lower(holder.tokenRole, holder.memberRole) },
  apiTokenId: holder.tokenId,
});

export interface SessionPrincipal {
  principal: Principal;
  /** The session was renewed: its cookie must be, too. */
  renewed: boolean;
}

/** Who a session cookie speaks for; null when the session has ended, or the token that it was made from. */
export async function findSessionPrincipal(db: Database, secret: string): Promise<SessionPrincipal | null> {
  if (!/^[A-Za-z0-9_-]{43}$/.test(secret)) return null;
  const session = await db.withInstance((tx) => findSession(tx, hashSecret(secret)), { readOnly: true });
  if (!session) return null;
  if (session.stale || session.unseen)
    await db.withInstance((tx) => touchSession(tx, session.id, session.stale));
  const principal = await ofAnySession(db, session);
  return principal && { principal, renewed: session.stale };
}

/**
 * Who a connection that stays open speaks for by now: its session or token may have ended, its organisation or role may be
 * another. Null: nobody any more.
 */
export async function findPrincipalAgain(db: Database, before: Principal): Promise<Principal | null> {
  const { sessionId, apiTokenId, org } = before;
  if (sessionId) {
    const session = await db.withInstance((tx) => findSessionById(tx, sessionId), { readOnly: true });
    return session && ofAnySession(db, session);
  }
  if (!apiTokenId || !org) return null;
  const holder = await db.withOrg(org.id, (tx) => findTokenHolderById(tx, apiTokenId), single);
  return holder && tokenPrincipal(org.id, holder, { via: "token", sessionId: null });
}

const ofAnySession = (db: Database, session: LiveSession): Promise<Principal | null> =>
  session.apiTokenId ? ofTokenSession(db, session, session.apiTokenId) : ofSession(db, session);

async function ofTokenSession(
  db: Database,
  session: LiveSession,
  tokenId: string,
): Promise<Principal | null> {
  const { orgId } = session;
  if (!orgId) return null;
  const holder = await db.withOrg(orgId, (tx) => findTokenHolderById(tx, tokenId), single);
  return holder && tokenPrincipal(orgId, holder, { via: "session", sessionId: session.id });
}

async function ofSession(db: Database, session: LiveSession): Promise<Principal> {
  const { orgId, userId } = session;
  const membership = orgId
    ? await db.withOrg(orgId, (tx) => findMembership(tx, userId), { readOnly: true })
    : null;
  return {
    via: "session",
    userId,
    email: session.email,
    name: session.name,
    emailVerified: session.emailVerified,
    org: orgId && membership ? { id: orgId, name: membership.orgName, role: membership.role } : null,
    sessionId: session.id,
    apiTokenId: null,
  };
}
