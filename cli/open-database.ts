import { join, resolve } from "node:path";
import { ensureDatabase, startCluster } from "#db/embedded.ts";
import { markProcess } from "#db/processes.ts";
import { findRunning, removeRunning, writeRunning } from "#db/running.ts";
import type { Env } from "#root/env.ts";

/** A database to work with, however it came about. */
export interface OpenDatabase {
  url: string;
  /** Our own cluster has just been started: nobody else can be using it yet. */
  isOurs: boolean;
  /** Where the data is; null for DATABASE_URL. */
  dir: string | null;
  close(): Promise<void>;
  /** Resolves when our own cluster ends without being asked to. Never, for others' databases. */
  lost: Promise<void>;
}

export const databaseName = "jarvis360";

/**
 * DATABASE_URL where it is set; else the embedded cluster of DATA_DIR: the one that a running product has, or our own.
 * @throws ClusterInUse when another process is just starting or stopping it
 */
export async function openDatabase(
  env: Env,
  options: { onMove?: (from: string, to: string) => void; settings?: Record<string, string> } = {},
): Promise<OpenDatabase> {
  const never = new Promise<void>(() => {});
  const borrowed = { isOurs: false, dir: null, close: async () => {}, lost: never };
  if (env.DATABASE_URL) return { ...borrowed, url: env.DATABASE_URL };
  const running = await findRunning(env.DATA_DIR);
  if (running) return { ...borrowed, url: running.databaseUrl };

  const cluster = await startCluster({ dir: join(resolve(env.DATA_DIR), "postgres"), ...options });
  let closing = false;
  try {
    const url = await ensureDatabase(cluster, databaseName);
    await writeRunning(env.DATA_DIR, {
      process: markProcess(process.pid),
      url: null,
      databaseUrl: url,
      startedAt: new Date().toISOString(),
    });
    return {
      url,
      isOurs: true,
      dir: cluster.dir,
      lost: new Promise((done) => cluster.process.once("exit", () => closing || done())),
      async close() {
        closing = true;
        await removeRunning(env.DATA_DIR);
        await cluster.stop();
      },
    };
  } catch (error) {
    closing = true;
    await cluster.stop();
    throw error;
  }
}
