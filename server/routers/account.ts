import { z } from "zod";
import {
  changePasswordInput,
  deleteAccountInput,
  deletionPlan,
  done,
  linkInput,
  meOutput,
  requestResetInput,
  resetInput,
  signInInput,
  signUpInput,
  signUpOutput,
  updateProfileInput,
} from "#contracts/accounts.ts";
import { permissionFlags } from "#contracts/permissions.ts";
import { setName } from "#db/queries/accounts.ts";
import { getOrganisation, listOrganisationsOf } from "#db/queries/organisations.ts";
import { deleteSession } from "#db/queries/sessions.ts";
import { auditAccount } from "../auth/account-audit.ts";
import { changePassword, requestReset, resetPassword } from "../auth/change-password.ts";
import { deleteAccount, planDeletion } from "../auth/delete-account.ts";
import { signIn } from "../auth/sign-in.ts";
import { signUp } from "../auth/sign-up.ts";
import { resendVerification, verifyEmail } from "../auth/verify-email.ts";
import { personProcedure, publicProcedure, router } from "../trpc.ts";

const ok = { ok: true } as const;

/** The person: who am I, signing up, in and out, the password. */
export const accountRouter = router({
  me: publicProcedure.output(meOutput).query(async ({ ctx }) => {
    const mail_is_sent = ctx.env.SMTP_URL !== null;
    const { principal } = ctx;
    if (!principal)
      return { user: null, via: null, organisation: null, organisations: [], can: {}, mail_is_sent };
    const { userId, org } = principal;
    const found = await ctx.db.withInstance((tx) => listOrganisationsOf(tx, userId), { userId });
    // a token sees the one organisation that it is bound to
    const mine = principal.apiTokenId ? found.filter((choice) => choice.id === org?.id) : found;
    const organisations = mine.map(({ isDemo, ...choice }) => ({ ...choice, is_demo: isDemo }));
    const current = org ? await ctx.db.withOrg(org.id, getOrganisation) : null;
    return {
      user: {
        id: userId,
        email: principal.email,
        name: principal.name,
        email_verified: principal.emailVerified,
      },
      via: principal.via,
      organisation:
        org && current
          ? {
              id: org.id,
              name: org.name,
              role: org.role,
              is_demo: current.isDemo,
              currency: current.currency,
              timezone: current.timezone,
            }
          : null,
      organisations,
      can: org ? permissionFlags(org.role) : {},
      mail_is_sent,
    };
  }),

  signUp: publicProcedure
    .input(signUpInput)
    .output(signUpOutput)
    .mutation(({ ctx, input }) => signUp(ctx, input)),

  signIn: publicProcedure
    .input(signInInput)
    .output(done)
    .mutation(async ({ ctx, input }) => {
      await signIn(ctx, input);
      return ok;
    }),

  signOut: publicProcedure.output(done).mutation(async ({ ctx }) => {
    const { principal } = ctx;
    if (principal?.sessionId) {
      const { sessionId } = principal;
      await ctx.db.withInstance((tx) => deleteSession(tx, sessionId));
      await auditAccount(ctx, principal.org?.id ?? null, {
        actorId: principal.userId,
        actor: principal.email,
        action: "account.signed_out",
      });
    }
    ctx.setSessionCookie(null);
    return ok;
  }),

  /** `sign_in`: the address is confirmed; this browser is not signed in as its person. */
  verifyEmail: publicProcedure
    .input(linkInput)
    .output(z.object({ status: z.enum(["signed_in", "sign_in"]), email: z.string() }))
    .mutation(({ ctx, input }) => verifyEmail(ctx, input.token)),

  resendVerification: personProcedure.output(done).mutation(async ({ ctx }) => {
    await resendVerification(ctx, ctx.principal);
    return ok;
  }),

  requestReset: publicProcedure
    .input(requestResetInput)
    .output(done)
    .mutation(async ({ ctx, input }) => {
      await requestReset(ctx, input.email);
      return ok;
    }),

  reset: publicProcedure
    .input(resetInput)
    .output(done)
    .mutation(async ({ ctx, input }) => {
      await resetPassword(ctx, input);
      return ok;
    }),

  changePassword: personProcedure
    .input(changePasswordInput)
    .output(done)
    .mutation(async ({ ctx, input }) => {
      await changePassword(ctx, ctx.principal, ctx.sessionId, input);
      return ok;
    }),

  /** What would go with the account, and what stands in the way: names of organisations. */
  deletion: personProcedure.output(deletionPlan).query(async ({ ctx }) => {
    const { ends, needsOwner } = await planDeletion(ctx, ctx.principal);
    return { ends, needs_owner: needsOwner };
  }),

  delete: personProcedure
    .input(deleteAccountInput)
    .output(done)
    .mutation(async ({ ctx, input }) => {
      await deleteAccount(ctx, ctx.principal, input);
      return ok;
    }),

  updateProfile: personProcedure
    .input(updateProfileInput)
    .output(done)
    .mutation(async ({ ctx, input }) => {
      await ctx.db.withInstance((tx) => setName(tx, ctx.principal.userId, input.name));
      return ok;
    }),
});
