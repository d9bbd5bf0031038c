import { projectDashboard } from "#collab/dashboard-projection.ts";
import { done } from "#contracts/accounts.ts";
import {
  createVersionInput,
  listVersionsInput,
  madeDashboard,
  versionInput,
  versionOutput,
  versionsOutput,
} from "#contracts/dashboards.ts";
import { recordAudit } from "#db/queries/audit.ts";
import { createVersion, listVersions, openVersion, restoreVersion } from "#db/queries/collab-versions.ts";
import { getDashboard } from "#db/queries/dashboards.ts";
import { recordEvent } from "#db/queries/events.ts";
import { listPersonNames } from "#db/queries/person-names.ts";
import { actorOf } from "../auth/account-audit.ts";
import { orgProcedure, router } from "../trpc.ts";

const tags = ["Dashboards"];

/** How a dashboard was: named by somebody, or kept by itself each day it was edited. */
export const dashboardVersionsRouter = router({
  list: orgProcedure("data.read")
    .meta({
      openapi: { method: "GET", path: "/dashboards/{id}/versions", tags, summary: "Versions, newest first" },
    })
    .input(listVersionsInput)
    .output(versionsOutput)
    .query(({ ctx, input: { id, ...input } }) =>
      ctx.inOrg(async (tx) => {
        await getDashboard(tx, id);
        const found = await listVersions(tx, id, input);
        const names = await listPersonNames(
          tx,
          found.items.map(({ userId }) => userId),
        );
        return {
          ...found,
          items: found.items.map(({ userId, at, ...version }) => ({
            ...version,
            by: userId === null ? null : (names.get(userId) ?? null),
            at: at.toISOString(),
          })),
        };
      }),
    ),

  get: orgProcedure("data.read")
    .meta({
      openapi: {
        method: "GET",
        path: "/dashboards/{id}/versions/{version_id}",
        tags,
        summary: "The dashboard as it was",
      },
    })
    .input(versionInput)
    .output(versionOutput)
    .query(({ ctx, input }) =>
      ctx.inOrg(async (tx) => {
        await getDashboard(tx, input.id);
        const doc = await openVersion(tx, input.id, input.version_id);
        const projection = projectDashboard(doc);
        doc.destroy();
        return { id: input.version_id, ...projection };
      }),
    ),

  create: orgProcedure("dashboard.edit")
    .meta({
      status: 201,
      openapi: {
        method: "POST",
        path: "/dashboards/{id}/versions",
        tags,
        summary: "Keep the dashboard as it is under a name",
      },
    })
    .input(createVersionInput)
    .output(madeDashboard.pick({ id: true }))
    .mutation(({ ctx, input: { id, label } }) =>
      ctx.inOrg(async (tx) => {
        const { title } = await getDashboard(tx, id);
        const made = await createVersion(tx, { docId: id, label, userId: ctx.principal.userId });
        await recordAudit(tx, {
          ...actorOf(ctx),
          action: "dashboard.version_named",
          target: title,
          details: { id, label },
        });
        return made;
      }),
    ),

  restore: orgProcedure("dashboard.edit")
    .meta({
      openapi: {
        method: "POST",
        path: "/dashboards/{id}/versions/{version_id}/restore",
        tags,
        summary: "Bring the dashboard back to a version",
        description: "As edits that everybody who has it open sees; what it was before is kept as a version.",
      },
    })
    .input(versionInput)
    .output(done)
    .mutation(({ ctx, input: { id, version_id } }) =>
      ctx.inOrg(async (tx) => {
        const { title } = await getDashboard(tx, id);
        await restoreVersion(tx, { docId: id, id: version_id, userId: ctx.principal.userId });
        await recordEvent(tx, { topic: "dashboards", keys: { id } });
        await recordAudit(tx, {
          ...actorOf(ctx),
          action: "dashboard.version_restored",
          target: title,
          details: { id, version_id },
        });
        return { ok: true };
      }),
    ),
});
