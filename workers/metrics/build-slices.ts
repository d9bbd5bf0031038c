import { buildMissingSlices } from "#db/queries/refresh.ts";
import { isAppError } from "#root/errors.ts";
import type { Task, WorkerDeps } from "../task.ts";

/** Every movement of a large organisation in a few statements: longer than a request may take. */
const statementMs = 15 * 60_000;

/**
 * The slices of an organisation too large to make them along with its ledger. At first whoever changes facts meanwhile need not wait.
 * Where that made it void, changes may come faster than slices are built: the second time they wait. Running twice does nothing twice.
 */
export const createBuildSlices =
  ({ db }: Pick<WorkerDeps, "db">): Task<"buildSlices"> =>
  async ({ orgId }, job) => {
    const build = (holding: boolean) =>
      db.withOrg(
        orgId,
        async (tx) => {
          await job.requireLease(tx);
          await buildMissingSlices(tx, { holding });
        },
        { statementMs },
      );
    try {
      await build(false);
    } catch (error) {
      if (!(isAppError(error) && error.code === "CONFLICT")) throw error;
      job.log.info("facts changed meanwhile: slices are built again, and changes wait");
      await build(true);
    }
    job.log.info("slices built");
  };
