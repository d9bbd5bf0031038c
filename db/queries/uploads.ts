import { and, desc, eq, lt, ne, sql } from "drizzle-orm";
import { z } from "zod";
import {
  type Dialect,
  dialect,
  type UploadErrorItem,
  type UploadOutput,
  type UploadQuestion,
  type UploadRequest,
  uploadKind,
  uploadPhases,
  uploadQuestion,
  uploadStatuses,
} from "#contracts/uploads.ts";
import { AppError } from "#root/errors.ts";
import { decodeCursor, decodeIdCursor, page } from "../cursor.ts";
import type { OrgTx } from "../database.ts";
import { enqueueJob, type JobName } from "../jobs.ts";
import { upload, uploadError } from "../schema/imports.ts";

/** Uploads as people see them: list, look, ask for an import, cancel, undo. */

export type UploadRow = typeof upload.$inferSelect;

const output = {
  status: z.enum(uploadStatuses),
  kind: uploadKind.nullable(),
  dialect: dialect.nullable(),
  questions: z.array(uploadQuestion),
  phase: z.enum(uploadPhases).nullable(),
};

/** The wire shape of a row. */
export const uploadOutputOf = (row: UploadRow): UploadOutput => ({
  id: row.id,
  status: output.status.parse(row.status),
  kind: output.kind.parse(row.kind),
  file_name: row.fileName,
  bytes: row.bytes,
  dry_run: row.dryRun,
  dialect: output.dialect.parse(row.dialect),
  columns: row.header ?? [],
  mapping: row.mapping,
  options: row.options,
  questions: output.questions.parse(row.questions ?? []),
  rows: {
    read: row.rowsRead,
    imported: row.rowsImported,
    rejected: row.rowsRejected,
    total: row.rowsTotal,
  },
  phase: output.phase.parse(row.phase),
  error: row.error ? { ...row.error, line: row.error.line ?? null } : null,
  created_at: row.createdAt.toISOString(),
  finished_at: row.finishedAt?.toISOString() ?? null,
});

/** What reading a file's beginning found. */
export interface Understood {
  dialect: Dialect;
  header: string[];
  preview: string[][];
  kind: string | null;
  mapping: Record<string, string | null> | null;
  options: Record<string, unknown>;
  questions: UploadQuestion[];
}

/** What was found of a row that was read. @throws when it never was */
export const understoodOf = (row: UploadRow): Understood => ({
  dialect: dialect.parse(row.dialect),
  header: row.header ?? [],
  preview: row.preview ?? [],
  kind: row.kind,
  mapping: row.mapping,
  options: row.options,
  questions: output.questions.parse(row.questions ?? []),
});

/** A file that is still arriving is nobody's business yet. */
const received = (orgId: string) => and(eq(upload.orgId, orgId), ne(upload.status, "receiving"));

export async function findUploadRow(tx: OrgTx, id: string): Promise<UploadRow | null> {
  const [row] = await tx.q
    .select()
    .from(upload)
    .where(and(received(tx.orgId), eq(upload.id, id)));
  return row ?? null;
}

/** @throws AppError NOT_FOUND */
export async function getUploadRow(tx: OrgTx, id: string): Promise<UploadRow> {
  const row = await findUploadRow(tx, id);
  if (!row) throw new AppError("NOT_FOUND", "There is no such upload.");
  return row;
}

/** @throws AppError NOT_FOUND */
export const getUpload = async (tx: OrgTx, id: string): Promise<UploadOutput> =>
  uploadOutputOf(await getUploadRow(tx, id));

/** Newest first. */
export async function listUploads(tx: OrgTx, input: { limit: number; cursor?: string }) {
  const before = decodeIdCursor(input.cursor);
  const rows = await tx.q
    .select()
    .from(upload)
    .where(and(received(tx.orgId), before === null ? undefined : lt(upload.id, before)))
    .orderBy(desc(upload.id))
    .limit(input.limit + 1);
  const found = page(rows, input.limit, (row) => [row.id]);
  return { items: found.items.map(uploadOutputOf), next: found.next };
}

/** In the order of the file. @throws AppError NOT_FOUND */
export async function listUploadErrors(tx: OrgTx, input: { id: string; limit: number; cursor?: string }) {
  await getUploadRow(tx, input.id);
  const after = input.cursor === undefined ? -1 : decodeCursor(input.cursor, ["integer"])[0];
  const rows = await tx.q
    .select()
    .from(uploadError)
    .where(
      and(
        eq(uploadError.orgId, tx.orgId),
        eq(uploadError.uploadId, input.id),
        sql`${uploadError.no} > ${after}`,
      ),
    )
    .orderBy(uploadError.no)
    .limit(input.limit + 1);
  const found = page(rows, input.limit, (row) => [row.no]);
  return {
    items: found.items.map(
      ({ line, column, code, message, value }): UploadErrorItem => ({ line, column, code, message, value }),
    ),
    next: found.next,
  };
}

/** Uploads of one organisation run one after the other. */
const enqueueUploadJob =
  (name: Extract<JobName, "stageArriving" | "parseUpload" | "importUpload" | "undoUpload">) =>
  (tx: OrgTx, uploadId: string, actorId: string | null) =>
    enqueueJob(tx, name, { orgId: tx.orgId, uploadId, actorId }, { queue: `import:${tx.orgId}` });

