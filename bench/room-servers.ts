import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import pg from "pg";
import * as Y from "yjs";
import { createDatabase, type Database } from "#db/database.ts";
import { ensureDatabase, startCluster } from "#db/embedded.ts";
import { newId } from "#db/ids.ts";
import { migrate } from "#db/migrate.ts";
import { createDoc } from "#db/queries/collab.ts";
import { createTestOrganisation } from "#db/testing.ts";
import { childEnv } from "#root/env.ts";
import { testToken } from "#server/testing.ts";
import type { Acknowledges, Framing } from "./room-client.ts";
import { createWire, type Wire } from "./room-wire.ts";

/** A server of shared documents, as a process of its own. */
export interface RoomServer {
  url: string;
  process: ChildProcess;
  kill(): Promise<void>;
}

/** What is compared: how to start it, and how it speaks. */
export interface Contestant {
  name: string;
  framing: Framing;
  acknowledges: Acknowledges;
  start(databaseUrl?: string): Promise<RoomServer>;
}

export interface RoomWorld {
  ours: Contestant;
  peers: Contestant[];
  headers: Record<string, string>;
  db: Database;
  orgId: string;
  /** Documents with one widget, stored for every contestant. */
  createDocuments(count: number): Promise<string[]>;
  /** The database behind a wire that can be held: nothing passes while it is. */
  newWire(): Promise<Wire>;
  peerPool: pg.Pool;
  close(): Promise<void>;
}

const generous = {
  requestsPerMinute: 1_000_000,
  collabPerDocument: 10_000,
  collabPerOrganisation: 10_000,
  collabPerToken: 10_000,
  collabFramesPerSecond: 10_000,
  collabFramesBurst: 10_000,
  collabUpdatesPerSecond: 100_000,
};

export async function createRoomWorld(): Promise<RoomWorld> {
  const home = await mkdtemp(join(tmpdir(), "jarvis360-rooms-"));
  await chmod(home, 0o755);
  const cluster = await startCluster({ dir: join(home, "postgres") });
  const databaseUrl = await ensureDatabase(cluster, "rooms");
  await migrate(databaseUrl);
  const db = createDatabase({ url: databaseUrl, role: "jarvis_app", max: 4 });
  const peerPool = new pg.Pool({ connectionString: databaseUrl, max: 2 });
  await peerPool.query(
    `CREATE SCHEMA peer; CREATE TABLE peer.update (id bigserial PRIMARY KEY, doc_id text NOT NULL, data bytea NOT NULL);
     CREATE INDEX ON peer.update (doc_id, id); CREATE TABLE peer.state (doc_id text PRIMARY KEY, state bytea NOT NULL)`,
  );
  const orgId = await createTestOrganisation(db, "Rooms");
  const token = await testToken({ app: db }, orgId, "editor");
  const peer = (name: string, framing: Framing, acknowledges: Acknowledges): Contestant => ({
    ...{ name, framing, acknowledges },
    start: (url = databaseUrl) => startProcess(["bench/room-peer.ts", name, url], {}, (address) => address),
  });
  return {
    ...{ db, orgId, peerPool },
    newWire: () => createWire(databaseUrl),
    headers: { Authorization: `Bearer ${token}` },
    ours: {
      ...{ name: "ours", framing: "plain", acknowledges: "count" },
      start: (url = databaseUrl) =>
        startProcess(
          ["server/rooms/testing-node.ts"],
          { DATABASE_URL: url, PORT: "0", LOG_LEVEL: "silent", LIMITS: JSON.stringify(generous) },
          (address) => `${address.replace("http", "ws")}/collab`,
        ),
    },
    peers: [
      peer("y-websocket-server", "plain", "echo"),
      peer("hocuspocus", "named", "status"),
      peer("hocuspocus-debounce-0", "named", "status"),
    ],
    async createDocuments(count) {
      const ids = Array.from({ length: count }, () => newId());
      const doc = new Y.Doc();
      doc.getMap("widgets").set("w1", new Y.Map([["type", "kpi"]]));
      const state = Y.encodeStateAsUpdate(doc);
      await db.withOrg(orgId, async (tx) => {
        for (const docId of ids) await createDoc(tx, { docId, kind: "dashboard", state });
      });
      for (const docId of ids) {
        await peerPool.query("INSERT INTO peer.update (doc_id, data) VALUES ($1, $2)", [
          docId,
          Buffer.from(state),
        ]);
        await peerPool.query("INSERT INTO peer.state VALUES ($1, $2)", [docId, Buffer.from(state)]);
      }
      return ids;
    },
    async close() {
      await Promise.all([db.close(), peerPool.end()]);
      await cluster.stop();
      await rm(home, { recursive: true, force: true });
    },
  };
}

async function startProcess(
  args: string[],
  env: Record<string, string>,
  addressOf: (said: string) => string,
): Promise<RoomServer> {
  const child = spawn(process.execPath, ["--import", "tsx", ...args], {
    env: childEnv({ ...env, NODE_ENV: "production" }),
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  const lines = createInterface(child.stdout!);
  const line = await Promise.race([
    new Promise<string>((done) =>
      lines.on("line", (text) => {
        if (text.startsWith('{"url"')) done(text);
      }),
    ),
    ended.then(() => {
      throw new Error(`${args[0]} did not start`);
    }),
  ]);
  return {
    url: addressOf((JSON.parse(line) as { url: string }).url),
    process: child,
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
