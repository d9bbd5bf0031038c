import {
  createInvitationInput,
  done,
  idInput,
  invitationItem,
  invitationPreview,
  invitationsOutput,
  linkInput,
  listInput,
} from "#contracts/accounts.ts";
import { atLeast, can } from "#contracts/permissions.ts";
import type { OrgTx } from "#db/database.ts";
import { findUserByEmail } from "#db/queries/accounts.ts";
import { recordAudit } from "#db/queries/audit.ts";
import {
  consumeInvitation,
  createInvitation,
  deleteInvitation,
  findInvitation,
  type Invitation,
  listInvitations,
} from "#db/queries/invitations.ts";
import { createMail } from "#db/queries/mail.ts";
import { addMember, findMember } from "#db/queries/members.ts";
import { getOrganisation } from "#db/queries/organisations.ts";
import { AppError } from "#root/errors.ts";
import { actorOf } from "../auth/account-audit.ts";
import { hashSecret, newOrgSecret, parseOrgSecret } from "../auth/secrets.ts";
import { renewSession } from "../auth/start-session.ts";
import { invitationMessage } from "../mail/messages.ts";
import { orgProcedure, personProcedure, publicProcedure, router } from "../trpc.ts";

const tags = ["Invitations"];

const toItem = (found: Invitation) => ({
  id: found.id,
  email: found.email,
  role: found.role,
  invited_by: found.invitedBy,
  created_at: found.createdAt.toISOString(),
  expires_at: found.expiresAt.toISOString(),
});

const noSuch = () =>
  new AppError("NOT_FOUND", "This invitation has been used, withdrawn or is too old. Ask for a new one.", {
    reason: "invitation_expired",
  });

/** An open invitation whose inviter may still give out its role; else it is as if there were none. */
async function requireInvitation(tx: OrgTx, hash: Buffer) {
  const found = await findInvitation(tx, hash);
  const inviter = found && (await findMember(tx, found.invitedById));
  if (!found || !inviter || !can(inviter.role, "members.manage") || !atLeast(inviter.role, found.role))
    throw noSuch();
  return { found, inviter };
}

export const invitationsRouter = router({
  list: orgProcedure("members.manage")
    .meta({
      openapi: { method: "GET", path: "/invitations", tags, summary: "Invitations that are still open" },
    })
    .input(listInput)
    .output(invitationsOutput)
    .query(async ({ ctx, input }) => {
      const found = await ctx.inOrg((tx) => listInvitations(tx, input));
      return { ...found, items: found.items.map(toItem) };
    }),

  create: orgProcedure("members.manage")
    .meta({
      status: 201,
      openapi: {
        method: "POST",
        path: "/invitations",
        tags,
        summary: "Invite somebody by e-mail",
        description:
          "The link is mailed, works once and for seven days. Inviting an address again replaces its link.",
      },
    })
    .input(createInvitationInput)
    .output(invitationItem)
    .mutation(async ({ ctx, input }) => {
      if (!atLeast(ctx.org.role, input.role))
        throw new AppError("FORBIDDEN", `As ${ctx.org.role} you cannot invite an ${input.role}.`);
      if (!(await ctx.limits.mayMail(input.email)))
        throw new AppError(
          "RATE_LIMITED",
          "This address has been sent several mails already. Try again later.",
          {
            retryAfterSeconds: 3600,
          },
        );
      return ctx.inOrg(async (tx) => {
        const known = await findUserByEmail(tx, input.email);
        if (known && (await findMember(tx, known.id)))
          throw new AppError("CONFLICT", "This person is a member already.", { reason: "already_member" });
        const token = newOrgSecret("jvi", tx.orgId);
        const made = await createInvitation(tx, {
          ...input,
          tokenHash: hashSecret(token),
          invitedBy: ctx.principal.userId,
        });
        const message = invitationMessage({
          origin: ctx.request.origin,
          token,
          organisation: ctx.org.name,
          inviter: ctx.principal.name || ctx.principal.email,
          role: made.role,
        });
        await createMail(tx, { ...message, recipient: made.email, userId: null });
        await recordAudit(tx, {
          ...actorOf(ctx),
          action: "invitation.created",
          target: made.email,
          details: { role: made.role },
        });
        return { ...toItem(made), invited_by: ctx.principal.email };
      });
    }),

  revoke: orgProcedure("members.manage")
    .meta({
      openapi: { method: "DELETE", path: "/invitations/{id}", tags, summary: "Withdraw an invitation" },
    })
    .input(idInput)
    .output(done)
    .mutation(({ ctx, input }) =>
      ctx.inOrg(async (tx) => {
        const email = await deleteInvitation(tx, input.id);
        if (email === null) throw noSuch();
        await recordAudit(tx, { ...actorOf(ctx), action: "invitation.revoked", target: email });
        return { ok: true };
      }),
    ),

  /** What the holder of the link is invited to. Reading it does not use it up. */
  preview: publicProcedure
    .input(linkInput)
    .output(invitationPreview)
    .query(async ({ ctx, input }) => {
      const secret = parseOrgSecret("jvi", input.token);
      if (!secret) throw noSuch();
      return ctx.db.withOrg(secret.orgId, async (tx) => {
        const { found, inviter } = await requireInvitation(tx, secret.hash);
        const organisation = await getOrganisation(tx);
        return {
          organisation: organisation.name,
          email: found.email,
          role: found.role,
          invited_by: inviter.name || inviter.email,
          expires_at: found.expiresAt.toISOString(),
        };
      });
    }),

  /** Joins, once, as the person whom the invitation names and whose address is confirmed. */
  accept: personProcedure
    .input(linkInput)
    .output(done)
    .mutation(async ({ ctx, input }) => {
      const { principal } = ctx;
      const secret = parseOrgSecret("jvi", input.token);
      if (!secret) throw noSuch();
      const cookie = await ctx.db.withOrg(secret.orgId, async (tx) => {
        const { found } = await requireInvitation(tx, secret.hash);
        if (found.email !== principal.email)
          throw new AppError(
            "FORBIDDEN",
            `This invitation is for ${found.email}. You are signed in as ${principal.email}.`,
            { reason: "other_email" },
          );
        if (!principal.emailVerified)
          throw new AppError("FORBIDDEN", "Confirm your e-mail address first: the link is in your mail.", {
            reason: "email_unconfirmed",
          });
        if (!(await consumeInvitation(tx, found.id))) throw noSuch();
        await addMember(tx, principal.userId, found.role);
        await recordAudit(tx, {
          ...actorOf(ctx),
          action: "invitation.accepted",
          target: found.email,
          details: { role: found.role },
        });
        return renewSession(tx, ctx.sessionId, tx.orgId);
      });
      ctx.setSessionCookie(cookie);
      return { ok: true };
    }),
});
