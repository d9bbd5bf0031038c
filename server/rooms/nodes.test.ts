import { expect, test, vi } from "vitest";
import * as Y from "yjs";
import { type Bus, createBus } from "#db/bus.ts";
import { createMemoryStorage } from "./memory-storage.ts";
import { testRooms } from "./testing.ts";

/** Two processes on one store, with a bus between them that carries bytes, or does not. */
function twoNodes(carries: "bytes" | "words" | "nothing") {
  const storage = createMemoryStorage();
  const buses: Bus[] = [];
  const receivers: ((message: unknown) => void)[] = [];
  for (const index of [0, 1])
    buses.push(
      createBus({
        ways: [
          {
            open: (receive) => {
              receivers[index] = receive;
            },
            send(message) {
              if (carries === "nothing") return;
              const bytes = carries === "bytes" ? message.bytes : null;
              setImmediate(() => receivers[1 - index]?.({ ...message, bytes }));
            },
            close: async () => {},
          },
        ],
      }),
    );
  const a = testRooms({}, storage, buses[0]);
  return { a, b: testRooms({}, storage, buses[1], a.docId), storage };
}
const widgets = (doc: Y.Doc) => doc.getMap<Y.Map<unknown>>("widgets");
const until = (check: () => void) => vi.waitFor(check, { timeout: 15_000, interval: 5 });

test.each(["bytes", "words"] as const)("what one process stores the other shows, by %s", async (carries) => {
  const { a, b, storage } = twoNodes(carries);
  const [ann, bob] = [a.connect(), b.connect()];
  await until(() =>
    expect([ann, bob].every(({ synced, acked, sent }) => synced && acked === sent)).toBe(true),
  );
  for (let i = 0; i < 20; i++) {
    widgets(ann.doc).set(`a${i}`, new Y.Map([["type", "kpi"]]));
    widgets(bob.doc).set(`b${i}`, new Y.Map([["type", "kpi"]]));
  }
  await until(() => {
    expect(widgets(ann.doc).size).toBe(41);
    expect(widgets(bob.doc).toJSON()).toEqual(widgets(ann.doc).toJSON());
  });
  expect(storage.docs.get(a.docId)?.updates).toHaveLength(40);
});

test("an edit that builds on what only the other process has seen is taken in, without a message in between", async () => {
  const { a, b } = twoNodes("nothing");
  const userId = crypto.randomUUID();
  const ann = a.connect({ userId });
  const bob = b.connect();
  await until(() =>
    expect([ann, bob].every(({ synced, acked, sent }) => synced && acked === sent)).toBe(true),
  );
  widgets(ann.doc).set("w2", new Y.Map([["type", "kpi"]]));
  await until(() => expect(ann.acked).toBe(ann.sent));
  ann.leave();
  // she roams: the same window at the other process, which has not heard of her widget
  const again = b.connect({ userId, doc: ann.doc, silent: true });
  const updates: Uint8Array[] = [];
  ann.doc.on("update", (update: Uint8Array, origin) => origin !== "server" && updates.push(update));
  widgets(ann.doc).get("w2")?.set("title", "roaming");
  again.sayUpdate(updates[0]!);
  await until(() => expect(widgets(bob.doc).get("w2")?.get("title")).toBe("roaming"));
  await until(() => expect(again.acked).toBe(again.sent));
});

test("what another process stored while this one was storing is shown without waiting for anything else", async () => {
  const { a, storage } = twoNodes("nothing");
  const ann = a.connect();
  await until(() => expect(ann.synced && ann.acked === ann.sent).toBe(true));
  const other = new Y.Doc();
  widgets(other).set("theirs", new Y.Map([["type", "kpi"]]));
  const append = storage.append.bind(storage);
  storage.append = async (orgId, batches) => {
    storage.append = append;
    const outcomes = await append(orgId, batches);
    const data = Y.encodeStateAsUpdate(other);
    await append(orgId, [{ docId: a.docId, epoch: "7", updates: [{ data, userId: null, claims: [] }] }]);
    // the word of it comes before the answer
    ann.room.sawHead({ epoch: "7", headSeq: 2, isClosed: false });
    return outcomes;
  };
  widgets(ann.doc).get("w1")?.set("title", "mine");
  await until(() => expect(widgets(ann.doc).has("theirs")).toBe(true));
  await until(() => expect(ann.acked).toBe(ann.sent));
});

test("security row 26: what nobody told of is found by looking at the log, every five seconds", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  const { a, b } = twoNodes("nothing");
  const [ann, bob] = [a.connect(), b.connect()];
  const settle = async (isDone: () => boolean) => {
    for (let turn = 0; turn < 1_000 && !isDone(); turn++) await new Promise((done) => setImmediate(done));
  };
  await settle(() => [ann, bob].every(({ synced, acked, sent }) => synced && acked === sent));
  widgets(ann.doc).get("w1")?.set("title", "unheard");
  await settle(() => ann.acked === ann.sent);
  const titleAtBob = () => widgets(bob.doc).get("w1")?.get("title");
  expect(titleAtBob()).toBe("MRR");
  vi.advanceTimersByTime(5_000);
  await settle(() => titleAtBob() === "unheard");
  vi.useRealTimers();
  expect(titleAtBob()).toBe("unheard");
});

test("who is there is told across processes", async () => {
  const { a, b } = twoNodes("bytes");
  const [ann, bob] = [a.connect({ name: "Ann" }), b.connect()];
  await until(() => expect(ann.synced && bob.synced).toBe(true));
  ann.sayAwareness([{ client: ann.doc.clientID, clock: 1, state: { at: "here" } }]);
  await until(() =>
    expect(bob.present.get(ann.doc.clientID)?.state).toEqual({
      at: "here",
      user: { id: ann.userId, name: "Ann" },
    }),
  );
  ann.leave();
  await until(() => expect(bob.present.size).toBe(0));
});
