import { seedDashboards } from "#db/queries/dashboard-projections.ts";
import type { Task, WorkerDeps } from "../task.ts";

/** Documents for dashboards that were made before there were documents. Running twice does nothing twice. */
export const createSeedDashboards =
  ({ db }: WorkerDeps): Task<"seedDashboards"> =>
  ({ orgId }) =>
    db.withOrg(orgId, seedDashboards);
