import { and, eq, lt, sql } from "drizzle-orm";
import type { OrgTx } from "../database.ts";
import { sourceAuthorisation } from "../schema/sources.ts";
import type { SecretPlace } from "../secrets.ts";

export type AuthorisationRow = typeof sourceAuthorisation.$inferSelect;

export const authorisationPlace = (id: string): SecretPlace => ({
  table: "source_authorisation",
  column: "verifier",
  rowId: id,
});

/** Good for ten minutes. Those that nobody came back for go. */
export async function createAuthorisation(
  tx: OrgTx,
  values: Omit<AuthorisationRow, "orgId" | "expiresAt">,
): Promise<void> {
  await tx.q
    .delete(sourceAuthorisation)
    .where(and(eq(sourceAuthorisation.orgId, tx.orgId), lt(sourceAuthorisation.expiresAt, sql`now()`)));
  await tx.q
    .insert(sourceAuthorisation)
    .values({ orgId: tx.orgId, ...values, expiresAt: sql`now() + interval '10 minutes'` });
}

/** Takes it away, whoever comes with it: it is good once. Null where it is of another session, over, or used. */
export async function takeAuthorisation(
  tx: OrgTx,
  stateHash: Buffer,
  sessionId: string,
): Promise<AuthorisationRow | null> {
  const [taken] = await tx.q
    .delete(sourceAuthorisation)
    .where(and(eq(sourceAuthorisation.orgId, tx.orgId), eq(sourceAuthorisation.stateHash, stateHash)))
    .returning();
  return taken && taken.sessionId === sessionId && taken.expiresAt.getTime() > Date.now() ? taken : null;
}
