import type { OrgTx } from "../database.ts";
import { enqueueJob, type JobName } from "../jobs.ts";

/** The jobs of a source: one waits of each, and they run one after the other, on whichever worker. */
export type SourceJobName = Extract<JobName, `${string}Source` | "applySourceChanges">;

/** Which run of which source. */
export interface SourceRun {
  sourceId: string;
  run: number;
}

/**
 * Enqueues in the caller's transaction; one that waits already is replaced.
 * @param options.keepsTime one that waits for a later time (the vendor asked us to) goes on waiting
 */
export const enqueueSourceJob = (
  tx: Pick<OrgTx, "orgId" | "rows">,
  name: SourceJobName,
  { sourceId, run }: SourceRun,
  options: { runAt?: Date; keepsTime?: boolean } = {},
): Promise<void> =>
  enqueueJob(
    tx,
    name,
    { orgId: tx.orgId, sourceId, run },
    {
      queue: `source:${sourceId}`,
      key: `${name}:${sourceId}`,
      ...(options.runAt ? { runAt: options.runAt } : {}),
      ...(options.keepsTime ? { keyMode: "preserve_run_at" } : {}),
    },
  );
