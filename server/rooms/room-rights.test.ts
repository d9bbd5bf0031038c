import { describe, expect, test } from "vitest";
import * as Y from "yjs";
import { closeCodes } from "#collab/close-codes.ts";
import { gcUpdate } from "#collab/testing-updates.ts";
import { frameOf, type TestClient, testRooms } from "./testing.ts";
import { gate, stored, synced, title, until, widget, widgets } from "./testing-document.ts";

describe("what a hostile client sends", () => {
  test("cannot move another's clock: their later edits survive", async () => {
    const t = testRooms();
    const victim = t.connect();
    await synced(victim);
    widgets(victim.doc).get("w1")?.set("title", "first");
    await synced(victim);
    const mallory = t.connect();
    await synced(mallory);
    mallory.sayUpdate(gcUpdate(victim.doc.clientID, Y.getState(victim.doc.store, victim.doc.clientID), 1e9));
    await until(() => expect(mallory.closed?.code).toBe(closeCodes.invalid));
    widgets(victim.doc).get("w1")?.set("title", "second");
    await synced(victim);
    expect(title(stored(t))).toBe("second");
  });

  test("under an absent user's client id, or the server's, is refused", async () => {
    const t = testRooms();
    const victim = t.connect();
    await synced(victim);
    widgets(victim.doc).get("w1")?.set("title", "first");
    await synced(victim);
    victim.leave();
    const server = t.storage.docs.get(t.docId)!;
    for (const id of [victim.doc.clientID, [...server.owners].find(([, user]) => user === null)![0]]) {
      const mallory = t.connect();
      await synced(mallory);
      mallory.sayUpdate(gcUpdate(id, Y.getState(mallory.doc.store, id), 1));
      await until(() => expect(mallory.closed?.code).toBe(closeCodes.invalid));
    }
    // the owner themselves may, from anywhere: a half open connection does not lock them out
    const again = t.connect({ doc: victim.doc, userId: victim.userId });
    await synced(again);
    widgets(again.doc).get("w1")?.set("title", "roaming");
    await synced(again);
  });

  test.each<[string, Uint8Array]>([
    ["no frame", new Uint8Array([250, 1, 2])],
    ["an unknown type", frameOf(7)],
    ["a frame of ours", frameOf(100, 1)],
    ["an update that is none", frameOf(0, 2, new Uint8Array([1, 2, 3, 4]))],
    ["the same as a whole copy", frameOf(0, 1, new Uint8Array([9, 9, 9]))],
    ["a state vector that is none", frameOf(0, 0, new Uint8Array([200]))],
    ["awareness that is none", frameOf(1, new Uint8Array([1, 1]))],
    ["nothing", new Uint8Array()],
  ])("%s ends its own connection, unacknowledged, and nobody else's", async (_name, bytes) => {
    const t = testRooms();
    const [mallory, bob] = [t.connect(), t.connect()];
    await synced(mallory, bob);
    const before = mallory.acked;
    mallory.say(bytes);
    await until(() => expect(mallory.closed?.code).toBe(closeCodes.invalid));
    expect(mallory.acked).toBe(before);
    widgets(bob.doc).get("w1")?.set("title", "fine");
    await synced(bob);
  });

  test("over the document's cap is taken back, and what others wrote at the same moment stays", async () => {
    const t = testRooms();
    const [mallory, bob] = [t.connect(), t.connect()];
    await synced(mallory, bob);
    const { opened, open } = gate();
    t.storage.before.append = () => opened;
    widgets(bob.doc).get("w1")?.set("title", "kept");
    await new Promise((done) => setImmediate(done));
    widgets(bob.doc).set("w2", widget("kept too"));
    mallory.doc.transact(() => {
      for (let i = 0; i < 201; i++) widgets(mallory.doc).set(`m${i}`, widget("x"));
    });
    expect(mallory.closed?.code).toBe(closeCodes.tooMuch);
    open();
    await synced(bob);
    expect([...widgets(stored(t)).keys()].sort()).toEqual(["w1", "w2"]);
    const late = t.connect();
    await synced(late);
    expect(widgets(late.doc).toJSON()).toEqual(widgets(stored(t)).toJSON());
  });

  test("beyond the size of an update or a document, or too often, is refused with its reason", async () => {
    const t = testRooms({
      collabUpdateBytes: 10_000,
      collabDocumentBytes: 20_000,
      collabUpdatesPerSecond: 12,
    });
    const big = t.connect();
    await synced(big);
    big.sayUpdate(new Uint8Array(10_001));
    expect(big.closed?.code).toBe(closeCodes.tooBig);
    const full = t.connect();
    await synced(full);
    for (let i = 0; i < 6 && !full.closed; i++)
      widgets(full.doc).get("w1")?.set(`other${i}`, "x".repeat(4_000));
    expect(full.closed?.code).toBe(closeCodes.tooMuch);
    const often = t.connect();
    await until(() => expect(often.synced).toBe(true));
    for (let i = 0; i < 40 && !often.closed; i++) widgets(often.doc).get("w1")?.set("title", `t${i}`);
    expect(often.closed?.code).toBe(closeCodes.tooMuch);
  });
});

