import { z } from "zod";
import type { DashboardContent } from "#collab/dashboard-doc.ts";
import { defaultDashboard } from "#collab/widgets/default-dashboard.ts";
import { done, idInput } from "#contracts/accounts.ts";
import {
  createDashboardInput,
  type DashboardItem,
  dashboardOutput,
  dashboardsOutput,
  duplicateDashboardInput,
  listDashboardsInput,
  madeDashboard,
  renameDashboardInput,
} from "#contracts/dashboards.ts";
import type { OrgTx } from "#db/database.ts";
import { recordAudit } from "#db/queries/audit.ts";
import { getEpoch } from "#db/queries/collab-edit.ts";
import { renameDashboard } from "#db/queries/dashboard-edits.ts";
import { type Dashboard, ProjectionBehind } from "#db/queries/dashboard-projections.ts";
import {
  archiveDashboard,
  createDashboard,
  getDashboard,
  listDashboards,
  restoreDashboard,
} from "#db/queries/dashboards.ts";
import { actorOf } from "../auth/account-audit.ts";
import { orgProcedure, router } from "../trpc.ts";

const tags = ["Dashboards"];

const item = ({ id, title, createdAt, archivedAt }: Dashboard): DashboardItem => ({
  id,
  title,
  created_at: createdAt.toISOString(),
  archived_at: archivedAt?.toISOString() ?? null,
});

const templates = { overview: defaultDashboard };
const empty: Omit<DashboardContent, "title"> = { widgets: {}, filters: {} };

/** Reading alone is quick and nearly always enough; a row that is behind its document is brought up to date. */
async function readDashboards<T>(
  { read, inOrg }: { read: InTx; inOrg: InTx },
  fn: (tx: OrgTx) => Promise<T>,
): Promise<T> {
  try {
    return await read(fn);
  } catch (error) {
    if (error instanceof ProjectionBehind) return inOrg(fn);
    throw error;
  }
}
type InTx = <T>(fn: (tx: OrgTx) => Promise<T>) => Promise<T>;

/** Dashboards and what is on them; what is on one changes through its document. */
export const dashboardsRouter = router({
  list: orgProcedure("data.read")
    .meta({
      openapi: { method: "GET", path: "/dashboards", tags, summary: "Dashboards, the home page first" },
    })
    .input(listDashboardsInput)
    .output(dashboardsOutput)
    .query(async ({ ctx, input }) => {
      const found = await readDashboards(ctx, (tx) =>
        listDashboards(tx, { ...input, archived: input.archived === "true" }),
      );
      return { ...found, items: found.items.map(item) };
    }),

  get: orgProcedure("data.read")
    .meta({
      openapi: {
        method: "GET",
        path: "/dashboards/{id}",
        tags,
        summary: "A dashboard with its widgets",
        description:
          "As its document (`/collab/{doc_id}`) is now: deleted widgets are left out, dotted keys are nested.",
      },
    })
    .input(idInput)
    .output(dashboardOutput)
    .query(async ({ ctx, input }) => {
      const { id, title, widgets, filters } = await readDashboards(ctx, (tx) => getDashboard(tx, input.id));
      return { id, title, doc_id: id, widgets, filters };
    }),

  /** Which history of the document a browser's copy must be of. */
  document: orgProcedure("data.read")
    .input(idInput)
    .output(z.object({ epoch: z.string() }))
    .query(({ ctx, input }) =>
      ctx.inOrg(async (tx) => {
        await getDashboard(tx, input.id);
        return { epoch: await getEpoch(tx, input.id) };
      }),
    ),

  create: orgProcedure("dashboard.edit")
    .meta({
      status: 201,
      openapi: { method: "POST", path: "/dashboards", tags, summary: "Make a dashboard" },
    })
    .input(createDashboardInput)
    .output(madeDashboard)
    .mutation(({ ctx, input: { title, template } }) =>
      ctx.inOrg(async (tx) => {
        const { id } = await createDashboard(tx, { ...(template ? templates[template]() : empty), title });
        await audit(tx, ctx, "created", title, { id });
        return { id, doc_id: id };
      }),
    ),

  rename: orgProcedure("dashboard.edit")
    .meta({
      openapi: { method: "PATCH", path: "/dashboards/{id}", tags, summary: "Give a dashboard another title" },
    })
    .input(renameDashboardInput)
    .output(dashboardOutput)
    .mutation(({ ctx, input }) =>
      ctx.inOrg(async (tx) => {
        const { title: before } = await getDashboard(tx, input.id);
        await renameDashboard(tx, input.id, input.title);
        await audit(tx, ctx, "renamed", input.title, { id: input.id, before });
        const { id, title, widgets, filters } = await getDashboard(tx, input.id);
        return { id, title, doc_id: id, widgets, filters };
      }),
    ),

  duplicate: orgProcedure("dashboard.edit")
    .meta({
      status: 201,
      openapi: {
        method: "POST",
        path: "/dashboards/{id}/duplicate",
        tags,
        summary: "Make a dashboard like another one",
      },
    })
    .input(duplicateDashboardInput)
    .output(madeDashboard)
    .mutation(({ ctx, input }) =>
      ctx.inOrg(async (tx) => {
        const original = await getDashboard(tx, input.id);
        const title = input.title ?? copyTitle(original.title);
        const { id } = await createDashboard(tx, { ...original, title });
        await audit(tx, ctx, "duplicated", title, { id, of: input.id });
        return { id, doc_id: id };
      }),
    ),

  archive: orgProcedure("dashboard.edit")
    .meta({
      openapi: {
        method: "DELETE",
        path: "/dashboards/{id}",
        tags,
        summary: "Archive a dashboard",
        description: "It can be restored.",
      },
    })
    .input(idInput)
    .output(done)
    .mutation(({ ctx, input: { id } }) =>
      ctx.inOrg(async (tx) => {
        await audit(tx, ctx, "archived", await archiveDashboard(tx, id), { id });
        return { ok: true };
      }),
    ),

  restore: orgProcedure("dashboard.edit")
    .meta({
      openapi: {
        method: "POST",
        path: "/dashboards/{id}/restore",
        tags,
        summary: "Bring an archived dashboard back",
      },
    })
    .input(idInput)
    .output(done)
    .mutation(({ ctx, input: { id } }) =>
      ctx.inOrg(async (tx) => {
        await audit(tx, ctx, "restored", await restoreDashboard(tx, id), { id });
        return { ok: true };
      }),
    ),
});

const copyTitle = (title: string): string => `${[...title].slice(0, 190).join("")} (copy)`;

const audit = (
  tx: OrgTx,
  ctx: Parameters<typeof actorOf>[0],
  verb: string,
  target: string,
  details: Record<string, unknown>,
) => recordAudit(tx, { ...actorOf(ctx), action: `dashboard.${verb}`, target, details });
