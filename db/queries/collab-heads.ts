import { sql } from "drizzle-orm";
import type { OrgTx } from "../database.ts";

/** Who owns the client ids of a document; null: the server. */
export async function listClientOwners(
  tx: OrgTx,
  docId: string,
  epoch: string,
): Promise<Map<number, string | null>> {
  const rows = await tx.rows<{ client_id: string; user_id: string | null }>(sql`
    SELECT client_id, user_id FROM collab_client
    WHERE org_id = ${tx.orgId} AND doc_id = ${docId} AND epoch = ${epoch}`);
  return new Map(rows.map(({ client_id, user_id }) => [Number(client_id), user_id]));
}

/** Where the logs of these documents end; those that are gone are left out. */
export async function listDocHeads(tx: OrgTx, docIds: readonly string[]) {
  const rows = await tx.rows<{ doc_id: string; epoch: string; head_seq: string; closed: boolean }>(sql`
    SELECT doc_id, epoch, head_seq, closed_at IS NOT NULL AS closed FROM collab_doc
    WHERE org_id = ${tx.orgId} AND doc_id = ANY (${sql.param([...docIds])}::uuid[])`);
  return rows.map((row) => ({
    docId: row.doc_id,
    epoch: row.epoch,
    headSeq: Number(row.head_seq),
    isClosed: row.closed,
  }));
}
