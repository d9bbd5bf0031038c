import * as encoding from "lib0/encoding";
import { describe, expect, test, vi } from "vitest";
import * as Y from "yjs";
import { encodeAwareness } from "#collab/awareness-frames.ts";
import { closeCodes } from "#collab/close-codes.ts";
import { frameOf, seedDocument, type TestClient, testRooms } from "./testing.ts";

const widgets = (doc: Y.Doc) => doc.getMap<Y.Map<unknown>>("widgets");
const widget = (title: string) => new Y.Map(Object.entries({ type: "kpi", title }));
const title = (doc: Y.Doc, id = "w1") => widgets(doc).get(id)?.get("title");
const until = (check: () => void) => vi.waitFor(check, { timeout: 10_000, interval: 2 });
const synced = (...clients: TestClient[]) =>
  until(() => expect(clients.every((client) => client.synced && client.acked === client.sent)).toBe(true));
/** A promise that a test lets go of. */
function gate() {
  let open = () => {};
  const opened = new Promise<void>((done) => {
    open = done;
  });
  return { opened, open };
}
const updatesOf = (doc: Y.Doc, change: () => void): Uint8Array[] => {
  const updates: Uint8Array[] = [];
  const keep = (update: Uint8Array) => updates.push(update);
  doc.on("update", keep);
  change();
  doc.off("update", keep);
  return updates;
};
const stored = (t: ReturnType<typeof testRooms>): Y.Doc => {
  const doc = new Y.Doc();
  const kept = t.storage.docs.get(t.docId);
  for (const piece of [kept?.seed, ...(kept?.updates ?? []).map(({ data }) => data)])
    if (piece) Y.applyUpdate(doc, piece);
  return doc;
};

describe("an edit", () => {
  test("reaches others and is acknowledged when it is stored, and not before", async () => {
    const t = testRooms();
    const [ann, bob] = [t.connect(), t.connect()];
    await synced(ann, bob);
    const before = ann.acked;
    const { opened, open } = gate();
    t.storage.before.append = () => opened;
    widgets(ann.doc).get("w1")?.set("title", "ARR");
    const late = t.connect();
    await until(() => expect(late.epoch).toBe("7"));
    await new Promise((done) => setImmediate(done));
    expect(title(bob.doc)).toBe("MRR");
    expect(ann.acked).toBe(before);
    // who comes meanwhile is not shown it either
    expect(title(late.doc)).toBeUndefined();
    open();
    await until(() => expect([bob, late].map(({ doc }) => title(doc))).toEqual(["ARR", "ARR"]));
    await synced(ann, bob, late);
    expect(title(stored(t))).toBe("ARR");
  });

  test("is kept while the database cannot be reached, and stored once when nobody knows whether it was", async () => {
    const t = testRooms();
    const ann = t.connect();
    await synced(ann);
    const append = t.storage.append.bind(t.storage);
    let failures = 2;
    t.storage.append = async (...given) => {
      failures -= 1;
      if (failures === 1) throw new Error("away");
      const outcome = await append(...given);
      // committed, and the answer was lost
      if (failures === 0) throw new Error("cut off");
      return outcome;
    };
    widgets(ann.doc).set("w2", widget("new"));
    widgets(ann.doc).get("w2")?.set("title", "newer");
    await synced(ann);
    expect(title(stored(t), "w2")).toBe("newer");
    expect(t.storage.docs.get(t.docId)?.updates).toHaveLength(2);
  });

  test("that only undoes an addition is acknowledged: it moves no clock", async () => {
    const t = testRooms();
    const ann = t.connect();
    await synced(ann);
    const undo = new Y.UndoManager(widgets(ann.doc));
    widgets(ann.doc).set("w2", widget("new"));
    undo.undo();
    expect(ann.sent).toBeGreaterThan(2);
    await synced(ann);
    expect([...widgets(stored(t)).keys()]).toEqual(["w1"]);
  });

  test("out of order is held back and asked for again: nothing is lost, and the count waits for it", async () => {
    const t = testRooms();
    const ann = t.connect({ silent: true });
    const bob = t.connect();
    await until(() => expect(ann.synced && bob.synced).toBe(true));
    const [, second, third] = updatesOf(ann.doc, () => {
      widgets(ann.doc).set("w2", widget("a"));
      widgets(ann.doc).get("w2")?.set("title", "b");
      widgets(ann.doc).get("w2")?.set("title", "c");
    });
    ann.sayUpdate(second!);
    ann.sayUpdate(third!);
    await synced(bob);
    expect(ann.acked).toBe(0);
    expect(title(bob.doc, "w2")).toBeUndefined();
    ann.sayUpdate(Y.encodeStateAsUpdate(ann.doc), "step2");
    await until(() => expect(title(bob.doc, "w2")).toBe("c"));
    await until(() => expect(ann.acked).toBe(3));
  });

  test("that builds on something that never comes ends the connection", async () => {
    const t = testRooms();
    const ann = t.connect({ silent: true });
    await until(() => expect(ann.synced).toBe(true));
    const [, second] = updatesOf(ann.doc, () => {
      widgets(ann.doc).set("w2", widget("a"));
      widgets(ann.doc).get("w2")?.set("title", "b");
    });
    for (let i = 0; i < 5; i++) ann.sayUpdate(second!, "step2");
    await until(() => expect(ann.closed?.code).toBe(closeCodes.invalid));
  });
});