describe("who may only read", () => {
  test("gets the document, and nothing that they say changes it", async () => {
    const t = testRooms();
    const editor = t.connect();
    await synced(editor);
    for (const step of ["update", "step2"] as const) {
      const viewer = t.connect({ canWrite: false });
      await until(() => expect(title(viewer.doc)).toBe("MRR"));
      // not asked for what the server lacks
      expect(viewer.sent).toBe(0);
      viewer.sayUpdate(Y.encodeStateAsUpdate(new Y.Doc()), step);
      viewer.sayUpdate(Y.encodeStateAsUpdate(viewer.doc), step);
      await until(() => expect(viewer.acked).toBe(2));
      const own = new Y.Doc();
      widgets(own).set("w9", widget("mine"));
      viewer.sayUpdate(Y.encodeStateAsUpdate(own), step);
      expect(viewer.closed?.code).toBe(closeCodes.forbidden);
    }
    const viewer = t.connect({ canWrite: false });
    viewer.sayAwareness([{ client: 5, clock: 1, state: { cursor: 1 } }]);
    widgets(editor.doc).get("w1")?.set("title", "ARR");
    await until(() => expect(title(viewer.doc)).toBe("ARR"));
    expect([...widgets(stored(t)).keys()]).toEqual(["w1"]);
    // what they say of themselves does not count
    expect([...editor.present.values()].some(({ state }) => state && "cursor" in state)).toBe(false);
    expect(editor.present.has(5)).toBe(false);
  });

  test("security row 60: and speaks for others is not heard, is counted, and shown out the tenth time", async () => {
    const t = testRooms();
    const [editor, reader] = [t.connect({ name: "Ann" }), t.connect({ name: "Vera", canWrite: false })];
    await synced(editor);
    await until(() => expect(reader.synced).toBe(true));
    const { clientID } = editor.doc;
    editor.sayAwareness([{ client: clientID, clock: 1, state: { at: "here" } }]);
    await until(() => expect(reader.present.get(clientID)?.state).toMatchObject({ at: "here" }));
    // what a stock client says: of itself, and what it has heard, again, late, or no longer
    const heard = reader.present.get(clientID)!;
    for (let n = 1; n <= 30; n++) {
      reader.sayAwareness([{ client: reader.doc.clientID, clock: n, state: { user: { name: "V" } } }]);
      reader.sayAwareness([heard, { ...heard, clock: heard.clock - 1 }]);
      reader.sayAwareness([{ ...heard, state: null }]);
    }
    expect(reader.closed).toBeNull();
    const lies = [
      { ...heard, clock: heard.clock + 1, state: { at: "elsewhere" } },
      // somebody else's, who is not there
      { client: [...t.storage.docs.get(t.docId)!.owners.keys()][0]!, clock: 1, state: {} },
      { client: reader.doc.clientID, clock: 99, state: { cursor: "x".repeat(5_000) } },
    ];
    for (let n = 0; n < 10; n++) {
      expect(reader.closed).toBeNull();
      reader.sayAwareness([lies[n % 3]!]);
    }
    expect(reader.closed?.code).toBe(closeCodes.forbidden);
    expect(await t.metric("jarvis_collab_dropped_total")).toEqual([
      { labels: { what: "presence" }, value: 10 },
    ]);
    expect(editor.closed).toBeNull();
    expect([...editor.present.values()].some(({ state }) => state && "at" in state)).toBe(false);
  });

  test("is seen by the others under the name of their session, for as long as they are there", async () => {
    const t = testRooms();
    const [editor, reader, other] = [
      t.connect({ name: "Ann" }),
      t.connect({ name: "Vera", canWrite: false }),
      t.connect({ name: "Ved", canWrite: false }),
    ];
    await synced(editor);
    editor.sayAwareness([{ client: editor.doc.clientID, clock: 1, state: { at: "here" } }]);
    const states = (client: TestClient) => [...client.present.values()].map(({ state }) => state);
    const seen = ({ userId }: TestClient, name: string) => ({ reading: true, user: { id: userId, name } });
    await until(() => expect(states(editor)).toEqual([seen(reader, "Vera"), seen(other, "Ved")]));
    // nobody sees themselves
    await until(() => expect(states(reader)).toHaveLength(2));
    expect(states(reader)).toContainEqual(seen(other, "Ved"));
    expect(states(reader)).toContainEqual({ at: "here", user: { id: editor.userId, name: "Ann" } });
    const [[id, before] = []] = editor.present;
    // nobody takes their place: not what y-websocket repeats, nor somebody who says so
    editor.sayAwareness([{ client: id!, clock: 99, state: { user: { id: "x", name: "The CEO" } } }]);
    reader.leave();
    await until(() => expect(states(editor)).toEqual([seen(other, "Ved")]));
    expect(before?.state).toEqual(seen(reader, "Vera"));
  });

  test("loses the right in the middle of an edit: it is not stored, and they are told to come back", async () => {
    const t = testRooms();
    const [ann, bob] = [t.connect(), t.connect()];
    await synced(ann, bob);
    t.storage.barred.add(ann.userId);
    widgets(bob.doc).set("w3", widget("stays"));
    widgets(ann.doc).get("w1")?.set("title", "refused");
    await until(() => expect(ann.closed?.code).toBe(closeCodes.permissionChanged));
    await synced(bob);
    expect(widgets(stored(t)).toJSON()).toEqual(widgets(bob.doc).toJSON());
    expect(title(bob.doc)).toBe("MRR");
    expect(title(bob.doc, "w3")).toBe("stays");
  });
});
