import type { UploadPhase } from "#contracts/uploads.ts";
import { ImportCancelled } from "./failure.ts";

/** How far a job is, told about twice a second on short transactions of its own, and whether it should stop. */
export interface Progress {
  readonly phase: UploadPhase;
  read: number;
  rejected: number;
  total: number | null;
  /** Begins a phase, and tells so at once. */
  enter(phase: UploadPhase): void;
  /** Throws ImportCancelled once the job should stop. */
  check(): void;
  readonly stopped: boolean;
  /** The job should stop: somebody cancelled, or the process ends. */
  stop(this: void): void;
  /** Tells no more. */
  end(): void;
}

const everyMs = 500;

/**
 * @param report answers false when the job should stop
 * @param onStop runs once, when it should
 */
export function startProgress(options: {
  phase: UploadPhase;
  report: (state: Pick<Progress, "phase" | "read" | "rejected" | "total">) => Promise<boolean>;
  onStop: () => void;
  onError: (error: unknown) => void;
}): Progress {
  let telling = false;
  let stopped = false;
  let phase = options.phase;
  const progress: Progress = {
    get phase() {
      return phase;
    },
    read: 0,
    rejected: 0,
    total: null,
    enter(next) {
      this.check();
      phase = next;
      tell();
    },
    get stopped() {
      return stopped;
    },
    check() {
      if (stopped) throw new ImportCancelled();
    },
    stop() {
      if (stopped) return;
      stopped = true;
      options.onStop();
    },
    end() {
      clearInterval(timer);
    },
  };
  async function report(): Promise<void> {
    const { read, rejected, total } = progress;
    if (!(await options.report({ phase, read, rejected, total }))) progress.stop();
  }
  function tell(): void {
    if (telling) return;
    telling = true;
    const told = phase;
    report()
      .catch(options.onError)
      .finally(() => {
        telling = false;
        if (told !== phase && !stopped) tell();
      });
  }
  const timer = setInterval(tell, everyMs);
  return progress;
}
