import type * as Y from "yjs";
import { open, pause } from "./room-client.ts";
import type { Contestant, RoomWorld } from "./room-servers.ts";

/** Rounds at the same time, each with a process of its own. */
const atOnce = 4;
/** A server may answer with an empty document first, and say the rest later. */
const patienceMs = 3_000;

/** @param stall the database hangs for 1.5 s before the process is killed */
export async function killRounds(
  world: RoomWorld,
  one: Contestant,
  { rounds, stall }: { rounds: number; stall: boolean },
): Promise<{ lost: number; acked: number }[]> {
  const results: { lost: number; acked: number }[] = [];
  while (results.length < rounds) {
    const some = Math.min(atOnce, rounds - results.length);
    results.push(...(await Promise.all(Array.from({ length: some }, () => killOnce(world, one, stall)))));
  }
  return results;
}

/** Five writers, as fast as people in a hurry; the process is killed, started again, and asked for what it had acknowledged. */
async function killOnce(world: RoomWorld, one: Contestant, stall: boolean) {
  const docs = await world.createDocuments(5);
  const wire = stall ? await world.newWire() : null;
  const server = await one.start(wire?.url);
  const writers = docs.map((docId) => open(world, one, server.url, docId));
  await Promise.all(writers.map(({ synced }) => synced));
  let n = 0;
  const timer = setInterval(() => {
    n += 1;
    for (const writer of writers) writer.write(`cfg.k${n}`, performance.now() + n / 1e6);
  }, 20);
  await pause(1_000 + Math.random() * 4_000);
  if (wire) {
    wire.hold();
    await pause(1_500);
  }
  await server.kill();
  clearInterval(timer);
  wire?.release();
  // clients end too: they would bring back what the server lost
  for (const writer of writers) writer.close();
  const again = await one.start();
  let lost = 0;
  let acked = 0;
  for (const [index, docId] of docs.entries()) {
    const keys = [...(writers[index]?.acked ?? [])];
    const reader = open(world, one, again.url, docId);
    await reader.synced;
    const missing = () => {
      const widget = reader.doc.getMap<Y.Map<unknown>>("widgets").get("w1");
      return keys.filter((key) => !widget?.has(key)).length;
    };
    for (let waited = 0; missing() > 0 && waited < patienceMs; waited += 50) await pause(50);
    acked += keys.length;
    lost += missing();
    reader.close();
  }
  await again.kill();
  wire?.close();
  return { lost, acked };
}
