import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { isRunning } from "./processes.ts";

/** What a running product leaves in its data folder, for the CLI and for roles that run apart on this machine. */
const schema = z.object({
  /** The process that runs it. */
  process: z.object({ pid: z.number().int(), born: z.number() }),
  /** Where the pages are; null when only the database runs (a CLI command started it). */
  url: z.string().nullable(),
  databaseUrl: z.string(),
  startedAt: z.string(),
});
export type RunningProduct = z.infer<typeof schema>;

const fileOf = (dataDir: string) => join(dataDir, "run.json");

/** Readable by its owner only: the database's address carries a password. */
export async function writeRunning(dataDir: string, running: RunningProduct): Promise<void> {
  const file = fileOf(dataDir);
  await writeFile(`${file}.${running.process.pid}`, JSON.stringify(running, null, 2), { mode: 0o600 });
  await rename(`${file}.${running.process.pid}`, file);
}

/** @returns null when nothing runs on this data folder, a crash's left-over included */
export async function findRunning(dataDir: string): Promise<RunningProduct | null> {
  const text = await readFile(fileOf(dataDir), "utf8").catch(() => null);
  if (text === null) return null;
  const parsed = schema.safeParse(parseJson(text));
  return parsed.success && isRunning(parsed.data.process) ? parsed.data : null;
}

export async function removeRunning(dataDir: string): Promise<void> {
  await rm(fileOf(dataDir), { force: true });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
