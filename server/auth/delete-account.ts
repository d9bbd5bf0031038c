import { instanceOrgId } from "#db/database.ts";
import { deleteUser, findUser } from "#db/queries/accounts.ts";
import { recordAudit } from "#db/queries/audit.ts";
import { deleteMailsOf } from "#db/queries/mail.ts";
import { countMembers, removeMember } from "#db/queries/members.ts";
import {
  deleteOrganisation,
  listOrganisationsOf,
  lockOrganisation,
  type OrganisationChoice,
} from "#db/queries/organisations.ts";
import { deleteSessionsOfUser } from "#db/queries/sessions.ts";
import { deleteApiTokensOf } from "#db/queries/tokens.ts";
import { AppError } from "#root/errors.ts";
import type { Context, Principal } from "../trpc.ts";

/** What goes with an account, and what stands in its way. */
export interface DeletionPlan {
  /** Nobody else belongs to them: they go too, with all their data. Demonstrations go unmentioned. */
  ends: string[];
  /** Others belong to them and none of those is an owner: somebody must be made one first. */
  needsOwner: string[];
}

export async function planDeletion(ctx: Context, { userId }: Principal): Promise<DeletionPlan> {
  const found = await Promise.all(
    (await organisationsOf(ctx, userId)).map((one) => consider(ctx, one, userId)),
  );
  return {
    ends: found.flatMap(({ org, isAlone }) => (isAlone && !org.isDemo ? [org.name] : [])),
    needsOwner: found.flatMap(({ org, isAlone, otherOwners }) =>
      !isAlone && org.role === "owner" && otherOwners === 0 ? [org.name] : [],
    ),
  };
}

/**
 * Deletes the account of somebody who knows its password: memberships, sessions, tokens, and the person. What they wrote stays, under
 * nobody's name; logs keep the address.
 * @throws AppError FORBIDDEN (`wrong_password`), CONFLICT (`last_owner`, `organisations_go_too`), RATE_LIMITED
 */
export async function deleteAccount(
  ctx: Context,
  principal: Principal,
  input: { password: string; with_organisations: boolean },
): Promise<void> {
  const { userId, email } = principal;
  await requirePassword(ctx, principal, input.password);
  const { ends, needsOwner } = await planDeletion(ctx, principal);
  if (needsOwner.length > 0)
    throw new AppError("CONFLICT", `Make somebody else an owner of ${needsOwner.join(", ")} first.`, {
      reason: "last_owner",
      details: { organisations: needsOwner },
    });
  if (ends.length > 0 && !input.with_organisations) throw goesToo(ends);
  const gone: { id: string; name: string }[] = [];
  for (const org of await organisationsOf(ctx, userId)) {
    const isOver = await ctx.db.withOrg(
      org.id,
      (tx) =>
        leave(tx, { org, userId, email, ip: ctx.request.ip, mayEnd: org.isDemo || input.with_organisations }),
      {
        statementMs: 600_000,
      },
    );
    if (isOver) gone.push({ id: org.id, name: org.name });
  }
  await ctx.db.withOrg(instanceOrgId, async (tx) => {
    await deleteMailsOf(tx, userId);
    const common = { actorId: userId, actor: email, ip: ctx.request.ip };
    for (const { id, name } of gone)
      await recordAudit(tx, { ...common, action: "organisation.deleted", target: name, details: { id } });
    await recordAudit(tx, { ...common, action: "account.deleted", target: email });
  });
  await ctx.db.withInstance(async (tx) => {
    await deleteSessionsOfUser(tx, userId);
    await deleteUser(tx, userId);
  });
  ctx.setSessionCookie(null);
}

const goesToo = (organisations: readonly string[]): AppError =>
  new AppError("CONFLICT", `${organisations.join(", ")} would go too: nobody else belongs there.`, {
    reason: "organisations_go_too",
    details: { organisations },
  });

type OrgTx = Parameters<typeof lockOrganisation>[0];

/** Under the organisation's lock, where others may have come or gone meanwhile. @returns whether the organisation went too */
async function leave(
  tx: OrgTx,
  leaving: { org: OrganisationChoice; userId: string; email: string; ip: string; mayEnd: boolean },
): Promise<boolean> {
  const { org, userId, email, ip, mayEnd } = leaving;
  await lockOrganisation(tx);
  const { others } = await countMembers(tx, userId);
  if (others === 0) {
    // the others left since it was asked
    if (!mayEnd) throw goesToo([org.name]);
    await deleteOrganisation(tx);
    return true;
  }
  await removeMember(tx, { userId, role: org.role }, email);
  await deleteApiTokensOf(tx, userId);
  await recordAudit(tx, { actorId: userId, actor: email, ip, action: "account.deleted", target: email });
  return false;
}

async function consider(ctx: Context, org: OrganisationChoice, userId: string) {
  const { others, otherOwners } = await ctx.db.withOrg(org.id, (tx) => countMembers(tx, userId));
  return { org, otherOwners, isAlone: others === 0 };
}

const organisationsOf = (ctx: Context, userId: string): Promise<OrganisationChoice[]> =>
  ctx.db.withInstance((tx) => listOrganisationsOf(tx, userId), { userId });

async function requirePassword(ctx: Context, { userId, email }: Principal, password: string): Promise<void> {
  await ctx.limits.attempt(ctx.request.ip, email, async () => true);
  const user = await ctx.db.withInstance((tx) => findUser(tx, userId));
  const { ok } = await ctx.passwords.verify(user?.passwordHash ?? null, password);
  if (!ok) throw new AppError("FORBIDDEN", "The password is not right.", { reason: "wrong_password" });
  await ctx.limits.forgive(ctx.request.ip, email);
}
