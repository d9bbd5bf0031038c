import { buildMissingSlices } from "#db/queries/refresh.ts";
import type { Task, WorkerDeps } from "../task.ts";
import { addUp } from "./add-up.ts";

/** The slices of an organisation too large to make them along with its ledger. Running twice does nothing twice. */
export const createBuildSlices =
  ({ db }: Pick<WorkerDeps, "db">): Task<"buildSlices"> =>
  async ({ orgId }, job) => {
    await addUp(db, orgId, job, buildMissingSlices);
    job.log.info("slices built");
  };
