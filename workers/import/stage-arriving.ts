import { isDeepStrictEqual } from "node:util";
import { createImportConnection } from "#db/copy.ts";
import type { JobPayload } from "#db/jobs.ts";
import { findArriving } from "#db/queries/arriving-uploads.ts";
import { getFactSettings } from "#db/queries/import-effects.ts";
import { findChunk } from "#db/queries/upload-files.ts";
import { claimImport, claimParsing, finishParsing, saveUnderstood } from "#db/queries/upload-jobs.ts";
import { findUploadRow, type UploadRow } from "#db/queries/uploads.ts";
import { applyStaged } from "./apply.ts";
import { arrivingPieces, defaultIdleMs, GaveUp } from "./arriving-pieces.ts";
import { type ImportDeps, parserLimits } from "./deps.ts";
import { ImportCancelled } from "./failure.ts";
import { type ImportJob, type RunningJob, runJob } from "./run-job.ts";
import { type StageRequest, stageFile } from "./stage.ts";
import { type ImportPlan, planOf, settle, understand } from "./understand.ts";

/**
 * The task that reads a large file while it still arrives, on the guess that its beginning tells what it is. Until the file
 * is complete it writes nothing but its own TEMP table. Then it takes the upload over, if the guess was right; if it was
 * not, or anything went wrong, it leaves the upload to `parseUpload` and `importUpload`, which wait behind it.
 */
export const stageArriving =
  (deps: ImportDeps, { idleMs = defaultIdleMs } = {}) =>
  async ({ orgId, uploadId }: JobPayload<"stageArriving">, job: ImportJob): Promise<void> => {
    const guess = await findGuess(deps, orgId, uploadId);
    if (!guess) return;
    const { sample, plan, organisation } = guess;
    const taken = Promise.withResolvers<UploadRow>();
    const reading = unseenRun(job);
    const connection = createImportConnection({ url: deps.db.url, orgId });
    const onComplete = async () => {
      const row = await takeOver(deps, orgId, uploadId, sample, plan);
      if (!row) throw new GaveUp();
      request.bytes = row.bytes;
      taken.resolve(row);
    };
    const request: StageRequest = {
      orgId,
      uploadId,
      source: arrivingPieces({ url: deps.db.url, orgId, uploadId, signal: job.signal, idleMs, onComplete }),
      bytes: 0,
      plan,
      organisation,
      run: reading,
      connection,
    };
    try {
      const staging = stageFile(deps, request);
      const row = await Promise.race([
        taken.promise,
        staging.then(
          () => null,
          (error: unknown) => {
            if (!(error instanceof GaveUp))
              deps.log.debug({ err: error, orgId, uploadId }, "an arriving file could not be read ahead");
            return null;
          },
        ),
      ]);
      if (!row) return;
      // a failure is not the last try: importUpload is queued
      const target = { orgId, uploadId, status: "importing", job: { ...job, isLast: false } } as const;
      await runJob(deps, target, "reading", async (run) => {
        reading.progress = run.progress;
        run.found = reading.found;
        run.onStop(() => connection.cancel());
        const { layout, staged } = await staging;
        if (staged)
          await applyStaged(connection, { id: uploadId, actorId: row.createdBy }, { layout, staged }, run);
      });
    } finally {
      await connection.end();
    }
  };

/** What the beginning of the file says it is; null where that leaves anything open. */
async function findGuess(deps: ImportDeps, orgId: string, uploadId: string) {
  const arriving = await deps.db.withOrg(orgId, (tx) => findArriving(tx, uploadId));
  if (!arriving) return null;
  const sample = await deps.db.withOrg(orgId, (tx) => findChunk(tx, uploadId, 0));
  const plan = sample && findPlan(deps, { requested: arriving.requested, validUtf8: true }, sample)?.plan;
  if (!plan) return null;
  return { sample, plan, organisation: await deps.db.withOrg(orgId, getFactSettings) };
}

function findPlan(deps: ImportDeps, row: Pick<UploadRow, "requested" | "validUtf8">, sample: Buffer) {
  try {
    const reading = understand(row, sample, false, parserLimits(deps.limits));
    if (reading.values?.decided() === false || !settle(reading).ready) return null;
    return { found: reading.found, plan: planOf(reading.found) };
  } catch {
    // said by parseUpload, when the file is there
    return null;
  }
}

/** The complete upload, importing; null when it is to be read otherwise than it was, or is not waiting any more. */
async function takeOver(
  deps: ImportDeps,
  orgId: string,
  uploadId: string,
  sample: Buffer,
  plan: ImportPlan,
): Promise<UploadRow | null> {
  return deps.db.withOrg(orgId, async (tx) => {
    const row = await findUploadRow(tx, uploadId);
    if (row?.status !== "queued" || row.dryRun) return null;
    const now = findPlan(deps, row, sample);
    if (!now || !isDeepStrictEqual(now.plan, plan)) return null;
    if (!(await claimParsing(tx, uploadId)) || !(await saveUnderstood(tx, uploadId, now.found))) return null;
    await finishParsing(tx, uploadId, "importing", null);
    return claimImport(tx, uploadId);
  });
}

/** A run of which nobody is told, because nobody sees the upload yet. */
function unseenRun(job: ImportJob): RunningJob {
  return {
    job,
    progress: {
      phase: "reading",
      read: 0,
      rejected: 0,
      total: null,
      enter() {},
      check() {
        if (job.signal.aborted) throw new ImportCancelled();
      },
      stopped: false,
      stop() {},
      end() {},
    },
    found: { counts: { read: 0, rejected: 0 }, errors: [] },
    onStop() {},
  };
}
