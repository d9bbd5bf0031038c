import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import * as encoding from "lib0/encoding";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import * as Y from "yjs";
import { closeCodes } from "#collab/close-codes.ts";
import { type TestClient, testRooms } from "./testing.ts";

/** So often that what is left behind each time shows. */
const often = 10_000;
const atOnce = 500;
const megabyte = 1024 ** 2;

setFlagsFromString("--expose_gc");
const collectGarbage = runInNewContext("gc") as () => void;

// timers that wait can be counted
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "setInterval", "clearTimeout", "clearInterval"] });
});
afterEach(() => {
  vi.useRealTimers();
});

function heapMb(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed / megabyte;
}

/** What was begun is done: loading takes a few turns. */
async function settle(isDone: () => boolean): Promise<void> {
  for (let turn = 0; turn < 10_000 && !isDone(); turn++) await new Promise((done) => setImmediate(done));
}

/** @returns how many megabytes stay, after the same was done once to warm up */
async function grown(work: (round: number) => Promise<void>): Promise<number> {
  await work(0);
  const before = heapMb();
  for (let round = 1; round < often / atOnce; round++) await work(round);
  return heapMb() - before;
}

test("ten thousand documents that do not exist, or cannot be read, leave no room, no timer and no memory behind", {
  timeout: 120_000,
}, async () => {
  const t = testRooms();
  t.storage.create("damaged", new Uint8Array([1, 2, 3]));
  const timers = vi.getTimerCount();
  const growth = await grown(async (round) => {
    const clients = Array.from({ length: atOnce }, (_, index) =>
      t.connect({ room: index % 10 === 0 ? "damaged" : `unknown-${round}-${index}` }),
    );
    await settle(() => clients.every(({ closed }) => closed));
    const codes = new Set(clients.map(({ closed }) => closed?.code));
    expect([...codes].sort()).toEqual([closeCodes.later, closeCodes.unknown]);
    for (const { doc } of clients) doc.destroy();
  });
  expect(t.rooms.size).toBe(0);
  expect(vi.getTimerCount()).toBe(timers);
  expect(growth).toBeLessThan(8);
});

test("ten thousand hostile updates leave the document as it was, nobody in the room, and no memory behind", {
  timeout: 120_000,
}, async () => {
  const t = testRooms({ collabFramesPerSecond: 1e6, collabUpdatesPerSecond: 1e6 });
  const bob = t.connect();
  await settle(() => bob.synced && bob.acked === bob.sent);
  const before = Y.encodeStateAsUpdate(bob.doc);
  const hostile = hostileUpdates(bob);
  const timers = vi.getTimerCount();
  const growth = await grown(async () => {
    for (let index = 0; index < atOnce; index++) {
      const mallory = t.connect({ silent: true });
      await settle(() => mallory.synced);
      const update = hostile[index % hostile.length];
      mallory.sayUpdate(update!(mallory));
      await settle(() => mallory.closed !== null);
      expect([closeCodes.invalid, closeCodes.tooMuch]).toContain(mallory.closed?.code);
      mallory.doc.destroy();
    }
  });
  await settle(() => bob.acked === bob.sent);
  expect(t.storage.docs.get(t.docId)?.updates).toEqual([]);
  expect(Y.encodeStateAsUpdate(bob.doc)).toEqual(before);
  expect([...bob.room.members]).toEqual([bob.member]);
  expect(vi.getTimerCount()).toBe(timers);
  expect(growth).toBeLessThan(8);
});

/** Each a way to do harm: bytes that are none, another's clock, a place that there is none, too many at once, a part that never comes. */
function hostileUpdates(victim: TestClient): ((mallory: TestClient) => Uint8Array)[] {
  const made = ({ doc }: TestClient, change: (copy: Y.Doc) => void): Uint8Array => {
    const copy = new Y.Doc();
    Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc));
    const known = Y.encodeStateVector(copy);
    copy.transact(() => change(copy));
    const update = Y.encodeStateAsUpdate(copy, known);
    copy.destroy();
    return update;
  };
  return [
    () => new Uint8Array([9, 9, 9, 9]),
    () => lie([...Y.decodeStateVector(Y.encodeStateVector(victim.doc))][0]![0]),
    (mallory) => made(mallory, (doc) => doc.getMap("elsewhere").set("x", 1)),
    (mallory) => made(mallory, (doc) => doc.getArray("widgets").push([1])),
    (mallory) => made(mallory, (doc) => doc.getMap("widgets").set("__proto__", new Y.Map())),
    (mallory) =>
      made(mallory, (doc) => doc.getMap<Y.Map<unknown>>("widgets").get("w1")?.set("rect.lg", [Number.NaN])),
    (mallory) =>
      made(mallory, (doc) => {
        for (let i = 0; i < 201; i++) doc.getMap("widgets").set(`m${i}`, new Y.Map([["type", "kpi"]]));
      }),
  ];
}

/** Fifteen bytes that say: this client wrote a thousand million edits. */
function lie(client: number): Uint8Array {
  const encoder = encoding.createEncoder();
  for (const number of [1, 1, client, 100]) encoding.writeVarUint(encoder, number);
  encoding.writeUint8(encoder, 0);
  for (const number of [1e9, 0]) encoding.writeVarUint(encoder, number);
  return encoding.toUint8Array(encoder);
}
