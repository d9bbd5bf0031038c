import { keepFilter } from "#db/queries/keep-filter.ts";
import type { Task, WorkerDeps } from "../task.ts";
import { addUp } from "./add-up.ts";

/** The sums of a filter that people ask for. Running twice does nothing twice. */
export const createKeepFilter =
  ({ db }: Pick<WorkerDeps, "db">): Task<"keepFilter"> =>
  async ({ orgId, id }, job) => {
    await addUp(db, orgId, job, (tx, options) => keepFilter(tx, id, options));
    job.log.info({ filter: id }, "the sums of a filter are kept");
  };
