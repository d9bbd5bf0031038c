import * as Y from "yjs";

/**
 * A document from what is stored of it: the state at some point and the updates since, in order. Fails closed: bytes that cannot be
 * read, and updates that wait for something that is not there, are an error, never a document with less in it.
 * @throws Error
 */
export function openDocument(pieces: readonly Uint8Array[]): Y.Doc {
  const doc = new Y.Doc();
  try {
    // in one go: merging the updates first takes more than their number in time
    doc.transact(() => {
      for (const piece of pieces) Y.applyUpdate(doc, piece);
    });
    if (hasPending(doc)) throw new Error("The stored document lacks a part of its history.");
    return doc;
  } catch (error) {
    doc.destroy();
    throw error;
  }
}

/** Whether a document holds back updates that build on some it never got. */
export const hasPending = (doc: Y.Doc): boolean =>
  doc.store.pendingStructs !== null || doc.store.pendingDs !== null;

/** The client ids that wrote anything of a state. @throws Error when the bytes are none */
export const clientsOf = (state: Uint8Array): number[] =>
  [...Y.decodeStateVector(Y.encodeStateVectorFromUpdate(state)).keys()].sort((a, b) => a - b);

/**
 * What a change makes of a stored document: the update alone, and the client id that wrote it. Null where nothing changed.
 * @throws Error when the document cannot be read
 */
export function changeDocument(
  pieces: readonly Uint8Array[],
  change: (doc: Y.Doc) => void,
): { update: Uint8Array; clientId: number } | null {
  const doc = openDocument(pieces);
  const updates: Uint8Array[] = [];
  doc.on("update", (update: Uint8Array) => updates.push(update));
  doc.transact(() => change(doc));
  const clientId = doc.clientID;
  doc.destroy();
  const [first, ...others] = updates;
  if (!first) return null;
  return { update: others.length === 0 ? first : Y.mergeUpdates(updates), clientId };
}

export type SharedDocument = Y.Doc;

/** All of a document, as its first update. */
export const encodeDocument = (doc: SharedDocument): Uint8Array => Y.encodeStateAsUpdate(doc);

/**
 * Snapshot and updates as one state, which gives back the same history and the same content.
 * @throws Error when they cannot be read, or the state is not the same: then what is stored must stay
 */
export function compactPieces(pieces: readonly Uint8Array[]): Uint8Array {
  const doc = openDocument(pieces);
  const state = encodeDocument(doc);
  const copy = openDocument([state]);
  const isSame = hasSameHistory(doc, copy) && contentOf(doc) === contentOf(copy);
  doc.destroy();
  copy.destroy();
  if (!isSame) throw new Error("The snapshot is not what the log says.");
  return state;
}

function hasSameHistory(a: Y.Doc, b: Y.Doc): boolean {
  const [before, after] = [a, b].map((doc) => Y.decodeStateVector(Y.encodeStateVector(doc)));
  if (!before || !after || before.size !== after.size) return false;
  for (const [client, clock] of before) if (after.get(client) !== clock) return false;
  return true;
}

const contentOf = (doc: Y.Doc): string =>
  JSON.stringify([...doc.share.keys()].sort().map((root) => [root, inOrder(doc.getMap(root).toJSON())]));

/** Maps keep their keys in the order in which they were written, which the state alone does not tell. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== "object" || value === null) return value;
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, item]) => [key, inOrder(item)]);
}
