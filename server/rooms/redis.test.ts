import { once } from "node:events";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import { WebsocketProvider } from "y-websocket";
import * as Y from "yjs";
import { closeCodes } from "#collab/close-codes.ts";
import { createBus } from "#db/bus.ts";
import { redisWay } from "#db/bus-redis.ts";
import { createDatabase } from "#db/database.ts";
import { newId } from "#db/ids.ts";
import { createDoc } from "#db/queries/collab.ts";
import { createTestDatabase, type TestDatabase } from "#db/testing.ts";
import {
  findRedisServer,
  type RedisServer,
  redisOrSkipped,
  startRedisServer,
} from "#db/testing-redis-server.ts";
import { openTestFeed } from "../feed/testing.ts";
import {
  startTestServer,
  type TestServer,
  testCaller,
  testMember,
  testSession,
  testToken,
} from "../testing.ts";
import { endsInTime } from "../testing-revocation.ts";
import { seedDocument } from "./testing.ts";

const program = findRedisServer();
const until = (check: () => void) => vi.waitFor(check, { timeout: 20_000, interval: 5 });

describe.skipIf(program === null)(
  `two web processes with nothing but ${redisOrSkipped(program)} between them`,
  () => {
    let t: TestDatabase;
    let redis: RedisServer;
    let nodes: { web: TestServer; app: TestDatabase["app"]; gaps: () => number; close(): Promise<void> }[];
    const providers: WebsocketProvider[] = [];

    beforeAll(async () => {
      // the stock client says so of every frame that is ours
      vi.spyOn(console, "error").mockImplementation(() => {});
      t = await createTestDatabase();
      redis = await startRedisServer(program ?? "");
      nodes = await Promise.all([startNode(), startNode()]);
      await until(() => expect(nodes.every(({ gaps }) => gaps() > 0)).toBe(true));
    }, 60_000);
    afterEach(() => {
      for (const provider of providers.splice(0)) provider.destroy();
    });
    afterAll(async () => {
      vi.restoreAllMocks();
      await Promise.all(nodes.map((node) => node.close()));
      await redis.close();
      await t.close();
    });

    /** As a process of its own would be: another bus, other connections to Postgres. */
    async function startNode() {
      const bus = createBus({ ways: [redisWay({ url: redis.url })] });
      let gaps = 0;
      bus.onGap(() => {
        gaps += 1;
      });
      const app = createDatabase({ url: t.url, role: "jarvis_app", max: 3, bus });
      const web = await startTestServer({ app });
      return {
        ...{ web, app, gaps: () => gaps },
        async close() {
          await web.close();
          await bus.close();
          await app.close();
        },
      };
    }

    async function newDocument(): Promise<string> {
      const docId = newId();
      await t.app.withOrg(t.orgA, (tx) =>
        createDoc(tx, { docId, kind: "dashboard", state: seedDocument().state }),
      );
      return docId;
    }

    /** Somebody at a document, by one of the processes. */
    async function join(index: 0 | 1, docId: string, headers: Record<string, string>) {
      class WithHeaders extends WebSocket {
        constructor(url: string, protocols?: string | string[]) {
          super(url, protocols, { headers });
        }
      }
      const url = `${nodes[index]?.web.url.replace("http", "ws")}/collab`;
      const provider = new WebsocketProvider(url, docId, new Y.Doc(), {
        WebSocketPolyfill: WithHeaders as never,
        disableBc: true,
      });
      providers.push(provider);
      await until(() => expect(provider.synced).toBe(true));
      return provider;
    }
    const bearer = async (role: "editor" | "viewer" = "editor") => ({
      Authorization: `Bearer ${await testToken(t, t.orgA, role)}`,
    });
    const first = ({ doc }: WebsocketProvider) => doc.getMap<Y.Map<unknown>>("widgets").get("w1");
    const titleOf = (provider: WebsocketProvider) => first(provider)?.get("title");

    test("an edit at one is shown at the other, carried by Redis", async () => {
      const docId = await newDocument();
      const [ann, bob] = await Promise.all([join(0, docId, await bearer()), join(1, docId, await bearer())]);
      const before = await redis.published();
      first(ann)?.set("title", "from the first");
      await until(() => expect(titleOf(bob)).toBe("from the first"));
      first(bob)?.set("title", "and back");
      await until(() => expect(titleOf(ann)).toBe("and back"));
      expect(await redis.published()).toBeGreaterThanOrEqual(before + 2);
    });

    test("who is at a document is seen by both, under the name of their session, readers too, until they leave", async () => {
      const docId = await newDocument();
      const [ann, bob] = await Promise.all([join(0, docId, await bearer()), join(1, docId, await bearer())]);
      ann.awareness.setLocalState({ cursor: { x: 1 }, user: { name: "The CEO" } });
      const name = `token-editor-${t.orgA.slice(-6)}`;
      await until(() =>
        expect(bob.awareness.getStates().get(ann.doc.clientID)).toMatchObject({
          cursor: { x: 1 },
          user: { name },
        }),
      );
      const reader = await join(1, docId, await bearer("viewer"));
      const names = () =>
        [...ann.awareness.getStates().values()].map((state) => (state.user as { name?: string })?.name);
      await until(() => expect(names()).toContain(`token-viewer-${t.orgA.slice(-6)}`));
      reader.destroy();
      await until(() => expect(names()).not.toContain(`token-viewer-${t.orgA.slice(-6)}`));
      ann.destroy();
      await until(() => expect(bob.awareness.getStates().has(ann.doc.clientID)).toBe(false));
    });

    test("security rows 56 to 58: whoever loses a right at one process is shown out at the other within two seconds, of documents and feed", async () => {
      const docId = await newDocument();
      const there = nodes[1]?.web.url ?? "";
      const here = { app: nodes[0]!.app };
      const owner = testCaller(here, await testMember(t, t.orgA, "owner"));
      /** Somebody with a document and the feed open at the other process. */
      const enter = async () => {
        const member = await testMember(t, t.orgA, "editor", `${newId()}@example.com`);
        const { secret, sessionId } = await testSession(t, member);
        const headers = { cookie: `session=${secret}`, origin: there };
        const socket = new WebSocket(`${there.replace("http", "ws")}/collab/${docId}`, { headers });
        await once(socket, "message");
        const feed = await openTestFeed(there, headers);
        const codes = Promise.all([once(socket, "close").then(([code]) => code as number), feed.closed]);
        return { email: member.email, self: testCaller(here, { ...member, sessionId }), codes };
      };
      const lowered = await enter();
      expect(
        await endsInTime(
          () => owner.members.setRole({ email: lowered.email, role: "viewer" }),
          lowered.codes,
        ),
      ).toEqual([closeCodes.permissionChanged, 4410]);
      const removed = await enter();
      expect(await endsInTime(() => owner.members.remove({ email: removed.email }), removed.codes)).toEqual([
        closeCodes.forbidden,
        4401,
      ]);
      const gone = await enter();
      expect(await endsInTime(() => gone.self.account.signOut(), gone.codes)).toEqual([
        closeCodes.sessionOver,
        4401,
      ]);
    });

    test("while Redis is dead nothing that was saved is lost; when it is back, the gap is read from Postgres", async () => {
      const docId = await newDocument();
      const [ann, bob] = await Promise.all([join(0, docId, await bearer()), join(1, docId, await bearer())]);
      const before = nodes.map(({ gaps }) => gaps());
      await redis.die();
      first(ann)?.set("cfg.unheard", "nobody told the other");
      first(bob)?.set("cfg.other", "nor the first");
      await redis.comeBack();
      await until(() => expect(nodes.every(({ gaps }, index) => gaps() > (before[index] ?? 0))).toBe(true));
      const all = { "cfg.unheard": "nobody told the other", "cfg.other": "nor the first" };
      for (const provider of [ann, bob])
        await until(() => expect(first(provider)?.toJSON()).toMatchObject(all));
      // and it carries again what only Redis can
      ann.awareness.setLocalState({ cursor: { x: 2 } });
      await until(() =>
        expect(bob.awareness.getStates().get(ann.doc.clientID)).toMatchObject({ cursor: { x: 2 } }),
      );
    });
  },
);
