import type { CopySink, ImportConnection } from "#db/copy.ts";
import type { RecordView } from "#db/csv/records.ts";
import {
  analyseStage,
  copyStage,
  createStage,
  type Staged,
  type StageShape,
} from "#db/queries/import-stage.ts";
import { type ChunkMark, markChunks } from "#db/queries/upload-files.ts";
import { type ImportDeps, maxListedErrors, parserLimits } from "./deps.ts";
import { ImportFailure } from "./failure.ts";
import { type Layout, layoutOf } from "./layout.ts";
import { pieces, readRecords } from "./read-file.ts";
import { createRowBuffer } from "./row-buffer.ts";
import { createRowStager, type RowStager } from "./row-stager.ts";
import type { RunningJob } from "./run-job.ts";
import type { ImportPlan } from "./understand.ts";

/** File → checked rows → staging table. Without a connection the rows are only checked: a dry run. */

export interface StagedFile {
  layout: Layout;
  /** Null after a dry run. */
  staged: Staged | null;
}

export interface StageRequest {
  orgId: string;
  uploadId: string;
  /** Its pieces in order, where they are not all there yet. */
  source?: AsyncIterable<Buffer>;
  /** Of the whole file; 0 while that is not known. */
  bytes: number;
  plan: ImportPlan;
  organisation: { currency: string; timezone: string };
  /** Counts and refused rows go into `run.found` as they are met. */
  run: RunningJob;
  connection: ImportConnection | null;
}

const shapeOf = (layout: Layout): StageShape => ({
  kind: layout.kind,
  columns: layout.columns,
  attributes: !layout.verbatim,
  wide: layout.months.length > 0,
  delimiter: layout.delimiter,
});

/** @throws ImportFailure, ImportCancelled */
export async function stageFile(deps: ImportDeps, request: StageRequest): Promise<StagedFile> {
  const { plan, organisation, run, connection } = request;
  const { errors } = run.found;
  const { names, dialect, options } = plan;
  const layout = layoutOf(plan.kind, names, plan.targets, dialect);
  const shape = shapeOf(layout);
  const currency = options.currency ?? organisation.currency;
  const stager = createRowStager(
    layout,
    { dateOrder: options.date_format ?? "dmy", decimalComma: options.decimal_comma ?? false, currency },
    (item) => {
      if (errors.length < maxListedErrors) errors.push(item);
    },
  );
  if (connection) await connection.run(createStage(shape));
  const sink = connection ? await connection.copyIn(copyStage(shape)) : null;
  const marks = await readInto(deps, request, { stager, delimiter: layout.delimiter, sink });
  await sink?.end();
  run.progress.check();
  if (!connection) return { layout, staged: null };
  run.progress.enter("customers");
  await connection.run(analyseStage);
  await deps.db.withOrg(request.orgId, (tx) => markChunks(tx, request.uploadId, marks));
  const staged = {
    ...shape,
    mixed: new Set(stager.mixed()),
    zoned: stager.zoned(),
    currency,
    timezone: organisation.timezone,
    fileTimezone: options.timezone ?? null,
  };
  return { layout, staged };
}

function readInto(
  deps: ImportDeps,
  request: StageRequest,
  { stager, delimiter, sink }: { stager: RowStager; delimiter: string; sink: CopySink | null },
): Promise<ChunkMark[]> {
  const { orgId, uploadId, plan, run } = request;
  const { counts } = run.found;
  const limits = parserLimits(deps.limits);
  const out = createRowBuffer(delimiter);
  const plain = stager.plain(out, Math.min(limits.field, limits.record));
  let headerSeen = !plan.header;
  const onRecord = (record: RecordView): void => {
    if (!headerSeen) {
      headerSeen = true;
      return;
    }
    counts.read += 1;
    const row = stager.stage(record);
    if (row === null) counts.rejected += 1;
    else out.write(row);
  };
  return readRecords({
    source: request.source ?? pieces(deps.db, orgId, uploadId),
    form: plan,
    limits,
    onRecord,
    plain: plain && {
      take(bytes, from, line) {
        // the header may look like a row
        const taken = headerSeen ? plain.take(bytes, from, line) : { rows: 0, to: from };
        counts.read += taken.rows;
        return taken;
      },
    },
    async onPiece(done) {
      const { progress } = run;
      progress.check();
      if (counts.read > deps.limits.uploadRows)
        throw new ImportFailure(
          "too_many_rows",
          `The file has more than ${deps.limits.uploadRows} rows. Split it into several.`,
        );
      progress.read = counts.read;
      progress.rejected = counts.rejected;
      progress.total = Math.max(counts.read, Math.round((counts.read * request.bytes) / Math.max(1, done)));
      const rows = out.take();
      if (sink && rows.length > 0) await sink.write(rows);
      return true;
    },
  });
}
