import { describe, expect, test } from "vitest";
import * as Y from "yjs";
import { encodeAwareness } from "#collab/awareness-frames.ts";
import { closeCodes } from "#collab/close-codes.ts";
import { updatesOf } from "#collab/testing-updates.ts";
import { frameOf, seedDocument, testRooms } from "./testing.ts";
import { gate, stored, synced, title, until, widget, widgets } from "./testing-document.ts";

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
