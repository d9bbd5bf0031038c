import { sql } from "drizzle-orm";
import { changeDocument } from "#collab/state.ts";
import { AppError } from "#root/errors.ts";
import type { OrgTx } from "../database.ts";
import { newId } from "../ids.ts";
import { findDocHead, loadDoc, setDocClosed } from "./collab.ts";
import { appendUpdates } from "./collab-append.ts";

/**
 * Changes a document on the server's own behalf: what `change` does becomes the next update of its log, under a client id that is
 * nobody else's. Whoever has the document open gets it like any other edit. @throws AppError NOT_FOUND
 */
export async function editDoc(
  tx: OrgTx,
  docId: string,
  change: Parameters<typeof changeDocument>[1],
): Promise<void> {
  // one writer at a time: what is read below is what the update builds on
  await tx.rows(
    sql`SELECT FROM collab_doc WHERE org_id = ${tx.orgId} AND doc_id = ${docId} FOR NO KEY UPDATE`,
  );
  const { epoch, pieces } = await loadDoc(tx, docId);
  const changed = changeDocument(pieces, change);
  if (!changed) return;
  const updates = [{ data: changed.update, userId: null, claims: [changed.clientId] }];
  const nodeId = newId();
  const outcome = (await appendUpdates(tx, nodeId, [{ docId, epoch, updates }])).get(docId);
  if (outcome?.kind !== "stored") throw noSuchDocument();
  tx.announce("room", { orgId: tx.orgId, docId, nodeId, kind: "updates" });
}

const noSuchDocument = () => new AppError("NOT_FOUND", "There is no such document.");

/** Closes a document, at once for whoever has it open, or opens it again. */
export async function shutDoc(tx: OrgTx, docId: string, isClosed: boolean): Promise<void> {
  await setDocClosed(tx, docId, isClosed);
  tx.announce("room", { orgId: tx.orgId, docId, nodeId: newId(), kind: "closed" });
}

/** Which history the document has now. @throws AppError NOT_FOUND */
export async function getEpoch(tx: OrgTx, docId: string): Promise<string> {
  const head = await findDocHead(tx, docId);
  if (!head) throw noSuchDocument();
  return head.epoch;
}
