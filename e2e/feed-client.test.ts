import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { openFeed } from "#app/features/live/open-feed.ts";
import type { FeedMessage } from "#contracts/feed.ts";
import { recordEvent } from "#db/queries/events.ts";
import { deleteSession } from "#db/queries/sessions.ts";
import { createTestDatabase, type TestDatabase } from "#db/testing.ts";
import { startTestServer, type TestServer, testMember, testSession } from "#server/testing.ts";
import type { Principal } from "#server/trpc.ts";

/** The browser's feed against the server's, without a browser. */
let t: TestDatabase;
let server: TestServer;
let person: Principal;
let feed: { close(): void } | null = null;
const headers: Record<string, string> = {};
/** A busy machine may take its time. */
const patient = { timeout: 18_000 };
/** Where connections go instead. */
let elsewhere: string | null = null;
const sockets = new Set<WebSocket>();

beforeAll(async () => {
  t = await createTestDatabase();
  person = await testMember(t, t.orgA, "viewer");
});
afterEach(async () => {
  feed?.close();
  await server.close();
  vi.unstubAllGlobals();
});
afterAll(() => t.close());

/** Everything that the page would hear, to be waited for in order. */
async function listen(from: string | null) {
  server = await startTestServer(t);
  const { secret, sessionId } = await testSession(t, person);
  Object.assign(headers, { cookie: `session=${secret}`, origin: server.url });
  vi.stubGlobal(
    "WebSocket",
    class extends WebSocket {
      constructor(url: string) {
        super(elsewhere ?? url, { headers });
        sockets.add(this);
      }
    },
  );
  vi.stubGlobal("location", new URL(server.url));
  const heard: (FeedMessage | string)[] = [];
  feed = openFeed(from, {
    onMessage: (message) => heard.push(message),
    onState: (state) => heard.at(-1) !== state && heard.push(state),
    onRights: (what) => heard.push(`rights ${what}`),
  });
  return { heard, sessionId };
}
const record = (id: string) =>
  t.app.withOrg(t.orgA, (tx) => recordEvent(tx, { topic: "annotations", keys: { id } }));
const idsIn = (heard: (FeedMessage | string)[]) =>
  heard.flatMap((message) =>
    typeof message === "object" && message.type === "events" ? message.events.map(({ keys }) => keys.id) : [],
  );

describe("the page's feed", () => {
  test("hears what happens, comes back after its connection broke, and misses nothing", async () => {
    const { heard } = await listen(null);
    await expect.poll(() => heard, patient).toContainEqual({ type: "events", events: [] });
    await record("1");
    await expect.poll(() => idsIn(heard), patient).toEqual(["1"]);
    for (const socket of sockets) socket.terminate();
    await record("2");
    await expect.poll(() => idsIn(heard), patient).toEqual(["1", "2"]);
    const broke = heard.lastIndexOf("connecting");
    expect(idsIn(heard.slice(0, broke))).toEqual(["1"]);
    expect(heard.slice(broke)).toContain("open");
  });

  test("comes back from a server that takes connections only to end them, as one does that restarts", async () => {
    const { heard } = await listen(null);
    await expect.poll(() => heard, patient).toContain("open");
    const ending = new WebSocketServer({ port: 0 });
    let ended = 0;
    ending.on("connection", (socket) => {
      ended += 1;
      socket.close(1012, "restarting");
    });
    elsewhere = `ws://127.0.0.1:${(ending.address() as AddressInfo).port}`;
    for (const socket of sockets) socket.terminate();
    await expect.poll(() => ended, patient).toBeGreaterThan(2);
    await record("3");
    elsewhere = null;
    await expect.poll(() => idsIn(heard), patient).toContain("3");
    ending.close();
  });

  test("begins where the page's own data ends", async () => {
    const { heard } = await listen("0");
    await expect.poll(() => idsIn(heard), patient).toContain("1");
  });

  test("does not come back when its session has ended", async () => {
    const { heard, sessionId } = await listen(null);
    await expect.poll(() => heard, patient).toContain("open");
    await t.app.withInstance((tx) => deleteSession(tx, sessionId));
    await expect.poll(() => heard.at(-1), patient).toBe("rights over");
  });
});
