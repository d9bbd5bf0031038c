import { open, pause } from "./room-client.ts";
import { percentile } from "./room-figures.ts";
import type { Contestant, RoomServer, RoomWorld } from "./room-servers.ts";

/** Milliseconds of each edit, and how busy whoever asks for them was: from 60 % on it measures itself. */
export interface Speed {
  travelled: number[];
  acked: number[];
  generatorPercent: number;
}

interface Load {
  rooms: number;
  writers: number;
  readers: number;
  perSecond: number;
  seconds: number;
  /** What comes first does not count: code that runs for the first time, connections that are being made. */
  warmUpSeconds: number;
}

/** Writers and readers in each room; times count from when an edit was meant to be made. */
export async function propagate(
  world: RoomWorld,
  one: Contestant,
  load: Load,
  server?: RoomServer,
): Promise<Speed> {
  const docs = await world.createDocuments(load.rooms);
  const own = server ?? (await one.start());
  const travelled: number[] = [];
  const acked: number[] = [];
  let countFrom = Number.POSITIVE_INFINITY;
  const into = (times: number[]) => (at: number) => {
    if (at >= countFrom) times.push(performance.now() - at);
  };
  const writers = docs.flatMap((docId) =>
    Array.from({ length: load.writers }, () => open(world, one, own.url, docId, { onAck: into(acked) })),
  );
  const readers = docs.flatMap((docId) =>
    Array.from({ length: load.readers }, () =>
      open(world, one, own.url, docId, { isCheap: true, onStamp: into(travelled) }),
    ),
  );
  await Promise.all([...writers, ...readers].map(({ synced }) => synced));
  const began = performance.now();
  countFrom = began + load.warmUpSeconds * 1_000;
  const cpu = process.cpuUsage();
  const every = 1_000 / load.perSecond;
  const total = load.perSecond * (load.seconds + load.warmUpSeconds);
  await Promise.all(
    writers.map(async (writer, index) => {
      const offset = (index / writers.length) * every;
      for (let n = 0; n < total; n++) {
        const at = began + offset + n * every;
        const wait = at - performance.now();
        if (wait > 0) await pause(wait);
        // each writer its own key: an edit that overwrites another's is another edit
        writer.write(load.writers === 1 ? "title" : `cfg.k${index}`, at);
      }
    }),
  );
  const { user, system } = process.cpuUsage(cpu);
  const generatorPercent = (user + system) / 10 / (performance.now() - began);
  await pause(500);
  for (const client of [...writers, ...readers]) client.close();
  if (!server) await own.kill();
  return { travelled, acked, generatorPercent };
}

/** Edits per second, of fifty writers with a reader each, until the slowest hundredth takes longer than 100 ms, twice. */
export async function ramp(world: RoomWorld, one: Contestant, note: (text: string) => void): Promise<number> {
  const server = await one.start();
  async function holds(perSecond: number): Promise<boolean> {
    const load = { rooms: 50, writers: 1, readers: 1, perSecond, seconds: 3, warmUpSeconds: 1 };
    const { travelled, generatorPercent } = await propagate(world, one, load, server);
    const p99 = percentile(travelled, 0.99);
    const busy = generatorPercent.toFixed(0);
    note(`  ${one.name} ${perSecond * 50}/s: p99 ${p99.toFixed(1)} ms, generator ${busy} %`);
    return p99 <= 100 && travelled.length >= perSecond * 50 * load.seconds * 0.95;
  }
  let best = 0;
  for (const perSecond of [2, 5, 10, 20, 30, 40, 60, 80, 120]) {
    // whatever else the machine does may spoil one try
    if (!(await holds(perSecond)) && !(await holds(perSecond))) break;
    best = perSecond * 50;
  }
  await server.kill();
  return best;
}
