import type { UploadPhase } from "#contracts/uploads.ts";
import { ImportCancelled } from "./failure.ts";

/** How far a job is, told about twice a second on short transactions of its own, and whether it should stop. */
export interface Progress {
  phase: UploadPhase;
  read: number;
  rejected: number;
  total: number | null;
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
  const progress: Progress = {
    phase: options.phase,
    read: 0,
    rejected: 0,
    total: null,
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
  const tell = async (): Promise<void> => {
    const { phase, read, rejected, total } = progress;
    const go = await options.report({ phase, read, rejected, total });
    if (go || cancelled) return;
    cancelled = true;
    options.onCancel();
  };
  const timer = setInterval(() => {
    if (telling) return;
    telling = true;
    tell()
      .catch(options.onError)
      .finally(() => {
        telling = false;
      });
  }, everyMs);
  return progress;
}
