import { afterAll, beforeAll, expect, test } from "vitest";
import type * as Y from "yjs";
import { openDocument } from "#collab/state.ts";
import { createDatabase, type Database, sql } from "#db/database.ts";
import { newId } from "#db/ids.ts";
import { createDoc, loadDoc } from "#db/queries/collab.ts";
import { createTestDatabase, type TestDatabase } from "#db/testing.ts";
import { testMember } from "../testing.ts";
import { createPostgresStorage } from "./postgres-storage.ts";
import { seedDocument } from "./testing.ts";

let t: TestDatabase;
let operator: Database;
beforeAll(async () => {
  t = await createTestDatabase();
  operator = createDatabase({ url: t.url, role: "jarvis_maint", max: 1 });
});
afterAll(async () => {
  await operator.close();
  await t.close();
});

test("security row 106: a document outlives the person who wrote it; nobody writes in their name any more", async () => {
  const author = await testMember(t, t.orgA, "editor", "gone@example.com");
  const docId = newId();
  await t.app.withOrg(t.orgA, (tx) =>
    createDoc(tx, { docId, kind: "dashboard", state: seedDocument().state }),
  );
  const storage = createPostgresStorage(t.app, newId());
  const { epoch, pieces } = await t.app.withOrg(t.orgA, (tx) => loadDoc(tx, docId));
  const doc = openDocument(pieces);
  const updates: Uint8Array[] = [];
  doc.on("update", (update: Uint8Array) => updates.push(update));
  const widget = doc.getMap<Y.Map<unknown>>("widgets").get("w1");
  const write = async (title: string) => {
    widget?.set("title", title);
    const data = updates.at(-1)!;
    const update = { data, userId: author.userId, claims: [doc.clientID] };
    return (await storage.append(t.orgA, [{ docId, epoch, updates: [update] }])).get(docId);
  };
  expect(await write("theirs")).toMatchObject({ kind: "stored" });
  await operator.withInstance((tx) => tx.rows(sql`DELETE FROM "user" WHERE id = ${author.userId}`));
  const after = await storage.load(t.orgA, docId);
  expect(
    openDocument(after?.pieces ?? [])
      .getMap("widgets")
      .toJSON(),
  ).toMatchObject({ w1: { title: "theirs" } });
  // what is left of them is a number that leads to nobody
  expect(after?.owners.get(doc.clientID)).toBe(author.userId);
  expect(await write("from the grave")).toEqual({ kind: "refused", users: [author.userId], clients: [] });
});
