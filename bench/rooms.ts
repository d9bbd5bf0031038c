import type { Figure } from "./figures.ts";
import type { BenchOptions } from "./index.ts";
import { coldLoad, idleMemory, slowReader } from "./room-costs.ts";
import { createRoomResults, percentile, type RoomFigure, type RoomResults } from "./room-figures.ts";
import { killRounds } from "./room-kill.ts";
import { type Contestant, createRoomWorld, type RoomWorld } from "./room-servers.ts";
import { propagate, ramp } from "./room-speed.ts";

/** Over all runs: chance decides when a process dies. Peers, which lose edits at once, need fewer. */
const killsOfOurs = 20;
const killsOfPeers = 4;

/** Shared documents: what is lost when a process dies, how quick edits travel, what a connection costs; ours beside three peers. */
export async function benchRooms({ runs, only, note }: BenchOptions): Promise<Figure[]> {
  const world = await createRoomWorld();
  const results = createRoomResults(world, note);
  const times = runs ?? 3;
  const wanted = Object.entries(scenarios).filter(
    ([name]) => only === null || only.split(",").includes(name),
  );
  try {
    for (let run = 0; run < times; run++)
      // one after the other and again: whatever else the machine does hits all of them
      for (const [, scenario] of wanted)
        for (const one of [world.ours, ...world.peers]) await scenario({ world, one, results, times, note });
  } finally {
    await world.close();
  }
  return results.figures();
}

interface Round {
  world: RoomWorld;
  one: Contestant;
  results: RoomResults;
  times: number;
  note: (text: string) => void;
}

/** By the name that `--only` takes. */
const scenarios: Record<string, (round: Round) => Promise<void>> = {
  async kill({ world, one, results, times }) {
    const rounds = Math.ceil((one === world.ours ? killsOfOurs : killsOfPeers) / times);
    for (const stall of [false, true]) {
      const kind = stall ? "stall" : "kill";
      for (const { lost, acked } of await killRounds(world, one, { rounds, stall })) {
        results.keep(`lost_${kind}`, one, lost);
        results.keep(`acked_${kind}`, one, acked);
      }
      results.keep(`${kind}_rounds`, one, rounds);
    }
  },
  async speed({ world, one, results }) {
    const load = { rooms: 50, writers: 1, readers: 9, perSecond: 10, seconds: 8, warmUpSeconds: 2 };
    const { travelled, acked, generatorPercent } = await propagate(world, one, load);
    const figures: [RoomFigure, number][] = [
      ["propagation_p50", percentile(travelled, 0.5)],
      ["propagation_p99", percentile(travelled, 0.99)],
      ["ack_p99", percentile(acked, 0.99)],
      ["generator_cpu", generatorPercent],
    ];
    for (const [figure, value] of figures) results.keep(figure, one, value);
  },
  async room({ world, one, results }) {
    const load = { rooms: 1, writers: 10, readers: 80, perSecond: 5, seconds: 5, warmUpSeconds: 2 };
    const { travelled } = await propagate(world, one, load);
    results.keep("one_room_p50", one, percentile(travelled, 0.5));
    results.keep("one_room_p99", one, percentile(travelled, 0.99));
  },
  async slow({ world, one, results }) {
    const { isClosed, grownMb } = await slowReader(world, one);
    results.keep("slow_reader_closed", one, isClosed ? 1 : 0);
    results.keep("slow_reader_mb", one, grownMb);
  },
  async memory({ world, one, results }) {
    results.keep("rss_per_1000", one, await idleMemory(world, one));
  },
  async ramp({ world, one, results, note }) {
    results.keep("max_updates", one, await ramp(world, one, note));
  },
  async load({ world, one, results }) {
    results.keep("cold_load", one, await coldLoad(world, one));
  },
};
