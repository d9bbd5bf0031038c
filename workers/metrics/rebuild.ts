import { redateFacts } from "#db/queries/redate.ts";
import { refreshCustomers } from "#db/queries/refresh.ts";
import type { Task, WorkerDeps } from "../task.ts";

/** A large organisation's whole ledger in one statement: longer than a request may take. */
const statementMs = 15 * 60_000;

/** Derives the organisation's ledger and rollups afresh, its facts moved to a new time zone first. */
export const createRebuildMetrics =
  ({ db }: WorkerDeps): Task<"rebuildMetrics"> =>
  async ({ orgId, cause, actorId }, job) => {
    const { restated } = await db.withOrg(
      orgId,
      async (tx) => {
        await job.requireLease(tx);
        await redateFacts(tx);
        return refreshCustomers(tx, { touched: "all", cause, actorId });
      },
      { statementMs },
    );
    job.log.info({ cause, restatedMonths: restated.length }, "metrics rebuilt");
  };
