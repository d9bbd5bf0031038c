import type * as Y from "yjs";
import {
  type Actor,
  addWidget,
  configureWidget,
  deleteWidgets,
  duplicateWidget,
  liveWidgetsOf,
  placeWidgets,
  renameDashboard,
  renameWidget,
  restoreWidget,
  setFilters,
} from "#collab/dashboard-commands.ts";
import { deletedWidgets } from "#collab/dashboard-projection.ts";

/** Numbers that a seed decides (mulberry32): the same seed, the same test. */
export interface Draw {
  /** 0 ≤ n < 1. */
  share(): number;
  /** 0 ≤ n < below. */
  below(most: number): number;
  /** One of them; undefined of none. */
  of<Item>(items: readonly Item[]): Item | undefined;
}

export function drawFrom(seed: number): Draw {
  let state = seed >>> 0;
  const share = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (most: number) => Math.floor(share() * most);
  return { share, below, of: (items) => items[below(items.length)] };
}

/** One of the things that people do to a dashboard. */
export function editAtRandom(doc: Y.Doc, draw: Draw, actor: Actor): void {
  const live = liveWidgetsOf(doc);
  const id = draw.of(live)?.id;
  const word = `${actor.by} ${draw.below(1_000)}`;
  const edits: (() => void)[] = [
    () => addWidget(doc, { type: "kpi", title: word, cfg: { metric: "mrr" } }, actor),
    () => renameDashboard(doc, word),
    () => setFilters(doc, { plan: [word], ...(draw.share() < 0.5 ? { country: ["NL"] } : {}) }, actor),
    () => {
      const gone = draw.of(Object.keys(deletedWidgets(doc)));
      if (gone) restoreWidget(doc, gone);
    },
  ];
  if (id)
    edits.push(
      () => renameWidget(doc, id, word),
      () => placeWidgets(doc, new Map([[id, [draw.below(9), draw.below(50), 3, 2]]]), "lg"),
      () => configureWidget(doc, id, { grain: draw.of(["day", "week", "month"]), note: draw.below(10) }),
      () => configureWidget(doc, id, { note: undefined }),
      () => deleteWidgets(doc, [id], actor),
      () => (live.length < 60 ? duplicateWidget(doc, id, actor) : null),
    );
  draw.of(edits)?.();
}
