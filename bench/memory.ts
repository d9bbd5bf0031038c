import { readdirSync, readFileSync } from "node:fs";

/** Peaks of memory while something runs, from /proc (Linux): sums over processes, sampled together. */
export interface MemoryWatch {
  /** @returns megabytes */
  stop(): { rssPeakMb: number; postgresPeakMb: number };
}

const megabyte = 1024 ** 2;

/**
 * @param pids processes whose resident memory is added up
 * @param postmaster its backends' proportional memory is told apart: shared buffers count once
 */
export function watchMemory(pids: readonly number[], postmaster: number): MemoryWatch {
  let rss = 0;
  let postgres = 0;
  let sample = 0;
  const look = () => {
    rss = Math.max(
      rss,
      sum(pids, (pid) => kilobytes(`/proc/${pid}/status`, "VmRSS")),
    );
    // reading the maps of every backend is slow: less often
    if (sample % 20 === 0)
      postgres = Math.max(
        postgres,
        sum([postmaster, ...childrenOf(postmaster)], (pid) => kilobytes(`/proc/${pid}/smaps_rollup`, "Pss")),
      );
    sample += 1;
  };
  look();
  const timer = setInterval(look, 50);
  return {
    stop() {
      clearInterval(timer);
      look();
      return { rssPeakMb: (rss * 1024) / megabyte, postgresPeakMb: (postgres * 1024) / megabyte };
    },
  };
}

const sum = (pids: readonly number[], of: (pid: number) => number): number =>
  pids.reduce((total, pid) => total + of(pid), 0);

function kilobytes(file: string, field: string): number {
  try {
    return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(readFileSync(file, "utf8"))?.[1] ?? 0);
  } catch {
    // it ended in between
    return 0;
  }
}

function childrenOf(parent: number): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
        return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]) === parent;
      } catch {
        return false;
      }
    });
}
