import { and, eq, sql } from "drizzle-orm";
import type { UploadRequest } from "#contracts/uploads.ts";
import type { OrgTx } from "../database.ts";
import { newId } from "../ids.ts";
import { upload } from "../schema/imports.ts";
import { enqueueParse, findDuplicate, lockUploads, type UploadRow } from "./uploads.ts";

/** The bytes of uploads: received in pieces, kept as they came, read again in pieces. */

export const chunkBytes = 1024 * 1024;
/** A file that stopped arriving this long ago was cut off by a crash of the server. */
const staleHours = 24;

/** Opens an upload that nobody sees until it is received. */
export async function createReceiving(
  tx: OrgTx,
  values: { fileName: string; createdBy: string | null },
): Promise<string> {
  await tx.rows(sql`DELETE FROM upload WHERE org_id = ${tx.orgId} AND status = 'receiving'
    AND created_at < now() - make_interval(hours => ${staleHours})`);
  const id = newId();
  await tx.rows(sql`INSERT INTO upload (org_id, id, file_name, status, created_by)
    VALUES (${tx.orgId}, ${id}, ${values.fileName}, 'receiving', ${values.createdBy})`);
  return id;
}

export async function appendChunk(tx: OrgTx, uploadId: string, seq: number, data: Buffer): Promise<void> {
  // the commit that queues the complete file makes its pieces durable along with it
  await tx.rows(sql`SET LOCAL synchronous_commit = off`);
  await tx.rows(sql`INSERT INTO upload_chunk (org_id, upload_id, seq, data)
    VALUES (${tx.orgId}, ${uploadId}, ${seq}, ${data})`);
}

/** Forgets a file that did not arrive whole. */
export async function deleteReceiving(tx: OrgTx, id: string): Promise<void> {
  await tx.q
    .delete(upload)
    .where(and(eq(upload.orgId, tx.orgId), eq(upload.id, id), eq(upload.status, "receiving")));
}

/**
 * The file is complete: queues it, or finds that the same one with the same request is there already and forgets this
 * copy.
 */
export async function completeReceiving(
  tx: OrgTx,
  id: string,
  file: { bytes: number; sha256: Buffer; validUtf8: boolean; fingerprint: Buffer },
  request: UploadRequest,
  dryRun: boolean,
): Promise<{ row: UploadRow; duplicate: boolean }> {
  await lockUploads(tx);
  const twin = await findDuplicate(tx, file.fingerprint);
  if (twin) {
    await deleteReceiving(tx, id);
    return { row: twin, duplicate: true };
  }
  const [row] = await tx.q
    .update(upload)
    .set({ ...file, requested: request, dryRun, status: "queued" })
    .where(and(eq(upload.orgId, tx.orgId), eq(upload.id, id)))
    .returning();
  await enqueueParse(tx, id, null);
  return { row: row!, duplicate: false };
}

/** One piece of the file; null behind the last. */
export async function findChunk(tx: OrgTx, uploadId: string, seq: number): Promise<Buffer | null> {
  const [row] = await tx.rows<{ data: Buffer }>(
    sql`SELECT data FROM upload_chunk WHERE org_id = ${tx.orgId} AND upload_id = ${uploadId} AND seq = ${seq}`,
  );
  return row?.data ?? null;
}

/** Where in a piece the first record that starts in it begins. */
export interface ChunkMark {
  seq: number;
  firstLine: number;
  firstOffset: number;
}

export async function markChunks(tx: OrgTx, uploadId: string, marks: readonly ChunkMark[]): Promise<void> {
  await tx.rows(sql`
    UPDATE upload_chunk c SET first_line = m."firstLine", first_offset = m."firstOffset"
    FROM jsonb_to_recordset(${JSON.stringify(marks)}::jsonb) AS m (seq int, "firstLine" int, "firstOffset" int)
    WHERE c.org_id = ${tx.orgId} AND c.upload_id = ${uploadId} AND c.seq = m.seq`);
}

/** The last mark at or before a line: where to begin reading to show it. Null: at the file's beginning. */
export async function findMark(tx: OrgTx, uploadId: string, line: number): Promise<ChunkMark | null> {
  const [row] = await tx.rows<{ seq: number; first_line: number; first_offset: number }>(sql`
    SELECT seq, first_line, first_offset FROM upload_chunk
    WHERE org_id = ${tx.orgId} AND upload_id = ${uploadId} AND first_line <= ${line}
    ORDER BY seq DESC LIMIT 1`);
  return row ? { seq: row.seq, firstLine: row.first_line, firstOffset: row.first_offset } : null;
}
