import { z } from "zod";
import { idInput, instant, listInput } from "#contracts/accounts.ts";
import { pageOf, text } from "#contracts/lists.ts";
import { recordAudit } from "#db/queries/audit.ts";
import { createDashboard, getDashboard, listDashboards } from "#db/queries/dashboards.ts";
import { actorOf } from "../auth/account-audit.ts";
import { orgProcedure, router } from "../trpc.ts";

const tags = ["Dashboards"];
const unknowns = z.record(z.string(), z.unknown());

export const dashboardsRouter = router({
  list: orgProcedure("data.read")
    .meta({
      openapi: { method: "GET", path: "/dashboards", tags, summary: "Dashboards, the home page first" },
    })
    .input(listInput)
    .output(pageOf(z.object({ id: z.uuid(), title: z.string(), created_at: instant })))
    .query(async ({ ctx, input }) => {
      const found = await ctx.inOrg((tx) => listDashboards(tx, input));
      return {
        ...found,
        items: found.items.map(({ id, title, createdAt }) => ({
          id,
          title,
          created_at: createdAt.toISOString(),
        })),
      };
    }),

  get: orgProcedure("data.read")
    .meta({
      openapi: { method: "GET", path: "/dashboards/{id}", tags, summary: "A dashboard with its widgets" },
    })
    .input(idInput)
    .output(
      z.object({ id: z.uuid(), title: z.string(), doc_id: z.string(), widgets: unknowns, filters: unknowns }),
    )
    .query(async ({ ctx, input }) => {
      const { id, title, widgets, filters } = await ctx.inOrg((tx) => getDashboard(tx, input.id));
      return { id, title, doc_id: id, widgets, filters };
    }),

  /** A new dashboard has no widgets. */
  create: orgProcedure("dashboard.edit")
    .meta({
      status: 201,
      openapi: { method: "POST", path: "/dashboards", tags, summary: "Make an empty dashboard" },
    })
    .input(z.strictObject({ title: text(200) }))
    .output(z.object({ id: z.uuid(), doc_id: z.string() }))
    .mutation(({ ctx, input }) =>
      ctx.inOrg(async (tx) => {
        const { id } = await createDashboard(tx, { title: input.title, widgets: {}, filters: {} });
        await recordAudit(tx, {
          ...actorOf(ctx),
          action: "dashboard.created",
          target: input.title,
          details: { id },
        });
        return { id, doc_id: id };
      }),
    ),
});
