import { readFileSync } from "node:fs";
import { platform } from "node:os";

/** A process that can be recognised later: numbers are used again, at once in a container that restarts. */
export interface ProcessMark {
  pid: number;
  /** When it began, in the kernel's ticks; 0 where that is unknown. */
  born: number;
}

export const markProcess = (pid: number): ProcessMark => ({ pid, born: bornAt(pid) });

/** True while this very process runs. */
export const isRunning = (mark: ProcessMark): boolean =>
  mark.pid > 0 && isAlive(mark.pid) && bornAt(mark.pid) === mark.born;

/** True when some process has the number. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** A file of /proc as text, null elsewhere than on Linux and for processes that are gone. */
export function procFile(pid: number, name: string): string | null {
  if (platform() !== "linux") return null;
  try {
    return readFileSync(`/proc/${pid}/${name}`, "utf8");
  } catch {
    return null;
  }
}

function bornAt(pid: number): number {
  const stat = procFile(pid, "stat");
  // the name in brackets may hold spaces; the start is the 20th field after it
  return stat === null ? 0 : Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]);
}
