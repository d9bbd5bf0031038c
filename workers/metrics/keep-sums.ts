import { keepSums } from "#db/queries/keep-sums.ts";
import type { Task, WorkerDeps } from "../task.ts";
import { addUp } from "./add-up.ts";

/** Sums that are kept because people ask for them. Running twice does nothing twice. */
export const createKeepSums =
  ({ db }: Pick<WorkerDeps, "db">): Task<"keepSums"> =>
  async ({ orgId, id }, job) => {
    await addUp(db, orgId, job, (tx, options) => keepSums(tx, id, options));
    job.log.info({ id }, "sums that were asked for are kept");
  };
