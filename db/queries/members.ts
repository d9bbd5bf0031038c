import { and, asc, eq, gt, ne } from "drizzle-orm";
import { atLeast, can, type Role } from "#contracts/permissions.ts";
import { AppError } from "#root/errors.ts";
import { decodeCursor, page } from "../cursor.ts";
import type { OrgTx } from "../database.ts";
import { membership, organisation, user } from "../schema/accounts.ts";
import { lockOrganisation } from "./organisations.ts";

export interface Member {
  userId: string;
  email: string;
  name: string;
  role: Role;
  joinedAt: Date;
}

const columns = {
  userId: membership.userId,
  email: user.email,
  name: user.name,
  role: membership.role,
  joinedAt: membership.createdAt,
};

const toMember = (row: Omit<Member, "role"> & { role: string }): Member => ({
  ...row,
  role: row.role as Role,
});

export async function listMembers(tx: OrgTx, input: { limit: number; cursor?: string }) {
  const after = input.cursor ? decodeCursor(input.cursor, ["text"])[0] : null;
  const rows = await tx.q
    .select(columns)
    .from(membership)
    .innerJoin(user, eq(user.id, membership.userId))
    .where(and(eq(membership.orgId, tx.orgId), after === null ? undefined : gt(user.email, after)))
    .orderBy(asc(user.email))
    .limit(input.limit + 1);
  return page(rows.map(toMember), input.limit, (row) => [row.email]);
}

export async function findMember(tx: OrgTx, userId: string): Promise<Member | null> {
  const [found] = await tx.q
    .select(columns)
    .from(membership)
    .innerJoin(user, eq(user.id, membership.userId))
    .where(and(eq(membership.orgId, tx.orgId), eq(membership.userId, userId)));
  return found ? toMember(found) : null;
}

/** A person's role here with the organisation's name: what a request needs to know who asks. */
export async function findMembership(
  tx: OrgTx,
  userId: string,
): Promise<{ orgName: string; role: Role } | null> {
  const [found] = await tx.q
    .select({ orgName: organisation.name, role: membership.role })
    .from(membership)
    .innerJoin(organisation, eq(organisation.id, membership.orgId))
    .where(and(eq(membership.orgId, tx.orgId), eq(membership.userId, userId)));
  return found ? { orgName: found.orgName, role: found.role as Role } : null;
}

/** Who else belongs to the organisation, and how many of those are owners. */
export async function countMembers(
  tx: OrgTx,
  except: string,
): Promise<{ others: number; otherOwners: number }> {
  const rows = await tx.q
    .select({ role: membership.role })
    .from(membership)
    .where(and(eq(membership.orgId, tx.orgId), ne(membership.userId, except)));
  return { others: rows.length, otherOwners: rows.filter(({ role }) => role === "owner").length };
}

/** Makes somebody a member unless they are one. @returns false when they were */
export async function addMember(tx: OrgTx, userId: string, role: Role): Promise<boolean> {
  const made = await tx.q
    .insert(membership)
    .values({ orgId: tx.orgId, userId, role })
    .onConflictDoNothing()
    .returning({ userId: membership.userId });
  return made.length > 0;
}

/** For the operator of the machine, who stands above the organisation's own rules. */
export async function forceRole(tx: OrgTx, userId: string, role: Role): Promise<void> {
  await tx.q
    .update(membership)
    .set({ role })
    .where(and(eq(membership.orgId, tx.orgId), eq(membership.userId, userId)));
  tx.announce("authz", { userId, orgId: tx.orgId });
}

/** Who changes a membership: a person with at most the given role (an API token may hold less than its maker). */
export interface Actor {
  userId: string;
  role: Role;
}

/**
 * Changes a member's role. Two changes of one organisation run one after the other, and the actor's own right is
 * read after the lock: of two owners who demote each other, one wins.
 * @throws AppError NOT_FOUND, FORBIDDEN, CONFLICT (`last_owner`)
 */
export async function changeRole(
  tx: OrgTx,
  actor: Actor,
  email: string,
  role: Role,
): Promise<{ member: Member; before: Role }> {
  const { members, target, own } = await lockForChange(tx, actor, email);
  if (!can(own, "members.manage") || !atLeast(own, target.role) || !atLeast(own, role))
    throw new AppError("FORBIDDEN", `Your role (${own}) does not allow this.`);
  if (target.role === "owner" && role !== "owner") requireAnotherOwner(members, target);
  await forceRole(tx, target.userId, role);
  return { member: { ...target, role }, before: target.role };
}

/** Takes a member out, or lets somebody leave. @throws AppError NOT_FOUND, FORBIDDEN, CONFLICT (`last_owner`) */
export async function removeMember(tx: OrgTx, actor: Actor, email: string): Promise<Member> {
  const { members, target, own } = await lockForChange(tx, actor, email);
  const leaves = target.userId === actor.userId;
  if (!leaves && (!can(own, "members.manage") || !atLeast(own, target.role)))
    throw new AppError("FORBIDDEN", `Your role (${own}) does not allow this.`);
  if (target.role === "owner") requireAnotherOwner(members, target);
  await tx.q
    .delete(membership)
    .where(and(eq(membership.orgId, tx.orgId), eq(membership.userId, target.userId)));
  tx.announce("authz", { userId: target.userId, orgId: tx.orgId });
  return target;
}

async function lockForChange(tx: OrgTx, actor: Actor, email: string) {
  await lockOrganisation(tx);
  const rows = await tx.q
    .select(columns)
    .from(membership)
    .innerJoin(user, eq(user.id, membership.userId))
    .where(eq(membership.orgId, tx.orgId));
  const members = rows.map(toMember);
  const target = members.find((member) => member.email === email);
  const self = members.find((member) => member.userId === actor.userId);
  if (!self) throw new AppError("FORBIDDEN", "You are not a member of this organisation any more.");
  if (!target) throw new AppError("NOT_FOUND", "Nobody with this address is a member here.");
  const own = atLeast(actor.role, self.role) ? self.role : actor.role;
  return { members, target, own };
}

function requireAnotherOwner(members: Member[], target: Member): void {
  if (members.some((member) => member.role === "owner" && member.userId !== target.userId)) return;
  throw new AppError("CONFLICT", "An organisation needs an owner. Make somebody else an owner first.", {
    reason: "last_owner",
  });
}
