import { EventEmitter } from "node:events";
import {
  Logger as GraphileLogger,
  type Runner,
  run,
  type WorkerEvents,
  type WorkerPool,
} from "graphile-worker";
import { type JobName, type JobPayload, jobCatalogue, steadyJobs } from "#db/jobs.ts";
import { requireLease } from "#db/lease.ts";
import type { Queue } from "#db/queue.ts";
import type { Logger } from "#root/log.ts";
import type { Task } from "./task.ts";

/** A handler for every job; one that is missing does not compile. */
export type TaskList = { [Name in JobName]: Task<Name> };

export interface RunningWorkers {
  /** Takes no more jobs, lets the running ones end (they are told to after `graceMs`), then closes. */
  stop(): Promise<void>;
}

const beatMs = 10_000;
const sweepMs = 15_000;
/** Longer than a short loss of the network, and short enough that a killed worker's job runs again within two minutes. */
const silentSeconds = 60;
const restartMs = 1_000;
const nudgeAfterMs = [10, 100];

/**
 * Runs jobs until `stop`. A job of a process that was killed is freed after a minute; graphile-worker by itself would
 * wait four hours.
 * @param options.freeAllAtStart no other worker can be alive (our own cluster has just started): free every job now
 */
export async function startRunner(options: {
  queue: Queue;
  tasks: TaskList;
  log: Logger;
  concurrency?: number;
  graceMs?: number;
  freeAllAtStart?: boolean;
  /** Hears whose job has run: what it wrote on connections of its own is told by nobody else. */
  onRun?: (orgId: string) => void;
}): Promise<RunningWorkers> {
  const { queue, log } = options;
  let stopping = false;
  let runner: Runner | null = null;
  let poolId: string | null = null;
  let pause: NodeJS.Timeout | null = null;

  const sweep = async (seconds: number) => {
    try {
      const dead = await queue.sweep(seconds);
      if (dead.length > 0) log.warn({ pools: dead }, "freed the jobs of workers that died");
    } catch (error) {
      log.warn({ err: error }, "the sweep for dead workers failed and will be repeated");
    }
  };

  async function begin(): Promise<void> {
    const events: WorkerEvents = new EventEmitter();
    events.on("pool:create", ({ workerPool }) => {
      poolId = workerPool.id;
      // a job's queue is free only a moment after its worker has looked for the next: look once more, rather than at the
      // next poll
      events.on("job:complete", ({ job }) => {
        if (job.job_queue_id !== null)
          for (const ms of nudgeAfterMs) setTimeout(() => nudge(workerPool), ms).unref();
      });
    });
    const started = await run({
      pgPool: queue.pool,
      taskList: graphileTasks({ ...options, onRun: options.onRun ?? (() => {}) }),
      concurrency: options.concurrency ?? 4,
      events,
      noHandleSignals: true,
      gracefulShutdownAbortTimeout: options.graceMs ?? 5_000,
      // completed one at a time, a failure to say so would be nobody's; in batches (of what is there) it ends the runner
      preset: { worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
      logger: new GraphileLogger(() => () => {}),
    });
    runner = started;
    if (poolId) await queue.beat(poolId);
    // it ends by itself when it could not write down how a job ended, as when Postgres restarts
    void started.promise
      .catch((error: unknown) => log.warn({ err: error }, "the job runner stopped and will be started again"))
      .then(() => (stopping || runner !== started ? undefined : again()));
  }

  async function again(): Promise<void> {
    let ended = poolId;
    runner = null;
    poolId = null;
    while (!stopping && !runner) {
      await new Promise<void>((done) => {
        pause = setTimeout(done, restartMs);
      });
      if (stopping) return;
      try {
        // none of its jobs runs any more: what it could not write down is free
        if (ended) await queue.release(ended);
        ended = null;
        await begin();
      } catch (error) {
        log.warn({ err: error }, "no job runner yet");
      }
    }
  }

  await sweep(options.freeAllAtStart ? 0 : silentSeconds);
  await begin();
  const beats = setInterval(() => void (poolId && queue.beat(poolId)), beatMs);
  const sweeps = setInterval(() => void sweep(silentSeconds), sweepMs);

  return {
    async stop() {
      stopping = true;
      clearInterval(beats);
      clearInterval(sweeps);
      if (pause) clearTimeout(pause);
      await runner?.stop().catch((error) => log.warn({ err: error }, "the job runner did not stop cleanly"));
      if (poolId) await queue.fallSilent(poolId);
    },
  };
}

function nudge(pool: WorkerPool): void {
  try {
    pool.nudge(1);
  } catch {
    // its workers have ended meanwhile
  }
}

/** Checks every payload against the catalogue before its handler sees it, and logs how it went. */
function graphileTasks(running: Running): Record<string, GraphileTask> {
  const names = Object.keys(running.tasks) as JobName[];
  return Object.fromEntries(names.map((name) => [name, graphileTask(name, running)]));
}

interface Running {
  queue: Queue;
  tasks: TaskList;
  log: Logger;
  onRun: (orgId: string) => void;
}

type GraphileTask = (payload: unknown, helpers: GraphileHelpers) => Promise<void>;

interface GraphileHelpers {
  job: { id: string; attempts: number; max_attempts: number };
  abortSignal: AbortSignal;
}

function graphileTask<Name extends JobName>(name: Name, { queue, tasks, log, onRun }: Running): GraphileTask {
  const task: Task<Name> = tasks[name];
  return async (payload, { job, abortSignal }) => {
    const jobLog = log.child({ job: name, jobId: job.id, attempt: job.attempts });
    const began = performance.now();
    try {
      const checked = jobCatalogue[name].parse(payload) as JobPayload<Name>;
      if (steadyJobs.has(name) && !(await queue.keepOn(job.id, job.attempts))) return;
      await task(checked, {
        id: job.id,
        attempt: job.attempts,
        isLast: job.attempts >= job.max_attempts,
        signal: abortSignal,
        log: jobLog,
        requireLease: (tx) => requireLease(tx, job.id, job.attempts),
      });
      onRun(checked.orgId);
      jobLog.info({ ms: Math.round(performance.now() - began) }, "job done");
    } catch (error) {
      jobLog.error({ err: error, ms: Math.round(performance.now() - began) }, "job failed");
      throw error;
    }
  };
}
