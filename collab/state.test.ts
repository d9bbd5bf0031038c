import { expect, test } from "vitest";
import * as Y from "yjs";
import { compactPieces, openDocument } from "./state.ts";

test("a log becomes a snapshot that says the same, in whichever order its keys were written", () => {
  const [ann, bob] = [new Y.Doc(), new Y.Doc()];
  const widgets = (doc: Y.Doc) => doc.getMap<Y.Map<unknown>>("widgets");
  const pieces: Uint8Array[] = [];
  ann.on("update", (update: Uint8Array) => pieces.push(update));
  widgets(ann).set("w1", new Y.Map([["type", "kpi"]]));
  Y.applyUpdate(bob, Y.encodeStateAsUpdate(ann));
  // a state tells of each person's edits in turn, whoever was first
  const byTurns: [Y.Doc, string][] = [
    [bob, "b1"],
    [ann, "a1"],
    [bob, "b2"],
    [ann, "a2"],
  ];
  for (const [doc, key] of byTurns) {
    const before = Y.encodeStateVector(doc);
    widgets(doc)
      .get("w1")
      ?.set(key, [{ key, deep: { z: 1, a: 2 } }]);
    if (doc === bob) pieces.push(Y.encodeStateAsUpdate(bob, before));
  }
  const state = compactPieces(pieces);
  expect(openDocument([state]).getMap("widgets").toJSON()).toEqual(
    openDocument(pieces).getMap("widgets").toJSON(),
  );
});

test("a log that lacks a piece becomes nothing", () => {
  const doc = new Y.Doc();
  const pieces: Uint8Array[] = [];
  doc.on("update", (update: Uint8Array) => pieces.push(update));
  for (let n = 0; n < 3; n++) doc.getMap("meta").set("title", `${n}`);
  expect(() => compactPieces(pieces.toSpliced(1, 1))).toThrow("lacks a part");
});
