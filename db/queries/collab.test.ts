import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as Y from "yjs";
import { openDocument } from "#collab/state.ts";
import { newId } from "../ids.ts";
import { createTestDatabase, type TestDatabase } from "../testing.ts";
import { createDoc, findDoc, findDocHead, loadDoc, setDocClosed } from "./collab.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await createTestDatabase();
});
afterAll(() => t.close());

const seed = (title: string): Uint8Array => {
  const doc = new Y.Doc();
  doc.getMap("meta").set("title", title);
  return Y.encodeStateAsUpdate(doc);
};

describe("a stored document", () => {
  test("comes back as it was made, in its own organisation only", async () => {
    const docId = newId();
    await t.app.withOrg(t.orgA, (tx) => createDoc(tx, { docId, kind: "dashboard", state: seed("A") }));
    const stored = await t.app.withOrg(t.orgA, (tx) => loadDoc(tx, docId));
    expect(openDocument(stored.pieces).getMap("meta").toJSON()).toEqual({ title: "A" });
    expect(stored).toMatchObject({ kind: "dashboard", headSeq: 0, isClosed: false });
    expect(BigInt(stored.epoch)).toBeGreaterThan(0n);
    expect(await t.app.withOrg(t.orgB, (tx) => findDoc(tx, docId))).toBeNull();
    await expect(t.app.withOrg(t.orgB, (tx) => loadDoc(tx, docId))).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
  });

  test("is closed and opened", async () => {
    const docId = newId();
    await t.app.withOrg(t.orgA, async (tx) => {
      await createDoc(tx, { docId, kind: "dashboard", state: seed("A") });
      await setDocClosed(tx, docId, true);
      expect(await findDocHead(tx, docId)).toMatchObject({ headSeq: 0, isClosed: true });
      await setDocClosed(tx, docId, false);
      expect(await findDocHead(tx, docId)).toMatchObject({ isClosed: false });
    });
  });
});
