import { createImportConnection } from "#db/copy.ts";
import type { JobPayload } from "#db/jobs.ts";
import { getFactSettings } from "#db/queries/import-effects.ts";
import { claimImport } from "#db/queries/upload-jobs.ts";
import { understoodOf } from "#db/queries/uploads.ts";
import { applyStaged } from "./apply.ts";
import type { ImportDeps } from "./deps.ts";
import { type ImportJob, runJob } from "./run-job.ts";
import { stageFile } from "./stage.ts";
import { planOf } from "./understand.ts";

/**
 * The task that stages, checks and applies the rows of a mapped upload. Before its one transaction commits nothing of it
 * can be seen; a second run after that finds nothing to do.
 */
export const importUpload =
  (deps: ImportDeps) =>
  async ({ orgId, uploadId, actorId }: JobPayload<"importUpload">, job: ImportJob): Promise<void> => {
    const row = await deps.db.withOrg(orgId, (tx) => claimImport(tx, uploadId));
    if (!row) return;
    await runJob(deps, { orgId, uploadId, status: "importing", job }, "reading", async (run) => {
      const organisation = await deps.db.withOrg(orgId, getFactSettings);
      const plan = planOf(understoodOf(row));
      const connection = createImportConnection({ url: deps.db.url, orgId });
      run.onStop(() => connection.cancel());
      try {
        const file = await stageFile(deps, {
          orgId,
          uploadId,
          bytes: row.bytes,
          plan,
          organisation,
          run,
          connection,
        });
        const { staged } = file;
        if (staged)
          await applyStaged(
            connection,
            { id: uploadId, actorId: actorId ?? row.createdBy },
            { ...file, staged },
            run,
          );
      } finally {
        await connection.end();
      }
    });
  };
