import type { UploadErrorItem, UploadPhase } from "#contracts/uploads.ts";
import { MalformedCsv } from "#db/csv/records.ts";
import { type Counts, failUpload, reportProgress } from "#db/queries/upload-jobs.ts";
import { isAppError } from "#root/errors.ts";
import type { ImportDeps } from "./deps.ts";
import { ImportCancelled, ImportFailure } from "./failure.ts";
import { type Progress, startProgress } from "./progress.ts";

/** What reading a file and importing it have in common: progress, cancelling, and how they end when they cannot. */

export interface JobRun {
  progress: Progress;
  /** Filled as the file is read, so that a failed upload can show how far it came. */
  found: { counts: Counts; errors: UploadErrorItem[] };
  /** Runs when somebody cancels. */
  onCancel(stop: () => void): void;
}

export interface Job {
  orgId: string;
  uploadId: string;
  status: "parsing" | "importing";
}

/**
 * Runs `body`. A file that cannot be imported ends as `failed`, a bug too (and is logged); a lost database connection is
 * thrown on, so that the queue tries again.
 */
export async function runJob(
  deps: ImportDeps,
  { orgId, uploadId, status }: Job,
  phase: UploadPhase,
  body: (run: JobRun) => Promise<void>,
): Promise<void> {
  const log = deps.log.child({ orgId, uploadId });
  let stop = () => {};
  const progress = startProgress({
    phase,
    report: (state) => deps.db.withOrg(orgId, (tx) => reportProgress(tx, uploadId, status, state)),
    onCancel: () => stop(),
    onError: (error) => log.warn({ err: error }, "progress could not be told"),
  });
  const run: JobRun = {
    progress,
    found: { counts: { read: 0, rejected: 0 }, errors: [] },
    onCancel(given) {
      stop = given;
    },
  };
  try {
    await body(run);
  } catch (error) {
    if (error instanceof ImportCancelled || progress.cancelled) return;
    if (isPassing(error)) throw error;
    const failure = failureOf(error);
    if (!(error instanceof ImportFailure)) log.error({ err: error }, "import failed");
    await deps.db.withOrg(orgId, (tx) => failUpload(tx, uploadId, failure, run.found));
  } finally {
    progress.stop();
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

/** Connections break, locks time out, servers restart: another try may work. */
function isPassing(error: unknown): boolean {
  if (isAppError(error)) return error.code === "UNAVAILABLE";
  const code = errorCode(error) ?? (error instanceof Error ? errorCode(error.cause) : null);
  return (
    code !== null && /^(08...|40...|53...|55P03|57P0.|CONNECTION_.*|ECONN.*|EPIPE|ETIMEDOUT)$/.test(code)
  );
}

const errorCode = (error: unknown): string | null =>
  typeof error === "object" && error !== null && "code" in error && typeof error.code === "string"
    ? error.code
    : null;
