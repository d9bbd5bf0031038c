import type { Database } from "#db/database.ts";
import type { JobName, JobPayload } from "#db/jobs.ts";
import type { LedgerTx } from "#db/queries/ledger.ts";
import type { Secrets } from "#db/secrets.ts";
import type { Env } from "#root/env.ts";
import type { Logger } from "#root/log.ts";

/** What tasks are made from: `createX = (deps: WorkerDeps): Task<"x"> => async (payload, job) => …`. */
export interface WorkerDeps {
  /** Role jarvis_worker. */
  db: Database;
  env: Env;
  log: Logger;
  secrets: Secrets;
}

/** The run of a job that a task is inside. A job may run twice; `attempt` tells the runs apart. */
export interface JobRun {
  readonly id: string;
  /** 1 for the first run. */
  readonly attempt: number;
  /** No further run follows a failure of this one: say so to whoever waits. */
  readonly isLast: boolean;
  /** Aborts a few seconds after a shutdown began: stop at the next safe point and throw. */
  readonly signal: AbortSignal;
  readonly log: Logger;
  /**
   * The fence: call it in the transaction of an effect. Throws when this run was taken for dead and another has begun,
   * and else keeps others from taking over until the transaction ends.
   */
  requireLease(tx: LedgerTx): Promise<void>;
}

/** Handles one job. Throwing makes it run again later, until its attempts are used up. */
export type Task<Name extends JobName> = (payload: JobPayload<Name>, job: JobRun) => Promise<void>;
