import { auditInput, auditOutput } from "#contracts/accounts.ts";
import { listAudit } from "#db/queries/audit.ts";
import { orgProcedure, router } from "../trpc.ts";

export const auditRouter = router({
  list: orgProcedure("audit.read")
    .meta({
      openapi: {
        method: "GET",
        path: "/audit",
        tags: ["Audit"],
        summary: "Who did what, newest first",
        description: "Rows are only ever added.",
      },
    })
    .input(auditInput)
    .output(auditOutput)
    .query(async ({ ctx, input }) => {
      const found = await ctx.inOrg((tx) => listAudit(tx, input));
      return {
        ...found,
        items: found.items.map((row) => ({
          id: row.id,
          at: row.at.toISOString(),
          actor: row.actor,
          action: row.action,
          target: row.target,
          details: row.details,
          ip: row.ip,
        })),
      };
    }),
});
