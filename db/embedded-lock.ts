import { execFileSync } from "node:child_process";
import { readFile, rm, writeFile } from "node:fs/promises";
import { platform } from "node:os";
import { join } from "node:path";
import { isAlive, isRunning, markProcess, procFile } from "./processes.ts";

/** Another process of this product already runs the cluster in this folder. */
export class ClusterInUse extends Error {
  constructor(
    readonly dir: string,
    /** The process that started it; null when that is not known. */
    readonly ownerPid: number | null,
  ) {
    super(`The database in ${dir} is in use${ownerPid ? ` by process ${ownerPid}` : ""}.`);
  }
}

const stopWithinMs = 20_000;

/**
 * Makes the folder free for a start: removes a crash's postmaster.pid, and ends a Postgres whose owner was killed.
 * @throws ClusterInUse when its owner lives
 */
export async function takeOver(dir: string): Promise<void> {
  const file = join(dir, "postmaster.pid");
  const text = await readFile(file, "utf8").catch(() => null);
  if (text === null) return;
  const pid = Number(text.split("\n")[0]);
  if (isPostgresOf(pid, dir)) {
    const owner = await findOwner(dir);
    if (owner !== null) throw new ClusterInUse(dir, owner);
    await end(pid, dir);
  }
  await rm(file, { force: true });
}

/** Notes that this process is the one whose cluster it is. */
export async function claim(dir: string): Promise<void> {
  const { pid, born } = markProcess(process.pid);
  await writeFile(ownerFile(dir), `${pid} ${born}`);
}

const ownerFile = (dir: string) => `${dir}.owner`;

async function findOwner(dir: string): Promise<number | null> {
  const text = await readFile(ownerFile(dir), "utf8").catch(() => "");
  const [pid = 0, born = 0] = text.split(" ").map(Number);
  return isRunning({ pid, born }) ? pid : null;
}

/** Process numbers are used again after a restart of the machine: only a postgres of this very folder counts. */
function isPostgresOf(pid: number, dir: string): boolean {
  if (!(pid > 0) || !isAlive(pid)) return false;
  const command = platform() === "linux" ? procFile(pid, "cmdline") : listedCommand(pid);
  return command?.includes("postgres") === true && command.includes(dir);
}

function listedCommand(pid: number): string | null {
  try {
    return execFileSync("ps", ["-ww", "-o", "args=", "-p", String(pid)], { encoding: "utf8" });
  } catch {
    return null;
  }
}

async function end(pid: number, dir: string): Promise<void> {
  const deadline = Date.now() + stopWithinMs;
  try {
    process.kill(pid, "SIGINT");
    while (isPostgresOf(pid, dir)) {
      if (Date.now() > deadline) throw new ClusterInUse(dir, null);
      await new Promise((done) => setTimeout(done, 50));
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EPERM") throw new ClusterInUse(dir, null);
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
