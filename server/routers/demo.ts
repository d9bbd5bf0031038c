import { z } from "zod";
import { done } from "#contracts/accounts.ts";
import { newId } from "#db/ids.ts";
import { demoProgress } from "#db/queries/demo.ts";
import { listOrganisationsOf } from "#db/queries/organisations.ts";
import { AppError } from "#root/errors.ts";
import { actorOf } from "../auth/account-audit.ts";
import { renewSession, startSession } from "../auth/start-session.ts";
import { createDemo, ensureDemo, isDemoOpen } from "../demo.ts";
import { orgProcedure, personProcedure, publicProcedure, router } from "../trpc.ts";

export const demoRouter = router({
  /** Whether the page of signing in may offer the demo to somebody without an account. */
  status: publicProcedure
    .output(z.object({ open: z.boolean() }))
    .query(({ ctx }) => ({ open: isDemoOpen(ctx.env) })),

  /** Signs a stranger in as the demo's guest. @throws FORBIDDEN (`demo_closed`) where strangers can come from */
  enter: publicProcedure.output(done).mutation(async ({ ctx }) => {
    if (!isDemoOpen(ctx.env))
      throw new AppError("FORBIDDEN", "Sign up first: the demo is then one click away.", {
        reason: "demo_closed",
      });
    const { orgId, userId } = await ensureDemo(ctx.db);
    await startSession(ctx, { userId, orgId });
    return { ok: true };
  }),

  /** Turns the session of somebody who is signed in to a demo organisation of their own, made at the first call. */
  load: personProcedure.output(done).mutation(async ({ ctx }) => {
    const { userId } = ctx.principal;
    const mine = await ctx.db.withInstance((tx) => listOrganisationsOf(tx, userId), { userId });
    const existing = mine.find((choice) => choice.isDemo);
    const cookie = await ctx.db.withOrg(existing?.id ?? newId(), async (tx) => {
      if (!existing) await createDemo(tx, { ...actorOf(ctx), userId });
      return renewSession(tx, ctx.sessionId, tx.orgId);
    });
    ctx.setSessionCookie(cookie);
    return { ok: true };
  }),

  /** How far the loading of the demo in view is. */
  progress: orgProcedure("data.read")
    .output(z.object({ customers: z.number().int(), ready: z.boolean() }))
    .query(({ ctx }) => ctx.inOrg(demoProgress)),
});