export const enqueueArriving = enqueueUploadJob("stageArriving");
export const enqueueParse = enqueueUploadJob("parseUpload");
export const enqueueImport = enqueueUploadJob("importUpload");
const enqueueUndo = enqueueUploadJob("undoUpload");

/** Uploads with the same fingerprint are one, unless it is undone, failed or cancelled. */
export async function findDuplicate(tx: OrgTx, fingerprint: Buffer): Promise<UploadRow | null> {
  const [row] = await tx.q
    .select()
    .from(upload)
    .where(
      and(
        received(tx.orgId),
        eq(upload.fingerprint, fingerprint),
        sql`${upload.status} NOT IN ('failed', 'cancelled', 'undone')`,
      ),
    );
  return row ?? null;
}

/** The newest upload of a file name that is imported or on its way; null where there is none. */
export async function findLiveUpload(tx: OrgTx, fileName: string): Promise<UploadRow | null> {
  const [row] = await tx.q
    .select()
    .from(upload)
    .where(
      and(
        received(tx.orgId),
        eq(upload.fileName, fileName),
        sql`${upload.status} NOT IN ('failed', 'cancelled', 'undone')`,
      ),
    )
    .orderBy(desc(upload.id))
    .limit(1);
  return row ?? null;
}

/** Whoever makes or revives an upload of the organisation waits here, so that two tabs make one. */
export async function lockUploads(tx: OrgTx): Promise<void> {
  await tx.rows(sql`SELECT pg_advisory_xact_lock(hashtextextended(${`uploads:${tx.orgId}`}, 0))`);
}

const mayImport = ["needs_mapping", "previewed", "failed", "cancelled", "undone"];

/**
 * Imports a received file with this kind, mapping and options: after needs_mapping, a dry run, a failure, or an undo.
 * @param actorId who asks: the restatement log names them
 * @throws AppError NOT_FOUND; CONFLICT `upload_busy` or `upload_done`, `upload_duplicate` with the id of the same
 */
export async function requestImport(
  tx: OrgTx,
  id: string,
  request: UploadRequest,
  fingerprintOf: (fileSha256: Buffer) => Buffer,
  actorId: string | null,
): Promise<UploadOutput> {
  await lockUploads(tx);
  const row = await getUploadRow(tx, id);
  if (!mayImport.includes(row.status))
    throw row.status === "done"
      ? new AppError("CONFLICT", "This upload is imported already. Undo it to import it in another way.", {
          reason: "upload_done",
        })
      : new AppError("CONFLICT", "This upload is being worked on.", { reason: "upload_busy" });
  const fingerprint = fingerprintOf(row.sha256 ?? Buffer.alloc(0));
  const twin = await findDuplicate(tx, fingerprint);
  if (twin && twin.id !== id)
    throw new AppError("CONFLICT", "The same file with the same settings is there already.", {
      reason: "upload_duplicate",
      details: { id: twin.id },
    });
  await tx.q.delete(uploadError).where(and(eq(uploadError.orgId, tx.orgId), eq(uploadError.uploadId, id)));
  const [updated] = await tx.q
    .update(upload)
    .set({
      requested: request,
      fingerprint,
      status: "queued",
      dryRun: false,
      cancelRequested: false,
      phase: null,
      error: null,
      questions: null,
      rowsRead: 0,
      rowsImported: 0,
      rowsRejected: 0,
      rowsTotal: null,
      finishedAt: null,
    })
    .where(and(eq(upload.orgId, tx.orgId), eq(upload.id, id)))
    .returning();
  await enqueueParse(tx, id, actorId);
  return uploadOutputOf(updated!);
}

/**
 * Stops an upload for good; a running job notices within a second and leaves nothing. Cancelling twice is fine.
 * @throws AppError NOT_FOUND; CONFLICT `upload_done` when it is imported by now
 */
export async function cancelUpload(tx: OrgTx, id: string): Promise<UploadOutput> {
  const [row] = await tx.q
    .update(upload)
    .set({ status: "cancelled", cancelRequested: true, phase: null, finishedAt: new Date() })
    .where(
      and(
        eq(upload.orgId, tx.orgId),
        eq(upload.id, id),
        sql`${upload.status} IN ('queued', 'parsing', 'needs_mapping', 'importing', 'previewed')`,
      ),
    )
    .returning();
  if (row) return uploadOutputOf(row);
  const now = await getUpload(tx, id);
  if (now.status === "done")
    throw new AppError("CONFLICT", "This upload is imported already. You can undo it.", {
      reason: "upload_done",
    });
  return now;
}

/**
 * Takes an import back in a background job: its status becomes `undone` when that is finished. An upload that was never
 * imported is cancelled instead.
 * @param actorId who asks: the restatement log names them
 * @throws AppError NOT_FOUND
 */
export async function requestUndo(tx: OrgTx, id: string, actorId: string | null): Promise<UploadOutput> {
  const [row] = await tx.q
    .update(upload)
    .set({ phase: "undoing" })
    .where(and(eq(upload.orgId, tx.orgId), eq(upload.id, id), eq(upload.status, "done")))
    .returning();
  if (!row) {
    const now = await getUploadRow(tx, id);
    return now.status === "undone" ? uploadOutputOf(now) : cancelUpload(tx, id);
  }
  await enqueueUndo(tx, id, actorId);
  return uploadOutputOf(row);
}
