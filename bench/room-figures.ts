import { type Figure, figureOf } from "./figures.ts";
import type { Contestant, RoomWorld } from "./room-servers.ts";

export const percentile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
};

interface Meaning {
  unit: string;
  goal?: { text: string; isMet: (figure: { ours: number; ratio: number }) => boolean };
  /** Added up over all rounds, not their median: one edit that is lost in one round is lost. */
  isSum?: boolean;
}

const none = { text: "0", isMet: ({ ours }: { ours: number }) => ours === 0 };
const atMost = (most: number, unit: string) => ({
  text: `≤ ${most} ${unit}`,
  isMet: ({ ours }: { ours: number }) => ours <= most,
});

const meanings = {
  lost_kill: { unit: "edits", isSum: true, goal: none },
  acked_kill: { unit: "edits", isSum: true },
  kill_rounds: { unit: "rounds", isSum: true },
  lost_stall: { unit: "edits", isSum: true, goal: none },
  acked_stall: { unit: "edits", isSum: true },
  stall_rounds: { unit: "rounds", isSum: true },
  propagation_p50: { unit: "ms", goal: atMost(15, "ms") },
  propagation_p99: { unit: "ms", goal: atMost(40, "ms") },
  ack_p99: { unit: "ms", goal: atMost(50, "ms") },
  generator_cpu: { unit: "%", goal: { text: "< 60 %", isMet: ({ ours }) => ours < 60 } },
  one_room_p50: { unit: "ms" },
  one_room_p99: { unit: "ms" },
  slow_reader_closed: { unit: "of 1", goal: { text: "closed", isMet: ({ ours }) => ours === 1 } },
  slow_reader_mb: { unit: "MB" },
  rss_per_1000: { unit: "MB", goal: { text: "≤ the peer", isMet: ({ ratio }) => ratio <= 1 } },
  max_updates: { unit: "edits/s", goal: { text: "≥ the peer", isMet: ({ ratio }) => ratio >= 1 } },
  cold_load: { unit: "ms" },
} satisfies Record<string, Meaning>;
export type RoomFigure = keyof typeof meanings;

/** What the issue asks beside another peer than the first. */
const otherGoals: Partial<Record<RoomFigure, Meaning["goal"]>> = {
  max_updates: { text: "≥ 0.6 × the peer", isMet: ({ ratio }) => ratio >= 0.6 },
};

/** Values of each figure, per contestant, a value per round. */
export interface RoomResults {
  keep(figure: RoomFigure, one: Contestant, value: number): void;
  figures(): Figure[];
}

/** @param note hears every value as it comes */
export function createRoomResults(
  { ours, peers }: Pick<RoomWorld, "ours" | "peers">,
  note: (text: string) => void,
): RoomResults {
  const results = new Map<RoomFigure, Map<string, number[]>>();
  return {
    keep(figure, { name }, value) {
      const byName = results.get(figure) ?? new Map<string, number[]>();
      results.set(figure, byName);
      byName.set(name, [...(byName.get(name) ?? []), value]);
      note(`${figure} ${name}: ${Number(value.toPrecision(5))}`);
    },
    /** Each figure once beside every peer; the first peer's line bears the figure's own name. */
    figures: () =>
      [...results].flatMap(([figure, byName]) =>
        peers.flatMap(({ name }, index): Figure[] => {
          const own = byName.get(ours.name);
          const theirs = byName.get(name);
          if (!own || !theirs) return [];
          const { unit, isSum = false, goal: firstGoal }: Meaning = meanings[figure];
          const goal = index === 0 ? firstGoal : (otherGoals[figure] ?? firstGoal);
          const suffix = index === 0 ? "" : `_vs_${name.replaceAll("-", "_")}`;
          return [
            figureOf({
              ...{ bench: "rooms", figure: `${figure}${suffix}`, unit, runs: own, isSum },
              peer: { name, runs: theirs },
              ...(goal ? { goal } : {}),
            }),
          ];
        }),
      ),
  };
}
