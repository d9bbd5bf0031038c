import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type * as Y from "yjs";
import { closeCodes } from "#collab/close-codes.ts";
import { type TestClient, testRooms } from "./testing.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "setInterval", "clearTimeout", "clearInterval"] });
});
afterEach(() => {
  vi.useRealTimers();
});

const widget = ({ doc }: TestClient) => doc.getMap<Y.Map<unknown>>("widgets").get("w1");
/** Turns of the event loop: everything here but waiting takes no longer. */
async function settle(isDone: () => boolean): Promise<void> {
  for (let turn = 0; turn < 500 && !isDone(); turn++) await new Promise((done) => setImmediate(done));
}
const isSaved = ({ acked, sent }: TestClient) => sent > 0 && acked === sent;

test("security row 27: while Postgres is away for half a minute edits are not acknowledged, not shown, and then merged", async () => {
  const t = testRooms();
  const [ann, bob] = [t.connect(), t.connect()];
  await settle(() => ann.synced && bob.synced && isSaved(ann) && isSaved(bob));
  t.storage.before.append = () => Promise.reject(new Error("away"));
  for (let second = 0; second < 30; second++) {
    widget(ann)?.set(`cfg.ann${second}`, second);
    widget(bob)?.set(`cfg.bob${second}`, second);
    await vi.advanceTimersByTimeAsync(1_000);
  }
  expect([ann, bob].map(({ sent, acked }) => sent - acked)).toEqual([30, 30]);
  expect(widget(bob)?.has("cfg.ann0")).toBe(false);
  expect([ann, bob].map(({ closed }) => closed)).toEqual([null, null]);
  t.storage.before.append = async () => {};
  // the longest pause between two attempts
  await vi.advanceTimersByTimeAsync(2_000);
  await settle(() => isSaved(ann) && isSaved(bob));
  expect([ann, bob].map(isSaved)).toEqual([true, true]);
  await settle(() => widget(ann)?.size === widget(bob)?.size);
  expect(widget(ann)?.toJSON()).toEqual(widget(bob)?.toJSON());
  expect(Object.keys(widget(ann)?.toJSON() ?? {})).toHaveLength(62);
});

test("of what cannot be saved a room keeps so much; then it asks writers to come back later, and loses nothing of what it has", async () => {
  const t = testRooms({ unsavedBytes: 20_000 });
  const ann = t.connect();
  await settle(() => ann.synced && isSaved(ann));
  t.storage.before.append = () => Promise.reject(new Error("away"));
  for (let n = 0; n < 20 && !ann.closed; n++) widget(ann)?.set(`cfg.k${n}`, "x".repeat(4_000));
  expect(ann.closed?.code).toBe(closeCodes.later);
  t.storage.before.append = async () => {};
  await vi.advanceTimersByTimeAsync(2_000);
  const again = t.connect({ doc: ann.doc, userId: ann.userId });
  await settle(() => again.synced && isSaved(again));
  const fresh = t.connect();
  await settle(() => fresh.synced);
  expect(Object.keys(widget(fresh)?.toJSON() ?? {}).sort()).toEqual(
    Object.keys(widget(ann)?.toJSON() ?? {}).sort(),
  );
});
