import * as Y from "yjs";

/**
 * Brings a document back to what it held at another time, as new edits: whoever has it open sees it change, and nothing that was
 * written since is out of reach. Entries that came later are marked as deleted, not removed.
 * @param mark what stands in `del` of those
 * @returns the update that does it, already in `doc`; null when there is nothing to do
 */
export function restoreContent(doc: Y.Doc, then: Y.Doc, mark: { by: string; at: string }): Uint8Array | null {
  let made: Uint8Array | null = null;
  const keep = (update: Uint8Array) => {
    made = update;
  };
  doc.on("update", keep);
  doc.transact(() => {
    for (const root of new Set([...doc.share.keys(), ...then.share.keys()]))
      restoreMap(doc.getMap(root), then.getMap(root), mark);
  });
  doc.off("update", keep);
  return made;
}

function restoreMap(now: Y.Map<unknown>, then: Y.Map<unknown>, mark: { by: string; at: string }): void {
  for (const [key, value] of [...now.entries()]) {
    if (then.has(key)) continue;
    if (!(value instanceof Y.Map)) now.delete(key);
    else if ((value.get("del") ?? null) === null) value.set("del", mark);
  }
  for (const [key, value] of then.entries()) {
    const current = now.get(key);
    if (!(value instanceof Y.Map)) {
      if (!now.has(key) || JSON.stringify(current) !== JSON.stringify(value)) now.set(key, value);
    } else if (current instanceof Y.Map) restoreMap(current, value, mark);
    else now.set(key, new Y.Map(value.entries()));
  }
}
