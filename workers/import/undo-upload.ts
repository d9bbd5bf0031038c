import type { JobPayload } from "#db/jobs.ts";
import { lockFacts, refreshAfter } from "#db/queries/import-effects.ts";
import { findUndoable, removeFacts } from "#db/queries/import-undo.ts";
import type { ImportDeps } from "./deps.ts";
import type { ImportJob } from "./run-job.ts";

/** An undo may take as long as the import did. */
const statementMs = 15 * 60_000;

/** The task that takes a finished import back, in one transaction. A second run finds nothing to do. */
export const undoUpload =
  (deps: ImportDeps) =>
  async (
    { orgId, uploadId, actorId }: JobPayload<"undoUpload">,
    job: Pick<ImportJob, "requireLease">,
  ): Promise<void> => {
    await deps.db.withOrg(
      orgId,
      async (tx) => {
        await job.requireLease(tx);
        await lockFacts(tx);
        const upload = await findUndoable(tx, uploadId);
        if (!upload) return;
        const rows = await removeFacts(tx, upload);
        await refreshAfter(tx, upload.kind, { cause: "undo", uploadId, actorId: actorId ?? null, rows });
      },
      { statementMs },
    );
  };
