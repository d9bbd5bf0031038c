import { createQueue } from "#db/queue.ts";
import { startWorkers } from "#workers/start-workers.ts";
import type { CommandContext } from "./command.ts";

/** Runs `work` while background jobs are done: by the workers that there are, or else by this process. */
export async function withWorkers<T>(context: CommandContext, work: () => Promise<T>): Promise<T> {
  const queue = createQueue({ url: context.env.DATABASE_QUEUE_URL ?? context.databaseUrl, max: 1 });
  const others = !context.isOurs && (await queue.hasWorkers());
  await queue.close();
  if (others) return work();
  const workers = await startWorkers({
    env: context.env,
    databaseUrl: context.databaseUrl,
    freeAllAtStart: context.isOurs,
  });
  try {
    return await work();
  } finally {
    await workers.stop();
  }
}
