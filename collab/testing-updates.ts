import * as encoding from "lib0/encoding";
import type * as Y from "yjs";

/** Tests only: updates of documents, honest ones and one that lies. */

/** The updates that a change makes, in their order. */
export function updatesOf(doc: Y.Doc, change: () => void): Uint8Array[] {
  const updates: Uint8Array[] = [];
  const keep = (update: Uint8Array) => updates.push(update);
  doc.on("update", keep);
  change();
  doc.off("update", keep);
  return updates;
}

/** An update of one GC struct: in 15 bytes it moves a client's clock by whatever length it claims. */
export function gcUpdate(client: number, clock: number, length: number): Uint8Array {
  const encoder = encoding.createEncoder();
  for (const number of [1, 1, client, clock]) encoding.writeVarUint(encoder, number);
  encoding.writeUint8(encoder, 0);
  encoding.writeVarUint(encoder, length);
  encoding.writeVarUint(encoder, 0);
  return encoding.toUint8Array(encoder);
}
