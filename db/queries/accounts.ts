import { and, eq, gt, sql } from "drizzle-orm";
import type { InstanceTx } from "../database.ts";
import { newId } from "../ids.ts";
import { user } from "../schema/accounts.ts";

/** A person's account: one per address, in no organisation by itself. */
export type User = typeof user.$inferSelect;

export async function findUserByEmail(tx: InstanceTx, email: string): Promise<User | null> {
  const [found] = await tx.q.select().from(user).where(eq(user.email, email));
  return found ?? null;
}

export async function findUser(tx: InstanceTx, id: string): Promise<User | null> {
  const [found] = await tx.q.select().from(user).where(eq(user.id, id));
  return found ?? null;
}

/** @returns null when the address has an account already */
export async function createUser(
  tx: InstanceTx,
  values: { email: string; name: string; passwordHash: string | null; verified: boolean },
): Promise<User | null> {
  const { verified, ...rest } = values;
  const [made] = await tx.q
    .insert(user)
    .values({ id: newId(), ...rest, ...(verified ? { emailVerifiedAt: new Date() } : {}) })
    .onConflictDoNothing({ target: user.email })
    .returning();
  return made ?? null;
}

export async function setName(tx: InstanceTx, userId: string, name: string): Promise<void> {
  await tx.q.update(user).set({ name }).where(eq(user.id, userId));
}

/** A new password; links that were mailed before stop working. */
export async function setPassword(tx: InstanceTx, userId: string, passwordHash: string): Promise<void> {
  await tx.q
    .update(user)
    .set({ passwordHash, resetTokenHash: null, resetExpiresAt: null })
    .where(eq(user.id, userId));
}

/** Keeps the hash of a link that proves the address; an older one stops working. */
export async function setVerifyToken(tx: InstanceTx, userId: string, hash: Buffer): Promise<void> {
  await tx.q
    .update(user)
    .set({ verifyTokenHash: hash, verifyExpiresAt: sql`now() + interval '3 days'` })
    .where(eq(user.id, userId));
}

/** Uses a verification link up. Of several at once, one gets the person; the others null. */
export async function consumeVerifyToken(tx: InstanceTx, hash: Buffer): Promise<User | null> {
  const [found] = await tx.q
    .update(user)
    .set({ emailVerifiedAt: sql`now()`, verifyTokenHash: null, verifyExpiresAt: null })
    .where(and(eq(user.verifyTokenHash, hash), gt(user.verifyExpiresAt, sql`now()`)))
    .returning();
  return found ?? null;
}

/** Keeps the hash of a link that lets a new password be set, for an hour; an older one stops working. */
export async function setResetToken(tx: InstanceTx, userId: string, hash: Buffer): Promise<void> {
  await tx.q
    .update(user)
    .set({ resetTokenHash: hash, resetExpiresAt: sql`now() + interval '1 hour'` })
    .where(eq(user.id, userId));
}

export async function findUserByResetToken(tx: InstanceTx, hash: Buffer): Promise<User | null> {
  const [found] = await tx.q
    .select()
    .from(user)
    .where(and(eq(user.resetTokenHash, hash), gt(user.resetExpiresAt, sql`now()`)));
  return found ?? null;
}

/**
 * Uses a reset link up and sets the password in the same statement. Whoever holds the link holds the mailbox, so the
 * address is verified too. Of several at once, one gets the person; the others null.
 */
export async function consumeResetToken(
  tx: InstanceTx,
  hash: Buffer,
  passwordHash: string,
): Promise<User | null> {
  const [found] = await tx.q
    .update(user)
    .set({
      passwordHash,
      resetTokenHash: null,
      resetExpiresAt: null,
      emailVerifiedAt: sql`coalesce(${user.emailVerifiedAt}, now())`,
    })
    .where(and(eq(user.resetTokenHash, hash), gt(user.resetExpiresAt, sql`now()`)))
    .returning();
  return found ?? null;
}

/** The person is gone: memberships and sessions with them, and what they wrote is nobody's. */
export async function deleteUser(tx: InstanceTx, userId: string): Promise<void> {
  await tx.q.delete(user).where(eq(user.id, userId));
}
