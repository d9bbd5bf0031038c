import { settleLedger } from "#db/queries/settle.ts";
import type { Task, WorkerDeps } from "../task.ts";

/** Where many leave at once everything is made afresh: longer than a request may take. */
const statementMs = 15 * 60_000;

/** On the day on which a grace runs out. */
export const createSettleLedger =
  ({ db }: WorkerDeps): Task<"settleLedger"> =>
  async ({ orgId }, job) => {
    const settled = await db.withOrg(
      orgId,
      async (tx) => {
        await job.requireLease(tx);
        return settleLedger(tx);
      },
      { statementMs },
    );
    job.log.info({ restatedMonths: settled?.restated.length ?? 0 }, "graces settled");
  };