describe("what a hostile client sends", () => {
  const poison = (client: number, clock: number, length: number): Uint8Array => {
    const encoder = encoding.createEncoder();
    for (const number of [1, 1, client, clock]) encoding.writeVarUint(encoder, number);
    encoding.writeUint8(encoder, 0);
    encoding.writeVarUint(encoder, length);
    encoding.writeVarUint(encoder, 0);
    return encoding.toUint8Array(encoder);
  };

  test("cannot move another's clock: their later edits survive", async () => {
    const t = testRooms();
    const victim = t.connect();
    await synced(victim);
    widgets(victim.doc).get("w1")?.set("title", "first");
    await synced(victim);
    const mallory = t.connect();
    await synced(mallory);
    mallory.sayUpdate(poison(victim.doc.clientID, Y.getState(victim.doc.store, victim.doc.clientID), 1e9));
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
      mallory.sayUpdate(poison(id, Y.getState(mallory.doc.store, id), 1));
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

describe("a document", () => {
  test("that cannot be loaded is never an empty one, and is tried again for the next who comes", async () => {
    const t = testRooms();
    t.storage.before.load = () => Promise.reject(new Error("away"));
    const ann = t.connect();
    await until(() => expect(ann.closed?.code).toBe(closeCodes.later));
    expect(ann.synced).toBe(false);
    expect(t.rooms.size).toBe(0);
    t.storage.before.load = async () => {};
    await synced(t.connect());
  });

  test("that is damaged in the store is not opened", async () => {
    const t = testRooms();
    t.storage.create(t.docId, seedDocument().state.slice(0, 10));
    const ann = t.connect();
    await until(() => expect(ann.closed?.code).toBe(closeCodes.later));
    expect(ann.synced).toBe(false);
  });

  test("takes what comes while it is being loaded", async () => {
    const t = testRooms();
    const { opened, open } = gate();
    t.storage.before.load = () => opened;
    const doc = new Y.Doc();
    const ann = t.connect({ doc });
    const bob = t.connect();
    widgets(doc).set("early", widget("kept"));
    expect(ann.synced).toBe(false);
    open();
    await synced(ann, bob);
    expect(title(stored(t), "early")).toBe("kept");
    expect(title(bob.doc, "early")).toBe("kept");
  });

  test("of another epoch is not synced: nothing merges", async () => {
    const t = testRooms();
    const ann = t.connect({ epoch: "8" });
    await until(() => expect(ann.closed?.code).toBe(closeCodes.otherEpoch));
    expect(ann).toMatchObject({ epoch: "7", synced: false });
    await synced(t.connect({ epoch: "7" }));
  });

  test("is not unloaded while something waits to be stored, and who comes back at once finds it", async () => {
    const t = testRooms({ idleMs: 1 });
    const ann = t.connect();
    await synced(ann);
    const { opened, open } = gate();
    t.storage.before.append = () => opened;
    widgets(ann.doc).get("w1")?.set("title", "late");
    ann.leave();
    await new Promise((done) => setTimeout(done, 20));
    expect(t.rooms.size).toBe(1);
    const back = t.connect();
    open();
    await until(() => expect(title(back.doc)).toBe("late"));
    back.leave();
    await until(() => expect(t.rooms.size).toBe(0));
    expect(t.storage.compactions).toEqual([t.docId]);
    const again = t.connect();
    await until(() => expect(title(again.doc)).toBe("late"));
  });

  test("closes the connection of whoever does not read", async () => {
    const t = testRooms({ collabBufferedBytes: 1_000 });
    let buffered = 0;
    const slow = t.connect({ buffered: () => buffered });
    const ann = t.connect();
    await synced(slow, ann);
    buffered = 1_001;
    widgets(ann.doc).get("w1")?.set("title", "x");
    await until(() => expect(slow.closed?.code).toBe(closeCodes.later));
    await synced(ann);
  });

  test("stores what waits before the process ends, and tells everybody to come back", async () => {
    const t = testRooms();
    const ann = t.connect();
    await synced(ann);
    widgets(ann.doc).get("w1")?.set("title", "last words");
    await t.rooms.close(1_000);
    expect(title(stored(t))).toBe("last words");
    expect(ann.closed?.code).toBe(closeCodes.restarting);
    expect(ann.acked).toBe(ann.sent);
  });
});

describe("who is there", () => {
  test("is shown under the name of their session, and gone when they leave", async () => {
    const t = testRooms();
    const [ann, bob] = [t.connect({ name: "Ann" }), t.connect({ name: "Bob" })];
    await synced(ann, bob);
    const id = ann.doc.clientID;
    ann.sayAwareness([{ client: id, clock: 1, state: { cursor: 3, user: { id: "x", name: "The CEO" } } }]);
    await until(() =>
      expect(bob.present.get(id)?.state).toEqual({ cursor: 3, user: { id: ann.userId, name: "Ann" } }),
    );
    expect(ann.present.size).toBe(0);
    const late = t.connect();
    await until(() => expect(late.present.has(id)).toBe(true));
    ann.leave();
    await until(() => expect(bob.present.size + late.present.size).toBe(0));
  });

  test("cannot be said by anybody else, and comes back with the same clock", async () => {
    const t = testRooms();
    const [ann, bob, mallory] = [t.connect(), t.connect(), t.connect()];
    await synced(ann, bob, mallory);
    const id = ann.doc.clientID;
    ann.sayAwareness([{ client: id, clock: 4, state: { at: "here" } }]);
    await until(() => expect(bob.present.has(id)).toBe(true));
    mallory.sayAwareness([{ client: id, clock: 99, state: { at: "spoofed" } }]);
    mallory.sayAwareness([{ client: id, clock: 100, state: null }]);
    mallory.sayAwareness([{ client: mallory.doc.clientID, clock: 1, state: { at: "own" } }]);
    await until(() => expect(bob.present.get(mallory.doc.clientID)?.state).toMatchObject({ at: "own" }));
    expect(bob.present.get(id)?.state).toMatchObject({ at: "here", user: { id: ann.userId } });
    ann.leave();
    await until(() => expect(bob.present.has(id)).toBe(false));
    const again = t.connect({ doc: ann.doc, userId: ann.userId });
    await synced(again);
    again.sayAwareness([{ client: id, clock: 4, state: { at: "back" } }]);
    await until(() => expect(bob.present.get(id)?.state).toMatchObject({ at: "back" }));
    expect(mallory.closed).toBeNull();
  });

  test("may be of 4 KiB; what is larger is passed over", async () => {
    const t = testRooms();
    const [ann, bob] = [t.connect(), t.connect()];
    await synced(ann, bob);
    const say = (clock: number, text: string) =>
      ann.say(frameOf(1, encodeAwareness([{ client: ann.doc.clientID, clock, state: { text } }])));
    say(1, "x".repeat(5_000));
    say(2, "small");
    await until(() => expect(bob.present.get(ann.doc.clientID)?.state).toMatchObject({ text: "small" }));
  });
});

test("edit, undo and delete of one widget by several people lose nothing: the title is there when it comes back", async () => {
  const t = testRooms();
  const [ann, bob] = [t.connect(), t.connect()];
  await synced(ann, bob);
  const { opened, open } = gate();
  t.storage.before.append = () => opened;
  widgets(ann.doc).get("w1")?.set("del", { by: ann.userId, at: "2026-11-22T00:00:00Z" });
  widgets(bob.doc).get("w1")?.set("title", "edited meanwhile");
  open();
  await synced(ann, bob);
  expect(widgets(bob.doc).get("w1")?.get("del")).toMatchObject({ by: ann.userId });
  widgets(ann.doc).get("w1")?.set("del", null);
  await synced(ann, bob);
  for (const doc of [ann.doc, bob.doc, stored(t)])
    expect([widgets(doc).get("w1")?.get("del"), title(doc)]).toEqual([null, "edited meanwhile"]);
});
