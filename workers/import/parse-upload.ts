import { cellText, type RecordView } from "#db/csv/records.ts";
import type { JobPayload } from "#db/jobs.ts";
import { getFactSettings } from "#db/queries/import-effects.ts";
import { chunkBytes, findChunk } from "#db/queries/upload-files.ts";
import { claimParsing, finishParsing, finishPreview, saveUnderstood } from "#db/queries/upload-jobs.ts";
import type { UploadRow } from "#db/queries/uploads.ts";
import { type ImportDeps, parserLimits } from "./deps.ts";
import { pieces, readRecords } from "./read-file.ts";
import { type ImportJob, type RunningJob, runJob, type Target } from "./run-job.ts";
import { stageFile } from "./stage.ts";
import { planOf, type Reading, settle, understand } from "./understand.ts";

/**
 * The task that reads a received file: how it is written, what it holds. Ends in `importing` (and enqueues that),
 * `needs_mapping`, `previewed` after a dry run, or `failed`. Running twice is harmless.
 */
export const parseUpload =
  (deps: ImportDeps) =>
  async ({ orgId, uploadId, actorId }: JobPayload<"parseUpload">, job: ImportJob): Promise<void> => {
    const row = await deps.db.withOrg(orgId, (tx) => claimParsing(tx, uploadId));
    if (!row) return;
    const target: Target = { orgId, uploadId, status: "parsing", job };
    await runJob(deps, target, "reading", async (run) => {
      const sample = await deps.db.withOrg(orgId, (tx) => findChunk(tx, uploadId, 0));
      const whole = row.bytes <= chunkBytes;
      const reading = understand(row, sample ?? Buffer.alloc(0), whole, parserLimits(deps.limits));
      if (!whole && reading.values?.decided() === false) await readOn(deps, target, reading, run);
      const { questions, ready, unclear } = settle(reading);
      reading.found.questions = questions;
      if (!(await deps.db.withOrg(orgId, (tx) => saveUnderstood(tx, uploadId, reading.found)))) return;
      if (row.dryRun && !unclear) await preview(deps, target, row, reading, ready, run);
      else
        await deps.db.withOrg(orgId, (tx) =>
          finishParsing(tx, uploadId, ready && !row.dryRun ? "importing" : "needs_mapping", actorId ?? null),
        );
    });
  };

/** Reads until the values decide what the sample left open, to the end if they never do. */
async function readOn(
  deps: ImportDeps,
  { orgId, uploadId }: Target,
  reading: Reading,
  run: RunningJob,
): Promise<void> {
  const { values, found, skipLines } = reading;
  const { dialect } = found;
  let first = found.options.header === true;
  await readRecords({
    source: pieces(deps.db, orgId, uploadId),
    form: { dialect, skipLines },
    limits: parserLimits(deps.limits),
    onRecord(record: RecordView) {
      if (!first && record.problem === null)
        values?.read((index) => (index < record.count ? cellText(record, index, dialect.quote) : ""));
      first = false;
    },
    async onPiece() {
      run.progress.check();
      return values?.decided() === false;
    },
  });
}

/** The end of a dry run: all rows are checked as an import would, and nothing is kept but what was found. */
async function preview(
  deps: ImportDeps,
  { orgId, uploadId }: Target,
  row: UploadRow,
  reading: Reading,
  ready: boolean,
  run: RunningJob,
): Promise<void> {
  run.progress.enter("checking");
  if (ready) {
    const organisation = await deps.db.withOrg(orgId, getFactSettings);
    const plan = planOf(reading.found);
    await stageFile(deps, { orgId, uploadId, bytes: row.bytes, plan, organisation, run, connection: null });
  } else await countRows(deps, { orgId, uploadId }, reading, run);
  const { counts, errors } = run.found;
  await deps.db.withOrg(orgId, (tx) => finishPreview(tx, uploadId, counts, errors));
}

/** Without a kind there is nothing to check rows by. */
async function countRows(
  deps: ImportDeps,
  { orgId, uploadId }: Pick<Target, "orgId" | "uploadId">,
  { found, skipLines }: Reading,
  run: RunningJob,
): Promise<void> {
  const { counts } = run.found;
  counts.read = found.options.header === true ? -1 : 0;
  await readRecords({
    source: pieces(deps.db, orgId, uploadId),
    form: { dialect: found.dialect, skipLines },
    limits: parserLimits(deps.limits),
    onRecord() {
      counts.read += 1;
    },
    async onPiece() {
      run.progress.check();
      return true;
    },
  });
}
