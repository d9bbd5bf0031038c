import { sql } from "drizzle-orm";
import { restoreContent } from "#collab/restore.ts";
import { encodeDocument, openDocument, type SharedDocument } from "#collab/state.ts";
import { AppError } from "#root/errors.ts";
import { decodeIdCursor, page } from "../cursor.ts";
import type { OrgTx } from "../database.ts";
import { newId } from "../ids.ts";
import { loadDoc } from "./collab.ts";
import { editDoc } from "./collab-edit.ts";

export interface DocVersion {
  id: string;
  /** `daily`: the last state of that day, kept by itself. */
  kind: "named" | "daily" | "before_restore";
  label: string;
  /** Who made it; null: the server. */
  userId: string | null;
  at: Date;
}

/** Named versions of one document; a person makes them, so this is a bound against scripts. */
const mostNamed = 500;

/** Newest first. */
export async function listVersions(tx: OrgTx, docId: string, input: { limit: number; cursor?: string }) {
  const before = decodeIdCursor(input.cursor);
  const rows = await tx.rows<{
    id: string;
    kind: DocVersion["kind"];
    label: string;
    user_id: string | null;
    at: Date;
  }>(sql`
    SELECT id, kind, label, user_id, at FROM collab_version
    WHERE org_id = ${tx.orgId} AND doc_id = ${docId} ${before === null ? sql`` : sql`AND id < ${before}`}
    ORDER BY id DESC LIMIT ${input.limit + 1}`);
  const versions = rows.map(
    ({ user_id, at, ...row }): DocVersion => ({ ...row, userId: user_id, at: new Date(at) }),
  );
  return page(versions, input.limit, (row) => [row.id]);
}

/** Keeps the document as it is now, under a name. @throws AppError NOT_FOUND, CONFLICT (`too_many_versions`) */
export async function createVersion(
  tx: OrgTx,
  { docId, label, userId }: { docId: string; label: string; userId: string },
): Promise<{ id: string }> {
  const [count] = await tx.rows<{ named: string }>(sql`
    SELECT count(*) AS named FROM collab_version
    WHERE org_id = ${tx.orgId} AND doc_id = ${docId} AND kind = 'named'`);
  if (Number(count?.named ?? 0) >= mostNamed)
    throw new AppError("CONFLICT", `A dashboard keeps at most ${mostNamed} named versions.`, {
      reason: "too_many_versions",
    });
  const { doc, headSeq } = await openStored(tx, docId);
  return insertVersion(tx, { docId, kind: "named", label, userId, seq: headSeq, doc });
}

/** A version's document, to be read. @throws AppError NOT_FOUND */
export async function openVersion(tx: OrgTx, docId: string, id: string): Promise<SharedDocument> {
  const [found] = await tx.rows<{ state: Buffer }>(sql`
    SELECT state FROM collab_version WHERE org_id = ${tx.orgId} AND doc_id = ${docId} AND id = ${id}`);
  if (!found) throw new AppError("NOT_FOUND", "There is no such version.");
  return openDocument([found.state]);
}

/**
 * Brings a document back to a version, as edits of the server: open pages see them come. What it was before is kept as a version of
 * its own.
 * @throws AppError NOT_FOUND
 */
export async function restoreVersion(
  tx: OrgTx,
  { docId, id, userId }: { docId: string; id: string; userId: string },
): Promise<void> {
  const then = await openVersion(tx, docId, id);
  const { doc, headSeq } = await openStored(tx, docId);
  await insertVersion(tx, { docId, kind: "before_restore", label: "", userId, seq: headSeq, doc });
  const mark = { by: userId, at: new Date().toISOString() };
  await editDoc(tx, docId, (now) => void restoreContent(now, then, mark));
}

async function openStored(tx: OrgTx, docId: string) {
  // nobody writes until this is done: what is kept, and what is changed, is what everybody sees
  await tx.rows(sql`
    SELECT 1 FROM collab_doc WHERE org_id = ${tx.orgId} AND doc_id = ${docId} FOR NO KEY UPDATE`);
  const { pieces, headSeq } = await loadDoc(tx, docId);
  return { doc: openDocument(pieces), headSeq };
}

async function insertVersion(
  tx: OrgTx,
  version: Pick<DocVersion, "kind" | "label" | "userId"> & {
    docId: string;
    seq: number;
    doc: SharedDocument;
  },
): Promise<{ id: string }> {
  const id = newId();
  const { docId, kind, label, userId, seq, doc } = version;
  await tx.rows(sql`
    INSERT INTO collab_version (org_id, id, doc_id, kind, label, seq, state, user_id)
    VALUES (${tx.orgId}, ${id}, ${docId}, ${kind}, ${label}, ${seq}, ${Buffer.from(encodeDocument(doc))}, ${userId})`);
  return { id };
}

/** The last state of each day: today's is replaced, and after 90 days they go. */
export async function keepDaily(
  tx: OrgTx,
  { docId, seq, state }: { docId: string; seq: number; state: Uint8Array },
): Promise<void> {
  await tx.rows(sql`
    DELETE FROM collab_version WHERE org_id = ${tx.orgId} AND doc_id = ${docId} AND kind = 'daily'
      AND (at >= date_trunc('day', now()) OR at < now() - interval '90 days')`);
  await tx.rows(sql`
    INSERT INTO collab_version (org_id, id, doc_id, kind, seq, state)
    VALUES (${tx.orgId}, ${newId()}, ${docId}, 'daily', ${seq}, ${Buffer.from(state)})`);
}
