import { done, idInput, sessionsOutput, tokenSessionInput, tokenSessionOutput } from "#contracts/accounts.ts";
import { deleteOwnSession, deleteSessionsOfUser, listSessions } from "#db/queries/sessions.ts";
import { AppError } from "#root/errors.ts";
import { actorOf, auditAccount } from "../auth/account-audit.ts";
import { findTokenPrincipal } from "../auth/principal.ts";
import { startSession } from "../auth/start-session.ts";
import { personProcedure, publicProcedure, router } from "../trpc.ts";

/** The browsers in which a person is signed in. */
export const sessionsRouter = router({
  list: personProcedure.output(sessionsOutput).query(async ({ ctx }) => {
    const found = await ctx.db.withInstance((tx) => listSessions(tx, ctx.principal.userId));
    return {
      items: found.map((session) => ({
        id: session.id,
        current: session.id === ctx.sessionId,
        user_agent: session.userAgent,
        ip: session.ip,
        created_at: session.createdAt.toISOString(),
        last_seen_at: session.lastSeenAt.toISOString(),
        from_token: session.apiTokenId !== null,
      })),
    };
  }),

  revoke: personProcedure
    .input(idInput)
    .output(done)
    .mutation(async ({ ctx, input }) => {
      const ended = await ctx.db.withInstance((tx) => deleteOwnSession(tx, ctx.principal.userId, input.id));
      if (!ended) throw new AppError("NOT_FOUND", "This session has ended already.");
      await auditAccount(ctx, ctx.principal.org?.id ?? null, {
        ...actorOf(ctx),
        action: "account.session_ended",
        target: input.id,
      });
      return { ok: true };
    }),

  revokeOthers: personProcedure.output(done).mutation(async ({ ctx }) => {
    await ctx.db.withInstance((tx) => deleteSessionsOfUser(tx, ctx.principal.userId, ctx.sessionId));
    await auditAccount(ctx, ctx.principal.org?.id ?? null, {
      ...actorOf(ctx),
      action: "account.other_sessions_ended",
    });
    return { ok: true };
  }),

  /** Signs a browser in with an API token: the session may do what the token may, for as long as the token lives. */
  create: publicProcedure
    .meta({
      status: 201,
      openapi: {
        method: "POST",
        path: "/session",
        tags: ["Session"],
        summary: "Sign a browser in with an API token",
        protect: false,
        successDescription: "The answer sets the session cookie.",
      },
    })
    .input(tokenSessionInput)
    .output(tokenSessionOutput)
    .mutation(async ({ ctx, input }) => {
      const holder = await findTokenPrincipal(ctx.db, input.token);
      if (!holder?.org || !holder.apiTokenId)
        throw new AppError("UNAUTHENTICATED", "This API token does not exist or has been deleted.", {
          reason: "invalid_token",
        });
      const { org, userId, apiTokenId, email } = holder;
      await startSession(ctx, { userId, orgId: org.id, apiTokenId });
      await auditAccount(ctx, org.id, {
        actorId: userId,
        actor: `${email} (API token)`,
        action: "account.signed_in",
      });
      return { organisation: { id: org.id, name: org.name }, role: org.role, email };
    }),
});
