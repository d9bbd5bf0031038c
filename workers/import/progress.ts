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
  /** Throws ImportCancelled once somebody cancelled. */
  check(): void;
  readonly cancelled: boolean;
  /** Tells the last state no more. */
  stop(): void;
}

const everyMs = 500;

/**
 * @param report answers false when the job should stop
 * @param onCancel runs once, when it should
 */
export function startProgress(options: {
  phase: UploadPhase;
  report: (state: Pick<Progress, "phase" | "read" | "rejected" | "total">) => Promise<boolean>;
  onCancel: () => void;
  onError: (error: unknown) => void;
}): Progress {
  let telling = false;
  let cancelled = false;
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
    get cancelled() {
      return cancelled;
    },
    check() {
      if (cancelled) throw new ImportCancelled();
    },
    stop() {
      clearInterval(timer);
    },
  };
  async function report(): Promise<void> {
    const { read, rejected, total } = progress;
    const go = await options.report({ phase, read, rejected, total });
    if (go || cancelled) return;
    cancelled = true;
    options.onCancel();
  }
  function tell(): void {
    if (telling) return;
    telling = true;
    const told = phase;
    report()
      .catch(options.onError)
      .finally(() => {
        telling = false;
        if (told !== phase && !cancelled) tell();
      });
  }
  const timer = setInterval(tell, everyMs);
  return progress;
}
