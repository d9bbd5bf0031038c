import {
  createdToken,
  createTokenInput,
  done,
  idInput,
  listInput,
  tokensOutput,
} from "#contracts/accounts.ts";
import { atLeast } from "#contracts/permissions.ts";
import { recordAudit } from "#db/queries/audit.ts";
import { deleteSessionsOfToken } from "#db/queries/sessions.ts";
import { createApiToken, deleteApiToken, listApiTokens } from "#db/queries/tokens.ts";
import { AppError } from "#root/errors.ts";
import { actorOf } from "../auth/account-audit.ts";
import { hashSecret, newOrgSecret } from "../auth/secrets.ts";
import { orgProcedure, router } from "../trpc.ts";

const tags = ["API tokens"];

export const tokensRouter = router({
  list: orgProcedure("tokens.manage")
    .meta({ openapi: { method: "GET", path: "/tokens", tags, summary: "API tokens, without their secrets" } })
    .input(listInput)
    .output(tokensOutput)
    .query(async ({ ctx, input }) => {
      const found = await ctx.inOrg((tx) => listApiTokens(tx, input));
      return {
        ...found,
        items: found.items.map((token) => ({
          id: token.id,
          name: token.name,
          role: token.role,
          last_four: token.lastFour,
          email: token.email,
          created_at: token.createdAt.toISOString(),
          last_used_at: token.lastUsedAt?.toISOString() ?? null,
        })),
      };
    }),

  create: orgProcedure("tokens.manage")
    .meta({
      status: 201,
      openapi: {
        method: "POST",
        path: "/tokens",
        tags,
        summary: "Make an API token",
        description: "The token is in this answer and nowhere else. It never may do more than its maker.",
      },
    })
    .input(createTokenInput)
    .output(createdToken)
    .mutation(({ ctx, input }) => {
      if (!atLeast(ctx.org.role, input.role))
        throw new AppError("FORBIDDEN", `As ${ctx.org.role} you cannot make a token for an ${input.role}.`);
      return ctx.inOrg(async (tx) => {
        const token = newOrgSecret("jv", tx.orgId);
        const lastFour = token.slice(-4);
        const made = await createApiToken(tx, {
          ...input,
          tokenHash: hashSecret(token),
          lastFour,
          userId: ctx.principal.userId,
        });
        await recordAudit(tx, {
          ...actorOf(ctx),
          action: "token.created",
          target: input.name,
          details: { id: made.id, role: input.role },
        });
        return {
          id: made.id,
          ...input,
          token,
          last_four: lastFour,
          email: ctx.principal.email,
          created_at: made.createdAt.toISOString(),
          last_used_at: null,
        };
      });
    }),

  /** The token stops working at once, and with it every session made from it. */
  delete: orgProcedure("tokens.manage")
    .meta({ openapi: { method: "DELETE", path: "/tokens/{id}", tags, summary: "Delete an API token" } })
    .input(idInput)
    .output(done)
    .mutation(({ ctx, input }) =>
      ctx.inOrg(async (tx) => {
        const name = await deleteApiToken(tx, input.id);
        if (name === null) throw new AppError("NOT_FOUND", "There is no such token.");
        await deleteSessionsOfToken(tx, input.id);
        await recordAudit(tx, {
          ...actorOf(ctx),
          action: "token.deleted",
          target: name,
          details: { id: input.id },
        });
        return { ok: true };
      }),
    ),
});
