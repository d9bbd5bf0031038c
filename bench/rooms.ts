import { readFileSync } from "node:fs";
import * as Y from "yjs";
import { openDocument } from "#collab/state.ts";
import { newId } from "#db/ids.ts";
import { loadDoc } from "#db/queries/collab.ts";
import { appendUpdates } from "#db/queries/collab-append.ts";
import { type Figure, figureOf } from "./figures.ts";
import type { BenchOptions } from "./index.ts";
import { openRoomClient, type RoomClient } from "./room-client.ts";
import { type Contestant, createRoomWorld, type RoomServer, type RoomWorld } from "./room-servers.ts";

const pause = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));
const percentile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
};

/** Values of one figure, per contestant, a value per run. */
type Results = Map<string, Map<string, number[]>>;

/** Shared documents: what is lost when a process dies, how quick edits travel, what a connection costs; ours beside three peers. */
export async function benchRooms({ runs, note }: BenchOptions): Promise<Figure[]> {
  const world = await createRoomWorld();
  const results: Results = new Map();
  const keep = (figure: string, { name }: Contestant, value: number) => {
    const byName = results.get(figure) ?? new Map<string, number[]>();
    results.set(figure, byName);
    byName.set(name, [...(byName.get(name) ?? []), value]);
    note(`${figure} ${name}: ${Number(value.toPrecision(5))}`);
  };
  try {
    for (let run = 0; run < (runs ?? 3); run++)
      for (const one of [world.ours, ...world.peers]) {
        for (const stall of [false, true]) {
          const { lost, acked } = await killOnce(world, one, stall);
          keep(stall ? "lost_stall" : "lost_kill", one, lost);
          keep(stall ? "acked_stall" : "acked_kill", one, acked);
        }
        const speed = await propagate(world, one, { rooms: 50, readers: 9, perSecond: 10, seconds: 5 });
        keep("propagation_p50", one, percentile(speed.travelled, 0.5));
        keep("propagation_p99", one, percentile(speed.travelled, 0.99));
        keep("ack_p99", one, percentile(speed.acked, 0.99));
        keep("rss_per_1000", one, await idleMemory(world, one));
        keep("max_updates", one, await ramp(world, one, note));
        keep("cold_load", one, await coldLoad(world, one));
      }
  } finally {
    await world.close();
  }
  return figuresOf(results, world);
}

const open = (world: RoomWorld, one: Contestant, url: string, docId: string, more = {}): RoomClient =>
  openRoomClient({
    ...{ url, docId, headers: world.headers, framing: one.framing, acknowledges: one.acknowledges },
    ...more,
  });

/** Five writers, as fast as people in a hurry; the process is killed, started again, and asked for what it had acknowledged. */
async function killOnce(world: RoomWorld, one: Contestant, stall: boolean) {
  const docs = await world.createDocuments(5);
  const server = await one.start(stall ? world.holdable.url : undefined);
  const writers = docs.map((docId) => open(world, one, server.url, docId));
  await Promise.all(writers.map(({ synced }) => synced));
  let n = 0;
  const timer = setInterval(() => {
    n += 1;
    for (const writer of writers) writer.write(`cfg.k${n}`, performance.now() + n / 1e6);
  }, 20);
  await pause(1_000 + Math.random() * 4_000);
  if (stall) {
    world.holdable.hold();
    await pause(1_500);
  }
  await server.kill();
  clearInterval(timer);
  world.holdable.release();
  for (const writer of writers) writer.close();
  const again = await one.start();
  let lost = 0;
  let acked = 0;
  for (const [index, docId] of docs.entries()) {
    const reader = open(world, one, again.url, docId);
    await reader.synced;
    // a server may answer with an empty document first
    await pause(300);
    const has = reader.doc.getMap<Y.Map<unknown>>("widgets").get("w1");
    for (const key of writers[index]?.acked ?? []) {
      acked += 1;
      if (!has?.has(key)) lost += 1;
    }
    reader.close();
  }
  await again.kill();
  return { lost, acked };
}

