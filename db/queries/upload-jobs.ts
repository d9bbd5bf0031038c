import { sql } from "drizzle-orm";
import type { UploadErrorItem, UploadPhase } from "#contracts/uploads.ts";
import type { OrgTx } from "../database.ts";
import type { LedgerTx } from "./ledger.ts";
import type { Understood, UploadRow } from "./uploads.ts";
import { enqueueImport, findUploadRow } from "./uploads.ts";

/**
 * What the import jobs write about an upload. Every step names the status it starts from: a job that runs twice, or after
 * somebody cancelled, finds nothing to do.
 */

/** Takes a queued upload to read it; null when there is nothing to do. */
export async function claimParsing(tx: OrgTx, id: string): Promise<UploadRow | null> {
  const rows = await tx.rows(sql`
    UPDATE upload SET status = 'parsing', phase = 'reading'
    WHERE org_id = ${tx.orgId} AND id = ${id} AND status IN ('queued', 'parsing') RETURNING id`);
  return rows.length === 0 ? null : findUploadRow(tx, id);
}

/** @returns false when somebody cancelled meanwhile */
export async function saveUnderstood(tx: OrgTx, id: string, found: Understood): Promise<boolean> {
  const rows = await tx.rows(sql`
    UPDATE upload SET dialect = ${json(found.dialect)}, header = ${json(found.header)}, preview = ${json(found.preview)},
      kind = ${found.kind}, mapping = ${found.mapping === null ? null : json(found.mapping)}, options = ${json(found.options)},
      questions = ${json(found.questions)}
    WHERE org_id = ${tx.orgId} AND id = ${id} AND status = 'parsing' RETURNING id`);
  return rows.length > 0;
}

const json = (value: unknown) => sql`${JSON.stringify(value)}::jsonb`;

/** Ends the reading: asks, or goes on to the import. */
export async function finishParsing(
  tx: OrgTx,
  id: string,
  next: "needs_mapping" | "importing",
  actorId: string | null,
): Promise<void> {
  const rows = await tx.rows(sql`
    UPDATE upload SET status = ${next}, phase = ${next === "importing" ? "reading" : null}, rows_read = 0, rows_rejected = 0
    WHERE org_id = ${tx.orgId} AND id = ${id} AND status = 'parsing' RETURNING id`);
  if (rows.length > 0 && next === "importing") await enqueueImport(tx, id, actorId);
}

/**
 * Takes an upload to import it. From now on it is the newest: where two speak of the same, it wins.
 * @returns null when there is nothing to do
 */
export async function claimImport(tx: OrgTx, id: string): Promise<UploadRow | null> {
  const rows = await tx.rows(sql`
    UPDATE upload SET seq = nextval('upload_seq'), phase = 'reading'
    WHERE org_id = ${tx.orgId} AND id = ${id} AND status = 'importing' RETURNING id`);
  return rows.length === 0 ? null : findUploadRow(tx, id);
}

export interface Counts {
  read: number;
  rejected: number;
}

/** The end of a dry run: what an import would have done. */
export async function finishPreview(
  tx: OrgTx,
  id: string,
  counts: Counts,
  errors: readonly UploadErrorItem[],
): Promise<void> {
  const rows = await tx.rows(sql`
    UPDATE upload SET status = 'previewed', phase = NULL, finished_at = now(), rows_read = ${counts.read},
      rows_total = ${counts.read}, rows_rejected = ${counts.rejected}
    WHERE org_id = ${tx.orgId} AND id = ${id} AND status = 'parsing' RETURNING id`);
  if (rows.length > 0) await writeErrors(tx, id, errors);
}

/** Shows how far a job is. @returns false when it should stop: the upload is not in this status any more */
export async function reportProgress(
  tx: OrgTx,
  id: string,
  status: "parsing" | "importing",
  progress: { phase: UploadPhase; read: number; rejected: number; total: number | null },
): Promise<boolean> {
  const rows = await tx.rows(sql`
    UPDATE upload SET phase = ${progress.phase}, rows_read = ${progress.read}, rows_rejected = ${progress.rejected},
      rows_total = ${progress.total}
    WHERE org_id = ${tx.orgId} AND id = ${id} AND status = ${status} AND NOT cancel_requested RETURNING id`);
  return rows.length > 0;
}

/** Ends an upload that cannot be imported. What was found out about it stays. */
export async function failUpload(
  tx: OrgTx,
  id: string,
  error: { code: string; message: string; line: number | null },
  found: { counts: Counts; errors: readonly UploadErrorItem[] } | null,
): Promise<void> {
  const rows = await tx.rows(sql`
    UPDATE upload SET status = 'failed', phase = NULL, finished_at = now(), error = ${json(error)},
      rows_read = ${found?.counts.read ?? 0}, rows_rejected = ${found?.counts.rejected ?? 0}
    WHERE org_id = ${tx.orgId} AND id = ${id} AND status IN ('queued', 'parsing', 'importing') RETURNING id`);
  if (rows.length > 0 && found) await writeErrors(tx, id, found.errors);
}

/**
 * The last statement of an import: in its transaction, so that facts and status appear together.
 * @returns false when the upload is no longer importing: the transaction must be rolled back
 */
export async function finishImport(
  tx: LedgerTx,
  id: string,
  result: Counts & { imported: number; coversFrom: string | null; coversTo: string | null },
  errors: readonly UploadErrorItem[],
): Promise<boolean> {
  await writeErrors(tx, id, errors);
  const rows = await tx.rows(sql`
    UPDATE upload SET status = 'done', phase = NULL, finished_at = now(), rows_read = ${result.read},
      rows_total = ${result.read}, rows_imported = ${result.imported}, rows_rejected = ${result.rejected},
      covers_from = ${result.coversFrom}::date, covers_to = ${result.coversTo}::date
    WHERE org_id = ${tx.orgId} AND id = ${id} AND status = 'importing' AND NOT cancel_requested RETURNING id`);
  return rows.length > 0;
}

const errorsPerStatement = 5_000;

async function writeErrors(tx: LedgerTx, id: string, errors: readonly UploadErrorItem[]): Promise<void> {
  await tx.rows(sql`DELETE FROM upload_error WHERE org_id = ${tx.orgId} AND upload_id = ${id}`);
  for (let from = 0; from < errors.length; from += errorsPerStatement) {
    const part = errors.slice(from, from + errorsPerStatement);
    await tx.rows(sql`
      INSERT INTO upload_error (org_id, upload_id, no, line, "column", code, message, value)
      SELECT ${tx.orgId}::uuid, ${id}::uuid, ${from}::int + e.place::int, (e.item ->> 'line')::int, e.item ->> 'column',
        e.item ->> 'code', e.item ->> 'message', e.item ->> 'value'
      FROM jsonb_array_elements(${JSON.stringify(part)}::jsonb) WITH ORDINALITY AS e (item, place)`);
  }
}
