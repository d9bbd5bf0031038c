import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import * as Y from "yjs";
import { openDocument } from "#collab/state.ts";
import { createBus } from "#db/bus.ts";
import { sql } from "#db/database.ts";
import { newId } from "#db/ids.ts";
import { createDoc, findDocHead, listUpdates, loadDoc } from "#db/queries/collab.ts";
import { applyCompaction, prepareCompaction } from "#db/queries/collab-compact.ts";
import { createVersion, listVersions, openVersion, restoreVersion } from "#db/queries/collab-versions.ts";
import { createTestDatabase, type TestDatabase } from "#db/testing.ts";
import { testMember } from "../testing.ts";
import { createPostgresStorage } from "./postgres-storage.ts";
import type { RoomStorage } from "./storage.ts";
import { seedDocument } from "./testing.ts";

let t: TestDatabase;
let userId: string;
let viewerId: string;
let nodes: [RoomStorage, RoomStorage];

beforeAll(async () => {
  t = await createTestDatabase();
  userId = (await testMember(t, t.orgA, "editor")).userId;
  viewerId = (await testMember(t, t.orgA, "viewer")).userId;
  nodes = [createPostgresStorage(t.app, newId()), createPostgresStorage(t.app, newId())];
});
afterAll(() => t.close());

async function newDocument(): Promise<{ docId: string; epoch: string; doc: Y.Doc }> {
  const docId = newId();
  await t.app.withOrg(t.orgA, (tx) =>
    createDoc(tx, { docId, kind: "dashboard", state: seedDocument().state }),
  );
  const { epoch, pieces } = await load(docId);
  return { docId, epoch, doc: openDocument(pieces) };
}
const load = (docId: string) => t.app.withOrg(t.orgA, (tx) => loadDoc(tx, docId));
const stored = async (docId: string) => openDocument((await load(docId)).pieces);
const widgets = (doc: Y.Doc) => doc.getMap<Y.Map<unknown>>("widgets");
/** One update per change. */
function edits(doc: Y.Doc, count: number, label = "t"): Uint8Array[] {
  const updates: Uint8Array[] = [];
  const keep = (update: Uint8Array) => updates.push(update);
  doc.on("update", keep);
  for (let i = 0; i < count; i++) widgets(doc).get("w1")?.set("title", `${label}${i}`);
  doc.off("update", keep);
  return updates;
}
const batch = (
  docId: string,
  epoch: string,
  updates: Uint8Array[],
  more: { userId?: string; claims?: number[] } = {},
) => ({
  docId,
  epoch,
  updates: updates.map((data) => ({ data, userId: more.userId ?? userId, claims: more.claims ?? [] })),
});
const append = async (node: RoomStorage, given: ReturnType<typeof batch>) =>
  (await node.append(t.orgA, [given])).get(given.docId);

