import { foldSums } from "#db/queries/fold-sums.ts";
import type { Task, WorkerDeps } from "../task.ts";

/**
 * What refreshes left pending, into the sums of slices. Of two at once the second finds nothing: it needs no lease, for which the next
 * refresh, asking for this job again, would wait.
 */
export const createFoldSums =
  ({ db }: Pick<WorkerDeps, "db">): Task<"foldSums"> =>
  async ({ orgId }) => {
    await db.withOrg(orgId, foldSums);
  };
