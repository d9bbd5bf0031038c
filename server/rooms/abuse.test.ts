import { createHash } from "node:crypto";
import { once } from "node:events";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import * as Y from "yjs";
import { encodeAwareness } from "#collab/awareness-frames.ts";
import { closeCodes } from "#collab/close-codes.ts";
import { openDocument } from "#collab/state.ts";
import { newId } from "#db/ids.ts";
import { createDoc, loadDoc } from "#db/queries/collab.ts";
import { createTestDatabase, type TestDatabase } from "#db/testing.ts";
import { startTestServer, type TestServer, testToken } from "../testing.ts";
import { frameOf, seedDocument } from "./testing.ts";
import { openSocketClient } from "./testing-socket.ts";

let t: TestDatabase;
let web: TestServer;
let docId: string;
const opened: { close(): void }[] = [];

beforeAll(async () => {
  t = await createTestDatabase();
  web = await startTestServer(t);
  docId = newId();
  await t.app.withOrg(t.orgA, (tx) =>
    createDoc(tx, { docId, kind: "dashboard", state: seedDocument().state }),
  );
});
afterEach(async () => {
  for (const client of opened.splice(0)) client.close();
  // whatever came, the document is as it was, and the process serves it
  const state = openDocument((await t.app.withOrg(t.orgA, (tx) => loadDoc(tx, docId))).pieces);
  expect(state.getMap<Y.Map<unknown>>("widgets").toJSON()).toEqual({ w1: { type: "kpi", title: "MRR" } });
  const { state: served, ...guest } = await open("editor");
  await until(() => expect(served.synced).toBe(true));
  guest.close();
});
afterAll(async () => {
  await web.close();
  await t.close();
});

const until = (check: () => void) => vi.waitFor(check, { timeout: 15_000, interval: 5 });
async function open(role: "editor" | "commenter" | "viewer") {
  const headers = { Authorization: `Bearer ${await testToken(t, t.orgA, role)}` };
  const client = openSocketClient(`${web.url.replace("http", "ws")}/collab/${docId}`, headers);
  opened.push(client);
  if (client.socket.readyState !== WebSocket.OPEN) await once(client.socket, "open");
  return client;
}
const closeOf = async ({ state }: { state: { closed: number | null } }): Promise<number | null> => {
  await until(() => expect(state.closed).not.toBeNull());
  return state.closed;
};

const dropped = async (): Promise<number> => {
  const text = await (await fetch(`${web.url}/metrics`)).text();
  return Number(/jarvis_collab_dropped_total\{what="edit"\} (\d+)/.exec(text)?.[1] ?? 0);
};
const shaOfDocument = async (): Promise<string> => {
  const { pieces } = await t.app.withOrg(t.orgA, (tx) => loadDoc(tx, docId));
  return createHash("sha256")
    .update(Y.encodeStateAsUpdate(openDocument(pieces)))
    .digest("hex");
};

describe("a connection", () => {
  test("security row 65: ends over a message of a thousand fragments, one that never ends, and a compressed one", async () => {
    const fragments = await open("editor");
    for (let i = 0; i < 1_000; i++) fragments.socket.send(new Uint8Array([0]), { fin: false });
    expect(await closeOf(fragments)).toBe(1008);
    const endless = await open("editor");
    for (let i = 0; i < 20; i++) endless.socket.send(new Uint8Array(100_000), { fin: false });
    expect(await closeOf(endless)).toBe(closeCodes.tooBig);
    const bomb = await open("editor");
    // a masked binary frame with the bit that says "deflated": nobody agreed on that
    const raw = Reflect.get(bomb.socket, "_socket") as { write(bytes: Buffer): void };
    raw.write(Buffer.from([0xc2, 0x81, 0, 0, 0, 0, 0x78]));
    expect(await closeOf(bomb)).toBe(1002);
  });

  test("security row 66: ends when it is flooded with pings, or with messages", async () => {
    const pings = await open("editor");
    const ended = async () => {
      const text = await (await fetch(`${web.url}/metrics`)).text();
      return Number(/closed_total\{code="4429"\} (\d+)/.exec(text)?.[1] ?? 0);
    };
    const before = await ended();
    for (let i = 0; i < 1_000; i++) pings.socket.ping();
    expect(await closeOf(pings)).toBe(closeCodes.tooMuch);
    expect(await ended()).toBe(before + 1);
    const messages = await open("editor");
    for (let i = 0; i < 1_000; i++) messages.socket.send(frameOf(3));
    expect(await closeOf(messages)).toBe(closeCodes.tooMuch);
    expect(await ended()).toBe(before + 2);
    // who pings now and then is answered
    const { socket } = await open("editor");
    socket.ping("are you there?");
    expect(String((await once(socket, "pong"))[0])).toBe("are you there?");
  });

  test("security row 67: ends when it is flooded with presence, and a pointer of half a megabyte is shown to nobody", async () => {
    const watcher = await open("editor");
    const mallory = await open("editor");
    const heard: Buffer[] = [];
    watcher.socket.on("message", (data: Buffer) => data[0] === 1 && heard.push(data));
    const say = (clock: number, state: Record<string, unknown>) =>
      mallory.socket.send(frameOf(1, encodeAwareness([{ client: mallory.doc.clientID, clock, state }])));
    say(1, { cursor: "x".repeat(500_000) });
    say(2, { cursor: "small" });
    await until(() => expect(Buffer.concat(heard).includes("small")).toBe(true));
    expect(Math.max(...heard.map(({ length }) => length))).toBeLessThan(5_000);
    for (let clock = 3; clock < 1_000; clock++) say(clock, { cursor: clock });
    expect(await closeOf(mallory)).toBe(closeCodes.tooMuch);
    expect(watcher.state.closed).toBeNull();
  });

  test.each(["commenter", "viewer"] as const)(
    "security rows 60 and 61: of a %s ends when it edits by any frame, which is counted, and the document stays the same to the byte",
    async (role) => {
      const before = await dropped();
      const sha = await shaOfDocument();
      for (const step of [1, 2]) {
        const reader = await open(role);
        await until(() => expect(reader.state.synced).toBe(true));
        const mine = new Y.Doc();
        mine.getMap("widgets").set("w9", new Y.Map([["type", "kpi"]]));
        reader.socket.send(frameOf(0, step, Y.encodeStateAsUpdate(mine)));
        expect(await closeOf(reader)).toBe(closeCodes.forbidden);
        expect(reader.state.acked).toBe(0);
      }
      const editing = await open(role);
      await until(() => expect(editing.state.synced).toBe(true));
      editing.doc.getMap<Y.Map<unknown>>("widgets").get("w1")?.set("title", "mine");
      expect(await closeOf(editing)).toBe(closeCodes.forbidden);
      expect(await dropped()).toBe(before + 3);
      expect(await shaOfDocument()).toBe(sha);
    },
  );
});
