import { and, desc, eq, gt, lt, sql } from "drizzle-orm";
import type { Role } from "#contracts/permissions.ts";
import { decodeIdCursor, page } from "../cursor.ts";
import type { OrgTx } from "../database.ts";
import { newId } from "../ids.ts";
import { invitation, user } from "../schema/accounts.ts";

export interface Invitation {
  id: string;
  email: string;
  role: Role;
  invitedById: string;
  invitedBy: string | null;
  createdAt: Date;
  expiresAt: Date;
}

const columns = {
  id: invitation.id,
  email: invitation.email,
  role: invitation.role,
  invitedById: invitation.invitedBy,
  invitedBy: user.email,
  createdAt: invitation.createdAt,
  expiresAt: invitation.expiresAt,
};

const toInvitation = (row: Omit<Invitation, "role"> & { role: string }): Invitation => ({
  ...row,
  role: row.role as Role,
});

/** One open invitation per address: inviting again replaces it, and the older link stops working. Valid 7 days. */
export async function createInvitation(
  tx: OrgTx,
  values: { email: string; role: Role; tokenHash: Buffer; invitedBy: string },
): Promise<Invitation> {
  const week = sql`now() + interval '7 days'`;
  const [made] = await tx.q
    .insert(invitation)
    .values({ orgId: tx.orgId, id: newId(), ...values, expiresAt: week })
    .onConflictDoUpdate({
      target: [invitation.orgId, invitation.email],
      set: { id: newId(), ...values, createdAt: sql`now()`, expiresAt: week },
    })
    .returning();
  return toInvitation({ ...made!, invitedById: made!.invitedBy, invitedBy: null });
}

export async function listInvitations(tx: OrgTx, input: { limit: number; cursor?: string }) {
  const before = decodeIdCursor(input.cursor);
  const rows = await tx.q
    .select(columns)
    .from(invitation)
    .leftJoin(user, eq(user.id, invitation.invitedBy))
    .where(
      and(
        eq(invitation.orgId, tx.orgId),
        gt(invitation.expiresAt, sql`now()`),
        before === null ? undefined : lt(invitation.id, before),
      ),
    )
    .orderBy(desc(invitation.id))
    .limit(input.limit + 1);
  return page(rows.map(toInvitation), input.limit, (row) => [row.id]);
}

export async function findInvitation(tx: OrgTx, tokenHash: Buffer): Promise<Invitation | null> {
  const [found] = await tx.q
    .select(columns)
    .from(invitation)
    .leftJoin(user, eq(user.id, invitation.invitedBy))
    .where(
      and(
        eq(invitation.orgId, tx.orgId),
        eq(invitation.tokenHash, tokenHash),
        gt(invitation.expiresAt, sql`now()`),
      ),
    );
  return found ? toInvitation(found) : null;
}

/** Uses an invitation up. Of several at once, one gets true. */
export async function consumeInvitation(tx: OrgTx, id: string): Promise<boolean> {
  const gone = await tx.q
    .delete(invitation)
    .where(and(eq(invitation.orgId, tx.orgId), eq(invitation.id, id)))
    .returning({ id: invitation.id });
  return gone.length > 0;
}

/** @returns the address that was invited, null when there is no such invitation */
export async function deleteInvitation(tx: OrgTx, id: string): Promise<string | null> {
  const [gone] = await tx.q
    .delete(invitation)
    .where(and(eq(invitation.orgId, tx.orgId), eq(invitation.id, id)))
    .returning({ email: invitation.email });
  return gone?.email ?? null;
}
