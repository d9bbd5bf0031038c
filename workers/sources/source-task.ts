import { holdSource } from "#db/queries/source-sync.ts";
import { isAppError } from "#root/errors.ts";
import { isLeaseLost, isPassing } from "../passing.ts";
import type { Task, WorkerDeps } from "../task.ts";
import { faultOf, settleFault } from "./faults.ts";
import { openSync, type Sync, SyncStopped } from "./sync.ts";

/** The jobs that talk to a vendor. */
export type SyncJobName =
  | "backfillSource"
  | "applySourceChanges"
  | "pollSource"
  | "reconcileSource"
  | "deriveSource";

/**
 * A job of a source. What goes wrong at the vendor is told on the source and tried again later, each time a little later, for as
 * long as it takes; or not, where nothing but another key helps. What goes wrong with the database is thrown to the queue.
 */
export const sourceTask =
  <Name extends SyncJobName>(name: Name, work: (sync: Sync) => Promise<void>) =>
  (deps: WorkerDeps): Task<Name> =>
  async (payload, job) => {
    try {
      const sync = await openSync(deps, payload, job);
      if (sync) await work(sync);
    } catch (error) {
      if (error instanceof SyncStopped) return;
      if (job.signal.aborted || isLeaseLost(error) || isPassing(error)) throw error;
      // the organisation was deleted meanwhile
      if (isAppError(error) && error.code === "NOT_FOUND") return;
      const fault = faultOf(error);
      if (fault.isBug) job.log.error({ err: error }, "a sync failed");
      else job.log.warn({ code: fault.code, reason: fault.message }, "a sync did not get on");
      await deps.db.withOrg(payload.orgId, async (tx) => {
        await job.requireLease(tx);
        if (await holdSource(tx, payload.sourceId, payload.run))
          await settleFault(tx, name, { id: payload.sourceId, run: payload.run }, fault);
      });
    }
  };
