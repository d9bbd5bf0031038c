import { once } from "node:events";
import { readFileSync } from "node:fs";
import * as Y from "yjs";
import { openDocument } from "#collab/state.ts";
import { newId } from "#db/ids.ts";
import { loadDoc } from "#db/queries/collab.ts";
import { appendUpdates } from "#db/queries/collab-append.ts";
import { open, pause, type RoomClient } from "./room-client.ts";
import type { Contestant, RoomServer, RoomWorld } from "./room-servers.ts";

const residentMb = ({ process }: RoomServer): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${process.pid}/status`, "utf8"))?.[1] ?? 0) / 1024;

/** Megabytes that a thousand connections cost which do nothing, twenty documents. */
export async function idleMemory(world: RoomWorld, one: Contestant): Promise<number> {
  const docs = await world.createDocuments(20);
  const server = await one.start();
  // what is loaded with the first does not count
  const first = open(world, one, server.url, docs[0] ?? "", { isCheap: true });
  await first.synced;
  await pause(1_000);
  const before = residentMb(server);
  const clients: RoomClient[] = [];
  for (let i = 0; i < 1_000; i++) {
    clients.push(open(world, one, server.url, docs[i % docs.length] ?? "", { isCheap: true }));
    if (i % 50 === 49) await Promise.all(clients.slice(-50).map(({ synced }) => synced));
  }
  await pause(2_000);
  const cost = residentMb(server) - before;
  for (const client of [first, ...clients]) client.close();
  await server.kill();
  return cost;
}

/** One of two connections stops reading, while 48 MB of edits pass: whether it was closed, and what the server's memory grew by. */
export async function slowReader(
  world: RoomWorld,
  one: Contestant,
): Promise<{ isClosed: boolean; grownMb: number }> {
  const [docId = ""] = await world.createDocuments(1);
  const server = await one.start();
  const writer = open(world, one, server.url, docId);
  const slow = open(world, one, server.url, docId, { isCheap: true });
  let passed = Promise.withResolvers<void>();
  const witness = open(world, one, server.url, docId, { isCheap: true, onStamp: () => passed.resolve() });
  await Promise.all([writer, slow, witness].map(({ synced }) => synced));
  const before = residentMb(server);
  slow.socket.pause();
  let isClosed = false;
  slow.socket.once("close", () => {
    isClosed = true;
  });
  const widget = writer.doc.getMap<Y.Map<unknown>>("widgets").get("w1");
  let grownMb = 0;
  const watch = setInterval(() => {
    grownMb = Math.max(grownMb, residentMb(server) - before);
  }, 50);
  for (let n = 0; n < 384; n++) {
    writer.doc.transact(() => {
      for (let k = 0; k < 16; k++) widget?.set(`cfg.k${k}`, `${n}`.padEnd(8_000, "x"));
    });
    if (n % 16 !== 15) continue;
    // two megabytes at a time: a stamped edit that is through says that all before it are
    passed = Promise.withResolvers<void>();
    writer.write("title", performance.now());
    await Promise.race([passed.promise, pause(30_000)]);
  }
  await pause(3_000);
  clearInterval(watch);
  slow.socket.resume();
  if (!isClosed) await Promise.race([once(slow.socket, "close"), pause(10_000)]);
  // what is closed from here on is closed by us
  const wasClosed = isClosed;
  for (const client of [writer, slow, witness]) client.close();
  await server.kill();
  return { isClosed: wasClosed, grownMb };
}

/** A log of ten thousand edits, or what the peer keeps of it: milliseconds until a newcomer has the document. */
export async function coldLoad(world: RoomWorld, one: Contestant): Promise<number> {
  const [docId = ""] = await world.createDocuments(1);
  await storeLongLog(world, one, docId);
  const server = await one.start();
  const [warm = ""] = await world.createDocuments(1);
  const first = open(world, one, server.url, warm, { isCheap: true });
  await first.synced;
  const began = performance.now();
  const reader = open(world, one, server.url, docId);
  const last = () => reader.doc.getMap<Y.Map<unknown>>("widgets").get("w1")?.get("cfg.k9") === 9_999;
  await reader.synced;
  // one that answers before it has read its store sends the rest later
  while (!last()) await pause(2);
  const took = performance.now() - began;
  first.close();
  reader.close();
  await server.kill();
  return took;
}

async function storeLongLog(world: RoomWorld, one: Contestant, docId: string): Promise<void> {
  const { epoch, pieces } = await world.db.withOrg(world.orgId, (tx) => loadDoc(tx, docId));
  const doc = openDocument(pieces);
  const updates: Uint8Array[] = [];
  doc.on("update", (update: Uint8Array) => updates.push(update));
  const widget = doc.getMap<Y.Map<unknown>>("widgets").get("w1");
  for (let i = 0; i < 10_000; i++) widget?.set(`cfg.k${i % 10}`, i);
  if (one.acknowledges === "count")
    await world.db.withOrg(world.orgId, (tx) =>
      appendUpdates(tx, newId(), [
        { docId, epoch, updates: updates.map((data) => ({ data, userId: null, claims: [] })) },
      ]),
    );
  else if (one.framing === "plain")
    await world.peerPool.query("INSERT INTO peer.update (doc_id, data) SELECT $1, unnest($2::bytea[])", [
      docId,
      updates.map((update) => Buffer.from(update)),
    ]);
  else
    await world.peerPool.query("UPDATE peer.state SET state = $2 WHERE doc_id = $1", [
      docId,
      Buffer.from(Y.encodeStateAsUpdate(doc)),
    ]);
}
