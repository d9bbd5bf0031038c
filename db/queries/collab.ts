import { sql } from "drizzle-orm";
import { clientsOf } from "#collab/state.ts";
import { AppError } from "#root/errors.ts";
import type { OrgTx } from "../database.ts";

export type DocumentKind = "dashboard";

/** What is stored of a shared document. `pieces`: a snapshot and the updates since, for `openDocument` of collab/state.ts. */
export interface StoredDocument {
  docId: string;
  kind: DocumentKind;
  /** A random 64-bit number as text. Another one means: another history, nothing merges. */
  epoch: string;
  headSeq: number;
  pieces: Uint8Array[];
  isClosed: boolean;
}

/** Makes a document whose history begins with `state`, an update that the server made. Its client ids are nobody else's ever. */
export async function createDoc(
  tx: OrgTx,
  { docId, kind, state }: { docId: string; kind: DocumentKind; state: Uint8Array },
): Promise<void> {
  const clients = clientsOf(state);
  await tx.rows(sql`
    WITH made AS (
      INSERT INTO collab_doc (org_id, doc_id, kind, epoch)
      VALUES (${tx.orgId}, ${docId}, ${kind}, app.new_epoch()) RETURNING org_id, doc_id, epoch
    ), seeded AS (
      INSERT INTO collab_snapshot (org_id, doc_id, epoch, upto_seq, state)
      SELECT org_id, doc_id, epoch, 0, ${Buffer.from(state)} FROM made
    )
    INSERT INTO collab_client (org_id, doc_id, epoch, client_id)
    SELECT org_id, doc_id, epoch, client FROM made, unnest(${sql.param(clients)}::bigint[]) AS client`);
}

/** @returns null when there is none, here or anywhere that this organisation sees */
export async function findDoc(tx: OrgTx, docId: string): Promise<StoredDocument | null> {
  // one statement, one view of the log: compaction may be moving its beginning right now
  const rows = await tx.rows<{
    kind: DocumentKind;
    epoch: string;
    head_seq: string;
    snap_seq: string;
    closed: boolean;
    seq: string | null;
    data: Buffer | null;
  }>(sql`
    SELECT d.kind, d.epoch, d.head_seq, d.snap_seq, d.closed_at IS NOT NULL AS closed, piece.seq, piece.data
    FROM collab_doc AS d LEFT JOIN LATERAL (
      SELECT upto_seq AS seq, state AS data FROM collab_snapshot AS s
      WHERE s.org_id = d.org_id AND s.doc_id = d.doc_id AND s.epoch = d.epoch AND s.upto_seq = d.snap_seq
      UNION ALL
      SELECT seq, data FROM collab_update AS u
      WHERE u.org_id = d.org_id AND u.doc_id = d.doc_id AND u.epoch = d.epoch AND u.seq > d.snap_seq
    ) AS piece ON true
    WHERE d.org_id = ${tx.orgId} AND d.doc_id = ${docId} ORDER BY piece.seq`);
  const [doc] = rows;
  if (!doc) return null;
  const pieces = rows.flatMap(({ data }) => (data ? [data] : []));
  // an empty document in place of one that cannot be read would be written back over it
  if (rows.some(({ seq }, index) => seq === null || Number(seq) !== Number(doc.snap_seq) + index))
    throw unreadable(docId, "a gap in the log");
  const headSeq = Number(doc.head_seq);
  if (rows.length !== headSeq - Number(doc.snap_seq) + 1) throw unreadable(docId, "updates are missing");
  return { docId, kind: doc.kind, epoch: doc.epoch, headSeq, pieces, isClosed: doc.closed };
}

/** @throws AppError NOT_FOUND */
export async function loadDoc(tx: OrgTx, docId: string): Promise<StoredDocument> {
  const found = await findDoc(tx, docId);
  if (!found) throw new AppError("NOT_FOUND", "There is no such document.");
  return found;
}

export interface StoredUpdate {
  seq: number;
  data: Uint8Array;
}

/** The updates after `afterSeq`, in order and without gaps. */
export async function listUpdates(
  tx: OrgTx,
  docId: string,
  epoch: string,
  afterSeq: number,
): Promise<StoredUpdate[]> {
  const rows = await tx.rows<{ seq: string; data: Buffer }>(sql`
    SELECT seq, data FROM collab_update
    WHERE org_id = ${tx.orgId} AND doc_id = ${docId} AND epoch = ${epoch} AND seq > ${afterSeq}
    ORDER BY seq`);
  const updates = rows.map(({ seq, data }) => ({ seq: Number(seq), data }));
  if (updates.some(({ seq }, index) => seq !== afterSeq + 1 + index))
    throw unreadable(docId, "a gap in the log");
  return updates;
}

/** Where the log of a document ends: cheap, to see whether anything changed. Null: no such document. */
export async function findDocHead(
  tx: OrgTx,
  docId: string,
): Promise<{ epoch: string; headSeq: number; isClosed: boolean } | null> {
  const [found] = await tx.rows<{ epoch: string; head_seq: string; closed: boolean }>(sql`
    SELECT epoch, head_seq, closed_at IS NOT NULL AS closed FROM collab_doc
    WHERE org_id = ${tx.orgId} AND doc_id = ${docId}`);
  return found ? { epoch: found.epoch, headSeq: Number(found.head_seq), isClosed: found.closed } : null;
}

/** Closed: nobody can open it, and who has it open is shown out. Idempotent. */
export async function setDocClosed(tx: OrgTx, docId: string, isClosed: boolean): Promise<void> {
  await tx.rows(sql`
    UPDATE collab_doc SET closed_at = ${isClosed ? sql`coalesce(closed_at, now())` : sql`NULL`}
    WHERE org_id = ${tx.orgId} AND doc_id = ${docId}`);
  tx.announce("room", { orgId: tx.orgId, docId, nodeId: noNode, kind: "closed" });
}

/** Said by nobody in particular: every process hears it, this one too. */
const noNode = "00000000-0000-0000-0000-000000000000";

const unreadable = (docId: string, why: string): AppError =>
  new AppError("INTERNAL", "This document cannot be read right now. It has been logged.", {
    internal: `document ${docId}: ${why}`,
  });
