import {
  done,
  listInput,
  memberItem,
  membersOutput,
  removeMemberInput,
  setRoleInput,
} from "#contracts/accounts.ts";
import { atLeast } from "#contracts/permissions.ts";
import { recordAudit } from "#db/queries/audit.ts";
import { changeRole, listMembers, type Member, removeMember } from "#db/queries/members.ts";
import { deleteSessionsInOrg, detachSessions } from "#db/queries/sessions.ts";
import { deleteApiTokensOf } from "#db/queries/tokens.ts";
import { actorOf } from "../auth/account-audit.ts";
import { orgProcedure, router } from "../trpc.ts";

const tags = ["Members"];

const toItem = (member: Member, own: string) => ({
  id: member.userId,
  email: member.email,
  name: member.name,
  role: member.role,
  joined_at: member.joinedAt.toISOString(),
  you: member.userId === own,
});

export const membersRouter = router({
  list: orgProcedure("members.read")
    .meta({ openapi: { method: "GET", path: "/members", tags, summary: "Who belongs to the organisation" } })
    .input(listInput)
    .output(membersOutput)
    .query(async ({ ctx, input }) => {
      const found = await ctx.inOrg((tx) => listMembers(tx, input));
      return { ...found, items: found.items.map((member) => toItem(member, ctx.principal.userId)) };
    }),

  setRole: orgProcedure("members.manage")
    .meta({ openapi: { method: "PATCH", path: "/members/{email}", tags, summary: "Change a member’s role" } })
    .input(setRoleInput)
    .output(memberItem)
    .mutation(({ ctx, input }) =>
      ctx.inOrg(async (tx) => {
        const actor = { userId: ctx.principal.userId, role: ctx.org.role };
        const { member, before } = await changeRole(tx, actor, input.email, input.role);
        const gained = before !== member.role && atLeast(member.role, before);
        if (gained) await deleteSessionsInOrg(tx, member.userId, tx.orgId);
        await recordAudit(tx, {
          ...actorOf(ctx),
          action: "member.role_changed",
          target: member.email,
          details: { from: before, to: member.role },
        });
        return toItem(member, ctx.principal.userId);
      }),
    ),

  /** Takes a member out; with one's own address: leaves. What they made for machines stops working. */
  remove: orgProcedure("members.read")
    .meta({
      openapi: {
        method: "DELETE",
        path: "/members/{email}",
        tags,
        summary: "Remove a member, or leave with your own address",
      },
    })
    .input(removeMemberInput)
    .output(done)
    .mutation(({ ctx, input }) =>
      ctx.inOrg(async (tx) => {
        const actor = { userId: ctx.principal.userId, role: ctx.org.role };
        const gone = await removeMember(tx, actor, input.email);
        await deleteApiTokensOf(tx, gone.userId);
        await detachSessions(tx, gone.userId, tx.orgId);
        await recordAudit(tx, {
          ...actorOf(ctx),
          action: gone.userId === actor.userId ? "member.left" : "member.removed",
          target: gone.email,
          details: { role: gone.role },
        });
        return { ok: true };
      }),
    ),
});
