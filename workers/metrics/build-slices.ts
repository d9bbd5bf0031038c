import { enqueueSlices } from "#db/queries/put-ledger.ts";
import { buildMissingSlices } from "#db/queries/refresh.ts";
import { isAppError } from "#root/errors.ts";
import type { Task, WorkerDeps } from "../task.ts";

/** Every movement of a large organisation in a few statements: longer than a request may take. */
const statementMs = 15 * 60_000;

/** The slices of an organisation too large to make them along with its ledger. Running twice does nothing twice. */
export const createBuildSlices =
  ({ db }: WorkerDeps): Task<"buildSlices"> =>
  async ({ orgId }, job) => {
    try {
      await db.withOrg(
        orgId,
        async (tx) => {
          await job.requireLease(tx);
          await buildMissingSlices(tx);
        },
        { statementMs },
      );
      job.log.info("slices built");
    } catch (error) {
      if (!(isAppError(error) && error.code === "CONFLICT")) throw error;
      job.log.info("facts changed meanwhile: slices are built again");
      await db.withOrg(orgId, enqueueSlices);
    }
  };
