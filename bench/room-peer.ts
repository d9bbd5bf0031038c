import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Database } from "@hocuspocus/extension-database";
import { Server } from "@hocuspocus/server";
import { setPersistence, setupWSConnection } from "@y/websocket-server/utils";
import pg from "pg";
import { WebSocketServer } from "ws";
import * as Y from "yjs";
import { presetEnv } from "#root/env.ts";

/** Another server of shared documents, as a process: `room-peer.ts NAME DATABASE_URL`; prints its address as one line of JSON. */
const [name = "", url = ""] = process.argv.slice(2);
presetEnv({ LOG_LEVEL: "silent" });
const pool = new pg.Pool({ connectionString: url, max: 10 });
pool.on("error", () => {});

const started = name === "y-websocket-server" ? startYWebsocket() : startHocuspocus(name);
console.log(JSON.stringify({ url: await started }));

/** Every update is inserted as it comes; its echo does not wait for that. */
async function startYWebsocket(): Promise<string> {
  setPersistence({
    provider: null,
    bindState: async (docId: string, doc: Y.Doc) => {
      doc.on("update", (data: Uint8Array, origin: unknown) => {
        if (origin === pool) return;
        void pool
          .query("INSERT INTO peer.update (doc_id, data) VALUES ($1, $2)", [docId, Buffer.from(data)])
          .catch(() => {});
      });
      const { rows } = await pool.query<{ data: Buffer }>(
        "SELECT data FROM peer.update WHERE doc_id = $1 ORDER BY id",
        [docId],
      );
      doc.transact(() => {
        for (const { data } of rows) Y.applyUpdate(doc, data, pool);
      }, pool);
    },
    writeState: async () => {},
  });
  const server = createServer();
  const sockets = new WebSocketServer({ server, perMessageDeflate: false });
  sockets.on("connection", (socket, req) => setupWSConnection(socket, req));
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function startHocuspocus(name: string): Promise<string> {
  const server = new Server({
    port: 0,
    address: "127.0.0.1",
    quiet: true,
    stopOnSignals: false,
    ...(name === "hocuspocus-debounce-0" ? { debounce: 0, maxDebounce: 0 } : {}),
    extensions: [
      new Database({
        fetch: async ({ documentName }) => {
          const { rows } = await pool.query<{ state: Buffer }>(
            "SELECT state FROM peer.state WHERE doc_id = $1",
            [documentName],
          );
          return rows[0]?.state ?? null;
        },
        store: async ({ documentName, state }) => {
          await pool.query(
            "INSERT INTO peer.state VALUES ($1, $2) ON CONFLICT (doc_id) DO UPDATE SET state = excluded.state",
            [documentName, state],
          );
        },
      }),
    ],
  });
  await server.listen();
  return `ws://127.0.0.1:${server.address.port}`;
}
