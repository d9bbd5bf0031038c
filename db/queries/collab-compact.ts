import { sql } from "drizzle-orm";
import { compactPieces } from "#collab/state.ts";
import type { OrgTx } from "../database.ts";
import { findDoc } from "./collab.ts";
import { keepDaily } from "./collab-versions.ts";

/** Updates of the last minutes stay: processes that missed them read them from here. */
const keepFor = sql`interval '10 minutes'`;

/** A snapshot that is ready to be written. */
export interface Compaction {
  docId: string;
  epoch: string;
  uptoSeq: number;
  state: Uint8Array;
}

/**
 * Makes snapshot and log of a document into one state. Fails closed: a log that cannot be read, or that a new document does not give
 * back the same, throws, and what is stored stays as it is.
 * @returns null when there is nothing to do
 */
export async function prepareCompaction(tx: OrgTx, docId: string): Promise<Compaction | null> {
  const stored = await findDoc(tx, docId);
  if (!stored || stored.pieces.length < 2) return null;
  const state = compactPieces(stored.pieces);
  return { docId, epoch: stored.epoch, uptoSeq: stored.headSeq, state };
}

/** Puts the snapshot in the place of the log that it was made from. Does nothing when another is further by now. */
export async function applyCompaction(tx: OrgTx, made: Compaction): Promise<boolean> {
  const { docId, epoch, uptoSeq, state } = made;
  const [doc] = await tx.rows<{ snap_seq: string }>(sql`
    SELECT snap_seq FROM collab_doc WHERE org_id = ${tx.orgId} AND doc_id = ${docId} AND epoch = ${epoch}
      AND head_seq >= ${uptoSeq} FOR NO KEY UPDATE`);
  if (!doc || Number(doc.snap_seq) >= uptoSeq) return false;
  await tx.rows(sql`
    INSERT INTO collab_snapshot (org_id, doc_id, epoch, upto_seq, state)
    VALUES (${tx.orgId}, ${docId}, ${epoch}, ${uptoSeq}, ${Buffer.from(state)})
    ON CONFLICT (org_id, doc_id, epoch, upto_seq) DO NOTHING`);
  await tx.rows(sql`
    UPDATE collab_doc SET snap_seq = ${uptoSeq}, tail_bytes = (
      SELECT coalesce(sum(octet_length(data)), 0) FROM collab_update
      WHERE org_id = ${tx.orgId} AND doc_id = ${docId} AND epoch = ${epoch} AND seq > ${uptoSeq})
    WHERE org_id = ${tx.orgId} AND doc_id = ${docId}`);
  await tx.rows(sql`
    DELETE FROM collab_snapshot
    WHERE org_id = ${tx.orgId} AND doc_id = ${docId} AND (epoch <> ${epoch} OR upto_seq < ${uptoSeq})`);
  // whole at the front: a hole in the middle would look like something that was missed
  await tx.rows(sql`
    DELETE FROM collab_update WHERE org_id = ${tx.orgId} AND doc_id = ${docId} AND epoch = ${epoch} AND seq <= ${uptoSeq}
      AND seq < coalesce((SELECT min(seq) FROM collab_update WHERE org_id = ${tx.orgId} AND doc_id = ${docId}
        AND epoch = ${epoch} AND at >= now() - ${keepFor}), ${uptoSeq} + 1)`);
  await keepDaily(tx, { docId, seq: uptoSeq, state });
  return true;
}
