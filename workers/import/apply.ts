import type { UploadErrorItem } from "#contracts/uploads.ts";
import type { ImportConnection } from "#db/copy.ts";
import { writeCustomers } from "#db/queries/import-customers.ts";
import { lockFacts, refreshAfter } from "#db/queries/import-effects.ts";
import { writeRates, writeSpend, writeTransactions } from "#db/queries/import-events.ts";
import { type Coverage, takeRepeatedMonths, writeMonths } from "#db/queries/import-mrr.ts";
import type { Staged } from "#db/queries/import-stage.ts";
import { writeSubscriptions } from "#db/queries/import-subscriptions.ts";
import type { LedgerTx } from "#db/queries/ledger.ts";
import { finishImport } from "#db/queries/upload-jobs.ts";
import { maxListedErrors } from "./deps.ts";
import { ImportCancelled } from "./failure.ts";
import type { Layout } from "./layout.ts";
import type { Progress } from "./progress.ts";
import type { RunningJob } from "./run-job.ts";
import type { StagedFile } from "./stage.ts";

const noCoverage: Coverage = { from: null, to: null };

/**
 * Staged rows → facts → numbers → status, all in one transaction: nobody sees a part of it.
 * @throws ImportCancelled when somebody cancelled before the last statement
 */
export async function applyStaged(
  connection: ImportConnection,
  upload: { id: string; actorId: string | null },
  file: StagedFile & { staged: Staged },
  { progress, found, job }: RunningJob,
): Promise<void> {
  const { counts } = found;
  await connection.transaction(async (tx) => {
    await job.requireLease(tx);
    // days are made here, not when the rows were staged: the zone may have changed since
    const { timezone } = await lockFacts(tx);
    const staged = { ...file.staged, timezone };
    const errors = [...found.errors];
    let rejected = counts.rejected;
    if (staged.kind === "mrr_by_month") rejected += await refuseRepeated(tx, file.layout, errors);
    const coverage = await writeFacts(tx, staged, upload.id, file.layout, progress);
    progress.enter("metrics");
    const imported = counts.read - rejected;
    await refreshAfter(tx, staged.kind, {
      cause: "upload",
      uploadId: upload.id,
      actorId: upload.actorId,
      rows: imported,
    });
    progress.check();
    const result = {
      read: counts.read,
      rejected,
      imported,
      coversFrom: coverage.from,
      coversTo: coverage.to,
    };
    errors.sort((a, b) => a.line - b.line);
    if (!(await finishImport(tx, upload.id, result, errors))) throw new ImportCancelled();
  });
}

async function writeFacts(
  tx: LedgerTx,
  staged: Staged,
  uploadId: string,
  layout: Layout,
  progress: Progress,
): Promise<Coverage> {
  const customers = async () => {
    await writeCustomers(tx, staged, uploadId);
    progress.enter("facts");
  };
  switch (staged.kind) {
    case "customers":
      await customers();
      return noCoverage;
    case "subscriptions":
      await customers();
      await writeSubscriptions(tx, staged, uploadId);
      return noCoverage;
    case "mrr_by_month":
      await customers();
      return writeMonths(
        tx,
        staged,
        uploadId,
        layout.months.map(({ month }) => month),
      );
    case "transactions":
      await customers();
      await writeTransactions(tx, staged, uploadId);
      return noCoverage;
    case "spend":
      progress.enter("facts");
      await writeSpend(tx, staged, uploadId);
      return noCoverage;
    case "fx_rates":
      progress.enter("facts");
      await writeRates(tx, staged, uploadId);
      return noCoverage;
  }
}

/** @returns how many rows were refused because an earlier one gives the same customer's month */
async function refuseRepeated(tx: LedgerTx, layout: Layout, errors: UploadErrorItem[]): Promise<number> {
  const repeated = await takeRepeatedMonths(tx);
  for (const { line, month, firstLine, value } of repeated) {
    if (errors.length >= maxListedErrors) break;
    const index =
      layout.months.find((column) => column.month.startsWith(month))?.index ??
      layout.columns.find(({ name }) => name === "month")?.index;
    errors.push({
      line,
      column: index === undefined ? null : (layout.names[index] ?? null),
      code: "repeated_month",
      message: `Line ${firstLine} gives this customer's ${month} already.`,
      value,
    });
  }
  return repeated.length;
}
