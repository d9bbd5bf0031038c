import { applyCompaction, prepareCompaction } from "#db/queries/collab-compact.ts";
import type { Task, WorkerDeps } from "../task.ts";

/** Runs twice without harm: the second finds nothing to do. */
export const createCompactDocument =
  ({ db }: WorkerDeps): Task<"compactDocument"> =>
  async ({ orgId, docId }) => {
    const made = await db.withOrg(orgId, (tx) => prepareCompaction(tx, docId), { readOnly: true });
    if (made) await db.withOrg(orgId, (tx) => applyCompaction(tx, made));
  };
