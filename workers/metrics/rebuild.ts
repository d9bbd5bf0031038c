import { rebuildMetrics } from "#db/queries/rebuild.ts";
import type { Task, WorkerDeps } from "../task.ts";

/** A large organisation's whole ledger in one statement: longer than a request may take. */
const statementMs = 15 * 60_000;

/** The rebuild of an organisation too large for a request. */
export const createRebuildMetrics =
  ({ db }: WorkerDeps): Task<"rebuildMetrics"> =>
  async ({ orgId, cause, actorId }, job) => {
    const { restated } = await db.withOrg(
      orgId,
      async (tx) => {
        await job.requireLease(tx);
        return rebuildMetrics(tx, { cause, actorId });
      },
      { statementMs },
    );
    job.log.info({ cause, restatedMonths: restated.length }, "metrics rebuilt");
  };