describe("the log of a document", () => {
  test("has no gap when two processes write at once, and both end up with the same", async () => {
    const { docId, epoch, doc } = await newDocument();
    const other = openDocument([Y.encodeStateAsUpdate(doc)]);
    const [mine, theirs] = [edits(doc, 20, "a"), edits(other, 20, "b")];
    await Promise.all(
      [mine, theirs].flatMap((updates, index) =>
        updates.map((update) => append(nodes[index]!, batch(docId, epoch, [update]))),
      ),
    );
    const log = await t.app.withOrg(t.orgA, (tx) => listUpdates(tx, docId, epoch, 0));
    expect(log.map(({ seq }) => seq)).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
    const state = await stored(docId);
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(other));
    expect(widgets(state).toJSON()).toEqual(widgets(doc).toJSON());
  });

  test("stores the same bytes once, and many documents in one commit", async () => {
    const [a, b] = [await newDocument(), await newDocument()];
    const [first, second] = edits(a.doc, 2);
    const both = [
      batch(a.docId, a.epoch, [first!, second!, first!]),
      batch(b.docId, b.epoch, edits(b.doc, 3)),
    ];
    for (const repeated of [false, true]) {
      const outcomes = await nodes[0].append(t.orgA, both);
      expect(outcomes.get(a.docId)).toEqual({ kind: "stored", previousSeq: repeated ? 2 : 0, lastSeq: 2 });
      expect(outcomes.get(b.docId)).toEqual({ kind: "stored", previousSeq: repeated ? 3 : 0, lastSeq: 3 });
    }
  });

  test("takes nothing of who may not write, of another history, or under another's client id", async () => {
    const { docId, epoch, doc } = await newDocument();
    const [update] = edits(doc, 1);
    expect(await append(nodes[0], batch(docId, epoch, [update!], { userId: viewerId }))).toEqual({
      ...{ kind: "refused", users: [viewerId], clients: [] },
    });
    expect(await append(nodes[0], batch(docId, "5", [update!]))).toEqual({ kind: "shut", why: "epoch" });
    expect(await append(nodes[0], batch(newId(), epoch, [update!]))).toEqual({
      kind: "shut",
      why: "unknown",
    });
    const second = (await testMember(t, t.orgA, "admin")).userId;
    await append(nodes[0], batch(docId, epoch, [update!], { claims: [77] }));
    expect(
      await append(nodes[1], batch(docId, epoch, edits(doc, 1, "x"), { userId: second, claims: [77, 78] })),
    ).toEqual({ kind: "refused", users: [], clients: [77] });
    expect(await t.app.withOrg(t.orgA, (tx) => findDocHead(tx, docId))).toMatchObject({ headSeq: 1 });
  });

  test("is another organisation's secret", async () => {
    const { docId, epoch, doc } = await newDocument();
    const [update] = edits(doc, 1);
    expect(await nodes[0].load(t.orgB, docId)).toBeNull();
    const outcomes = await nodes[0].append(t.orgB, [batch(docId, epoch, [update!])]);
    expect(outcomes.get(docId)).toEqual({ kind: "shut", why: "unknown" });
  });
});

describe("a snapshot", () => {
  const compact = async (docId: string) => {
    const made = await t.worker.withOrg(t.orgA, (tx) => prepareCompaction(tx, docId), { readOnly: true });
    return made && { made, done: await t.worker.withOrg(t.orgA, (tx) => applyCompaction(tx, made)) };
  };
  const age = (docId: string) =>
    t.app.withOrg(t.orgA, (tx) =>
      tx.rows(
        sql`UPDATE collab_update SET at = at - interval '1 hour' WHERE org_id = ${tx.orgId} AND doc_id = ${docId}`,
      ),
    );

  test("takes the place of the log, which stays for some minutes, and running twice changes nothing", async () => {
    const { docId, epoch, doc } = await newDocument();
    await append(nodes[0], batch(docId, epoch, edits(doc, 30)));
    expect((await compact(docId))?.done).toBe(true);
    expect((await load(docId)).pieces).toHaveLength(1);
    expect(await t.app.withOrg(t.orgA, (tx) => listUpdates(tx, docId, epoch, 10))).toHaveLength(20);
    expect(await compact(docId)).toBeNull();
    await append(nodes[0], batch(docId, epoch, edits(doc, 2, "later")));
    await age(docId);
    expect((await compact(docId))?.done).toBe(true);
    expect(await t.app.withOrg(t.orgA, (tx) => listUpdates(tx, docId, epoch, 32))).toEqual([]);
    await append(nodes[0], batch(docId, epoch, edits(doc, 1, "last")));
    expect(widgets(await stored(docId)).toJSON()).toEqual(widgets(doc).toJSON());
    expect((await load(docId)).headSeq).toBe(33);
  });

  test("that was made while others wrote is put below what they wrote; an older one is not put at all", async () => {
    const { docId, epoch, doc } = await newDocument();
    await append(nodes[0], batch(docId, epoch, edits(doc, 3)));
    const early = await t.worker.withOrg(t.orgA, (tx) => prepareCompaction(tx, docId));
    await append(nodes[0], batch(docId, epoch, edits(doc, 3, "meanwhile")));
    await compact(docId);
    expect(await t.worker.withOrg(t.orgA, (tx) => applyCompaction(tx, early!))).toBe(false);
    expect(widgets(await stored(docId)).toJSON()).toEqual(widgets(doc).toJSON());
  });

  test("that is cut off half-way leaves all as it was", async () => {
    const { docId, epoch, doc } = await newDocument();
    await append(nodes[0], batch(docId, epoch, edits(doc, 5)));
    await age(docId);
    const made = await t.worker.withOrg(t.orgA, (tx) => prepareCompaction(tx, docId));
    await expect(
      t.worker.withOrg(t.orgA, async (tx) => {
        await applyCompaction(tx, made!);
        throw new Error("killed");
      }),
    ).rejects.toThrow("killed");
    expect((await load(docId)).pieces).toHaveLength(6);
    expect(widgets(await stored(docId)).toJSON()).toEqual(widgets(doc).toJSON());
  });

  test("is not made of a log that cannot be read, or has a hole", async () => {
    for (const damage of [
      sql`UPDATE collab_update SET data = substring(data FROM 1 FOR 9) WHERE seq = 3`,
      sql`DELETE FROM collab_update WHERE seq = 3`,
    ]) {
      const { docId, epoch, doc } = await newDocument();
      await append(nodes[0], batch(docId, epoch, edits(doc, 5)));
      await t.app.withOrg(t.orgA, (tx) =>
        tx.rows(sql`${damage} AND org_id = ${tx.orgId} AND doc_id = ${docId}`),
      );
      await expect(compact(docId)).rejects.toThrow();
      const head = await t.app.withOrg(t.orgA, (tx) => findDocHead(tx, docId));
      expect(head?.headSeq).toBe(5);
    }
  });

  test("is asked for when the log has grown long", async () => {
    const { docId, epoch, doc } = await newDocument();
    await append(nodes[0], batch(docId, epoch, edits(doc, 499)));
    const jobs = () =>
      t.app.withOrg(t.orgA, (tx) =>
        tx.rows<{ snap_seq: string }>(
          sql`SELECT snap_seq FROM collab_doc WHERE org_id = ${tx.orgId} AND doc_id = ${docId}`,
        ),
      );
    expect(await jobs()).toEqual([{ snap_seq: "0" }]);
    // the job is enqueued in the same transaction: it would fail if the door were shut
    expect(await append(nodes[0], batch(docId, epoch, edits(doc, 2, "more")))).toMatchObject({
      lastSeq: 501,
    });
  });
});

