import pino from "pino";
import { expect, test, vi } from "vitest";
import { createCommitter } from "./committer.ts";
import { createMemoryStorage } from "./memory-storage.ts";
import type { Room } from "./room.ts";
import type { Batch, BatchOutcome } from "./storage.ts";

const turn = () => new Promise((done) => setImmediate(done));

/** Rooms that have one edit each time they are asked, and a database that answers when it is told to. */
function setUp() {
  const appends: { docs: string[]; answer: () => void }[] = [];
  const storage = createMemoryStorage();
  storage.append = (_orgId, batches) =>
    new Promise((done) => {
      const outcomes = batches.map(({ docId }): [string, BatchOutcome] => [
        docId,
        { kind: "stored", previousSeq: 0, lastSeq: 1 },
      ]);
      appends.push({ docs: batches.map(({ docId }) => docId), answer: () => done(new Map(outcomes)) });
    });
  const committer = createCommitter({ storage, log: pino({ level: "silent" }), onCommit: () => {} });
  const room = (docId: string): Room => {
    const batch: Batch = { docId, epoch: "7", updates: [] };
    return { orgId: "org", docId, nextBatch: () => batch, settle: () => {} } as unknown as Room;
  };
  return { appends, committer, room };
}

test("edits of one moment, and those that come while a transaction runs, go together", async () => {
  const { appends, committer, room } = setUp();
  committer.wake(room("a"));
  committer.wake(room("b"));
  await turn();
  expect(appends.map(({ docs }) => docs)).toEqual([["a", "b"]]);
  committer.wake(room("c"));
  committer.wake(room("d"));
  await turn();
  expect(appends).toHaveLength(1);
  appends[0]?.answer();
  await turn();
  expect(appends.map(({ docs }) => docs)).toEqual([
    ["a", "b"],
    ["c", "d"],
  ]);
});

test("a transaction that takes long is overtaken by one other, and no more", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  const { appends, committer, room } = setUp();
  committer.wake(room("a"));
  await turn();
  for (const docId of ["b", "c"]) {
    vi.advanceTimersByTime(100);
    committer.wake(room(docId));
    await turn();
  }
  expect(appends.map(({ docs }) => docs)).toEqual([["a"], ["b"]]);
  appends[1]?.answer();
  await turn();
  expect(appends.map(({ docs }) => docs)).toEqual([["a"], ["b"], ["c"]]);
  for (const { answer } of appends) answer();
  vi.useRealTimers();
  await committer.flush(1_000);
});