/** One writer and some readers per room; times count from when an edit was meant to be made. */
async function propagate(
  world: RoomWorld,
  one: Contestant,
  load: { rooms: number; readers: number; perSecond: number; seconds: number },
  server?: RoomServer,
): Promise<{ travelled: number[]; acked: number[] }> {
  const docs = await world.createDocuments(load.rooms);
  const own = server ?? (await one.start());
  const travelled: number[] = [];
  const acked: number[] = [];
  const writers = docs.map((docId) =>
    open(world, one, own.url, docId, { onAck: (at: number) => acked.push(performance.now() - at) }),
  );
  const readers = docs.flatMap((docId) =>
    Array.from({ length: load.readers }, () =>
      open(world, one, own.url, docId, {
        isCheap: true,
        onStamp: (at: number) => travelled.push(performance.now() - at),
      }),
    ),
  );
  await Promise.all([...writers, ...readers].map(({ synced }) => synced));
  // what the first answers carried does not count
  travelled.length = 0;
  const began = performance.now();
  const every = 1_000 / load.perSecond;
  const total = load.perSecond * load.seconds;
  await Promise.all(
    writers.map(async (writer, index) => {
      const offset = (index / writers.length) * every;
      for (let n = 0; n < total; n++) {
        const at = began + offset + n * every;
        const wait = at - performance.now();
        if (wait > 0) await pause(wait);
        writer.write("title", at);
      }
    }),
  );
  await pause(500);
  for (const client of [...writers, ...readers]) client.close();
  if (!server) await own.kill();
  return { travelled, acked };
}

/** Megabytes that a thousand connections cost which do nothing, twenty documents. */
async function idleMemory(world: RoomWorld, one: Contestant): Promise<number> {
  const docs = await world.createDocuments(20);
  const server = await one.start();
  const rss = () =>
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.process.pid}/status`, "utf8"))?.[1] ?? 0) /
    1024;
  // what is loaded with the first does not count
  const first = open(world, one, server.url, docs[0] ?? "", { isCheap: true });
  await first.synced;
  await pause(1_000);
  const before = rss();
  const clients: RoomClient[] = [];
  for (let i = 0; i < 1_000; i++) {
    clients.push(open(world, one, server.url, docs[i % docs.length] ?? "", { isCheap: true }));
    if (i % 50 === 49) await Promise.all(clients.slice(-50).map(({ synced }) => synced));
  }
  await pause(2_000);
  const cost = rss() - before;
  for (const client of [first, ...clients]) client.close();
  await server.kill();
  return cost;
}

/** Edits per second, of fifty writers with a reader each, until the slowest hundredth takes longer than 100 ms. */
async function ramp(world: RoomWorld, one: Contestant, note: (text: string) => void): Promise<number> {
  const server = await one.start();
  let best = 0;
  for (const perSecond of [2, 5, 10, 20, 30, 40, 60, 80, 120]) {
    const { travelled } = await propagate(
      world,
      one,
      { rooms: 50, readers: 1, perSecond, seconds: 3 },
      server,
    );
    const p99 = percentile(travelled, 0.99);
    note(`  ${one.name} ${perSecond * 50}/s: p99 ${p99.toFixed(1)} ms`);
    if (!(p99 <= 100) || travelled.length < perSecond * 50 * 3 * 0.95) break;
    best = perSecond * 50;
  }
  await server.kill();
  return best;
}

/** A log of ten thousand edits, or what the peer keeps of it: milliseconds until a newcomer has the document. */
async function coldLoad(world: RoomWorld, one: Contestant): Promise<number> {
  const [docId = ""] = await world.createDocuments(1);
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

const units: Record<string, string> = {
  lost_kill: "edits",
  lost_stall: "edits",
  acked_kill: "edits",
  acked_stall: "edits",
  propagation_p50: "ms",
  propagation_p99: "ms",
  ack_p99: "ms",
  rss_per_1000: "MB",
  max_updates: "edits/s",
  cold_load: "ms",
};
const goals: Record<string, { text: string; isMet: (figure: { ours: number; ratio: number }) => boolean }> = {
  lost_kill: { text: "0", isMet: ({ ours }) => ours === 0 },
  lost_stall: { text: "0", isMet: ({ ours }) => ours === 0 },
  propagation_p50: { text: "≤ 15 ms", isMet: ({ ours }) => ours <= 15 },
  propagation_p99: { text: "≤ 40 ms", isMet: ({ ours }) => ours <= 40 },
  ack_p99: { text: "≤ 50 ms", isMet: ({ ours }) => ours <= 50 },
  rss_per_1000: { text: "≤ the peer", isMet: ({ ratio }) => ratio <= 1 },
};

/** Each figure once beside every peer; the first peer's line bears the figure's own name. */
function figuresOf(results: Results, { ours, peers }: RoomWorld): Figure[] {
  return [...results].flatMap(([figure, byName]) =>
    peers.flatMap(({ name }, index): Figure[] => {
      const own = byName.get(ours.name);
      const theirs = byName.get(name);
      if (!own || !theirs) return [];
      const goal = goals[figure];
      const suffix = index === 0 ? "" : `_vs_${name.replaceAll("-", "_")}`;
      return [
        figureOf({
          ...{ bench: "rooms", figure: `${figure}${suffix}`, unit: units[figure] ?? "", runs: own },
          peer: { name, runs: theirs },
          ...(goal ? { goal } : {}),
        }),
      ];
    }),
  );
}
