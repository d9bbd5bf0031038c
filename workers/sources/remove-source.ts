import { sql } from "#db/database.ts";
import { refreshCustomers } from "#db/queries/refresh.ts";
import { removeSourceFacts } from "#db/queries/source-facts.ts";
import { clearSource, isToBeRemoved, removeSourceRows } from "#db/queries/source-removal.ts";
import type { Task, WorkerDeps } from "../task.ts";

const statementMs = 15 * 60_000;

/**
 * Takes a disconnected source away: its facts and numbers in one transaction, which tells what moved, then what it said. Running
 * twice finds nothing to do.
 */
export const createRemoveSource =
  ({ db }: WorkerDeps): Task<"removeSource"> =>
  async ({ orgId, sourceId }, job) => {
    const run = <T>(fn: Parameters<typeof db.withOrg<T | null>>[1]) =>
      db.withOrg<T | null>(
        orgId,
        async (tx) => {
          await job.requireLease(tx);
          return (await isToBeRemoved(tx, sourceId)) ? fn(tx) : null;
        },
        { statementMs },
      );
    await run(async (tx) => {
      const touched = await removeSourceFacts(tx, sourceId);
      if (touched.length === 0) return;
      const named = sql`(SELECT jsonb_array_elements_text(${JSON.stringify(touched)}::jsonb)::bigint AS customer_id)`;
      await refreshCustomers(tx, { touched: named, cause: "disconnect", sourceId });
    });
    while (await run((tx) => removeSourceRows(tx, sourceId)))
      if (job.signal.aborted) job.signal.throwIfAborted();
    await run((tx) => clearSource(tx, sourceId));
  };