test("a version is kept under a name, by day too, and brought back as edits that others see", async () => {
  const { docId, epoch, doc } = await newDocument();
  await append(nodes[0], batch(docId, epoch, edits(doc, 3)));
  const inA = <T>(work: Parameters<typeof t.app.withOrg<T>>[1]) => t.app.withOrg(t.orgA, work);
  const { id } = await inA((tx) => createVersion(tx, { docId, label: "Before the board", userId }));
  await append(nodes[0], batch(docId, epoch, edits(doc, 3, "after")));
  const heard = vi.fn();
  const end = t.app.bus.subscribe("room", heard);
  await inA((tx) => restoreVersion(tx, { docId, id, userId }));
  end();
  expect(heard).toHaveBeenCalledWith(expect.objectContaining({ docId, kind: "updates" }), null);
  for (const { data } of await nodes[0].updatesAfter(t.orgA, docId, epoch, 6)) Y.applyUpdate(doc, data);
  expect(widgets(doc).get("w1")?.get("title")).toBe("t2");
  const made = await t.worker.withOrg(t.orgA, (tx) => prepareCompaction(tx, docId));
  await t.worker.withOrg(t.orgA, (tx) => applyCompaction(tx, made!));
  const { items } = await inA((tx) => listVersions(tx, docId, { limit: 10 }));
  expect(items.map(({ kind, label }) => [kind, label])).toEqual([
    ["daily", ""],
    ["before_restore", ""],
    ["named", "Before the board"],
  ]);
  const before = await inA((tx) => openVersion(tx, docId, items[1]!.id));
  expect(widgets(before).get("w1")?.get("title")).toBe("after2");
  await expect(t.app.withOrg(t.orgB, (tx) => openVersion(tx, docId, id))).rejects.toMatchObject({
    code: "NOT_FOUND",
  });
});

test("the bus takes the messages of rooms", () => {
  const bus = createBus();
  const heard = vi.fn();
  bus.subscribe("room", heard);
  const payload = { orgId: t.orgA, docId: newId(), nodeId: newId(), kind: "presence" as const };
  bus.publish("room", payload, new Uint8Array([1]));
  expect(heard).toHaveBeenCalledWith(payload, new Uint8Array([1]));
});
