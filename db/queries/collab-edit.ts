import { createHash } from "node:crypto";
import { sql } from "drizzle-orm";
import { changeDocument } from "#collab/state.ts";
import { AppError } from "#root/errors.ts";
import type { OrgTx } from "../database.ts";
import { instanceOrgId } from "../database.ts";
import { findDocHead, loadDoc } from "./collab.ts";

/**
 * Changes a document on the server's own behalf: what `change` does becomes the next update of its log, under a client id that is
 * nobody else's. Whoever has the document open gets it like any other edit. @throws AppError NOT_FOUND
 */
export async function editDoc(
  tx: OrgTx,
  docId: string,
  change: Parameters<typeof changeDocument>[1],
): Promise<void> {
  // one writer at a time: the row's lock makes the order of commits the order of the log
  await tx.rows(sql`SELECT FROM collab_doc WHERE org_id = ${tx.orgId} AND doc_id = ${docId} FOR UPDATE`);
  const { epoch, headSeq, pieces } = await loadDoc(tx, docId);
  const changed = changeDocument(pieces, change);
  if (!changed) return;
  const data = Buffer.from(changed.update);
  const sha = createHash("sha256").update(data).digest().subarray(0, 16);
  await tx.rows(sql`
    WITH known AS (
      INSERT INTO collab_client (org_id, doc_id, epoch, client_id)
      VALUES (${tx.orgId}, ${docId}, ${epoch}, ${changed.clientId}) ON CONFLICT DO NOTHING
    ), moved AS (
      UPDATE collab_doc SET head_seq = ${headSeq + 1}, tail_bytes = tail_bytes + ${data.length}, updated_at = now()
      WHERE org_id = ${tx.orgId} AND doc_id = ${docId}
    )
    INSERT INTO collab_update (org_id, doc_id, epoch, seq, node_id, sha, data)
    VALUES (${tx.orgId}, ${docId}, ${epoch}, ${headSeq + 1}, ${instanceOrgId}, ${sha}, ${data})`);
}

/** Which history the document has now. @throws AppError NOT_FOUND */
export async function getEpoch(tx: OrgTx, docId: string): Promise<string> {
  const head = await findDocHead(tx, docId);
  if (!head) throw new AppError("NOT_FOUND", "There is no such document.");
  return head.epoch;
}
