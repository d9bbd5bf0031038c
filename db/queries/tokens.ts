import { and, desc, eq, lt, type SQL, sql } from "drizzle-orm";
import type { Role } from "#contracts/permissions.ts";
import { decodeIdCursor, page } from "../cursor.ts";
import type { OrgTx } from "../database.ts";
import { newId } from "../ids.ts";
import { apiToken, user } from "../schema/accounts.ts";

export interface ApiToken {
  id: string;
  name: string;
  role: Role;
  lastFour: string;
  email: string;
  createdAt: Date;
  lastUsedAt: Date | null;
}

export async function createApiToken(
  tx: OrgTx,
  values: { name: string; role: Role; tokenHash: Buffer; lastFour: string; userId: string },
): Promise<{ id: string; createdAt: Date }> {
  const [made] = await tx.q
    .insert(apiToken)
    .values({ orgId: tx.orgId, id: newId(), ...values })
    .returning({ id: apiToken.id, createdAt: apiToken.createdAt });
  return made!;
}

export async function listApiTokens(tx: OrgTx, input: { limit: number; cursor?: string }) {
  const before = decodeIdCursor(input.cursor);
  const rows = await tx.q
    .select({
      id: apiToken.id,
      name: apiToken.name,
      role: apiToken.role,
      lastFour: apiToken.lastFour,
      email: user.email,
      createdAt: apiToken.createdAt,
      lastUsedAt: apiToken.lastUsedAt,
    })
    .from(apiToken)
    .innerJoin(user, eq(user.id, apiToken.userId))
    .where(and(eq(apiToken.orgId, tx.orgId), before === null ? undefined : lt(apiToken.id, before)))
    .orderBy(desc(apiToken.id))
    .limit(input.limit + 1);
  return page(
    rows.map((row): ApiToken => ({ ...row, role: row.role as Role })),
    input.limit,
    (row) => [row.id],
  );
}

/** What a token may be: never more than its maker is now; null once the maker has left. */
export interface TokenHolder {
  tokenId: string;
  userId: string;
  email: string;
  name: string;
  emailVerified: boolean;
  orgName: string;
  tokenRole: Role;
  memberRole: Role;
  unseen: boolean;
}

export function findTokenHolder(tx: OrgTx, tokenHash: Buffer): Promise<TokenHolder | null> {
  return findHolder(tx, sql`t.token_hash = ${tokenHash}`);
}

export function findTokenHolderById(tx: OrgTx, id: string): Promise<TokenHolder | null> {
  return findHolder(tx, sql`t.id = ${id}`);
}

/** Asked with every request: in one statement, whose text the query builder would make anew each time. */
async function findHolder(tx: OrgTx, which: SQL): Promise<TokenHolder | null> {
  const [found] = await tx.rows<TokenHolder & Record<string, unknown>>(
    sql`SELECT t.id AS "tokenId", t.user_id AS "userId", u.email, u.name, u.email_verified_at IS NOT NULL AS "emailVerified",
      o.name AS "orgName", t.role AS "tokenRole", m.role AS "memberRole",
      t.last_used_at IS NULL OR t.last_used_at < now() - interval '1 minute' AS unseen
    FROM api_token t JOIN membership m ON m.org_id = t.org_id AND m.user_id = t.user_id
      JOIN "user" u ON u.id = t.user_id JOIN organisation o ON o.id = t.org_id
    WHERE t.org_id = ${tx.orgId} AND ${which}`,
    { prepared: true },
  );
  return found ?? null;
}

export async function touchApiToken(tx: OrgTx, id: string): Promise<void> {
  await tx.q
    .update(apiToken)
    .set({ lastUsedAt: sql`now()` })
    .where(and(eq(apiToken.orgId, tx.orgId), eq(apiToken.id, id)));
}

/** @returns its name, null when there is no such token */
export async function deleteApiToken(tx: OrgTx, id: string): Promise<string | null> {
  const [gone] = await tx.q
    .delete(apiToken)
    .where(and(eq(apiToken.orgId, tx.orgId), eq(apiToken.id, id)))
    .returning({ name: apiToken.name, userId: apiToken.userId });
  if (gone) tx.announce("authz", { userId: gone.userId, orgId: tx.orgId });
  return gone?.name ?? null;
}

/** After somebody left: what they made stops working. */
export async function deleteApiTokensOf(tx: OrgTx, userId: string): Promise<void> {
  await tx.q.delete(apiToken).where(and(eq(apiToken.orgId, tx.orgId), eq(apiToken.userId, userId)));
  tx.announce("authz", { userId, orgId: tx.orgId });
}
