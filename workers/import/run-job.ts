import type { UploadErrorItem, UploadPhase } from "#contracts/uploads.ts";
import { MalformedCsv } from "#db/csv/records.ts";
import { type Counts, failUpload, reportProgress } from "#db/queries/upload-jobs.ts";
import { isLeaseLost, isPassing } from "../passing.ts";
import type { JobRun } from "../task.ts";
import type { ImportDeps } from "./deps.ts";
import { ImportCancelled, ImportFailure } from "./failure.ts";
import { type Progress, startProgress } from "./progress.ts";

/** What reading a file and importing it have in common: progress, cancelling, and how they end when they cannot. */

export interface RunningJob {
  job: ImportJob;
  progress: Progress;
  /** Filled as the file is read, so that a failed upload can show how far it came. */
  found: { counts: Counts; errors: UploadErrorItem[] };
  /** Runs when somebody cancels, or the process wants to end. */
  onStop(stop: () => void): void;
}

/** What an import needs to know of the queue's run of it. */
export type ImportJob = Pick<JobRun, "isLast" | "signal" | "requireLease">;

export interface Target {
  orgId: string;
  uploadId: string;
  status: "parsing" | "importing";
  job: ImportJob;
}

/**
 * Runs `body`. A file that cannot be imported ends as `failed`, a bug too (and is logged); a lost database connection is
 * thrown on, so that the queue tries again while it has tries left.
 */
export async function runJob(
  deps: ImportDeps,
  { orgId, uploadId, status, job }: Target,
  phase: UploadPhase,
  body: (run: RunningJob) => Promise<void>,
): Promise<void> {
  const log = deps.log.child({ orgId, uploadId });
  let stop = () => {};
  const progress = startProgress({
    phase,
    report: (state) => deps.db.withOrg(orgId, (tx) => reportProgress(tx, uploadId, status, state)),
    onStop: () => stop(),
    onError: (error) => log.warn({ err: error }, "progress could not be told"),
  });
  const run: RunningJob = {
    job,
    progress,
    found: { counts: { read: 0, rejected: 0 }, errors: [] },
    onStop(given) {
      stop = given;
    },
  };
  job.signal.addEventListener("abort", progress.stop);
  try {
    await body(run);
  } catch (error) {
    // the process ends and the queue runs this again, or another run of it goes on already: not this one's to end
    if (job.signal.aborted || isLeaseLost(error)) throw error;
    if (error instanceof ImportCancelled || progress.stopped) return;
    if (isPassing(error) && !job.isLast) throw error;
    const failure = failureOf(error);
    if (!(error instanceof ImportFailure)) log.error({ err: error }, "import failed");
    await deps.db.withOrg(orgId, (tx) => failUpload(tx, uploadId, failure, run.found));
  } finally {
    progress.end();
    job.signal.removeEventListener("abort", progress.stop);
  }
}

function failureOf(error: unknown): { code: string; message: string; line: number | null } {
  if (error instanceof ImportFailure) return { code: error.code, message: error.message, line: error.line };
  if (error instanceof MalformedCsv)
    return { code: "malformed_quotes", message: error.message, line: error.line };
  return {
    code: "internal",
    message: "Something went wrong on our side; nothing was imported. It has been logged.",
    line: null,
  };
}
