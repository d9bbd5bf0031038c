import type { Bus } from "#db/bus.ts";
import { createDatabase } from "#db/database.ts";
import { createKeySource } from "#db/key-ring.ts";
import { createQueue } from "#db/queue.ts";
import { createSecrets } from "#db/secrets.ts";
import type { Env } from "#root/env.ts";
import { createLogger } from "#root/log.ts";
import { type RunningWorkers, startRunner } from "./runner.ts";
import { createTasks } from "./tasks.ts";

/**
 * Runs background jobs in this process until `stop`.
 * @param options.freeAllAtStart no other worker can be alive: its cluster has just been started by us
 */
export async function startWorkers(options: {
  env: Env;
  databaseUrl: string;
  /** Without one what jobs do is noticed late by other processes. */
  bus?: Bus;
  freeAllAtStart?: boolean;
}): Promise<RunningWorkers> {
  const log = createLogger("worker");
  const onError = ({ message }: Error) => log.warn({ reason: message }, "a database connection broke");
  const db = createDatabase({
    url: options.databaseUrl,
    role: "jarvis_worker",
    onError,
    ...(options.bus ? { bus: options.bus } : {}),
  });
  const queue = createQueue({ url: options.env.DATABASE_QUEUE_URL ?? options.databaseUrl, onError });
  const runner = await startRunner({
    queue,
    log,
    onRun: (orgId) => db.bus.publish("feed", { orgId }),
    tasks: createTasks({ db, env: options.env, log, secrets: createSecrets(createKeySource(options.env)) }),
    ...(options.freeAllAtStart ? { freeAllAtStart: true } : {}),
  });
  return {
    async stop() {
      await runner.stop();
      await Promise.all([queue.close(), db.close()]);
    },
  };
}
