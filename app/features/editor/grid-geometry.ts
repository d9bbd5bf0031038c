import { byPlace, compactLayout, gridColumns } from "#collab/layout.ts";
import type { Rect } from "#contracts/widgets.ts";
import { gridGap, gridRow } from "../dashboard/grid-layout.ts";

export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** Where a rectangle of the grid is on the screen, from the grid's upper left corner. */
export function boxOf([x, y, w, h]: Rect, gridWidth: number, columns: number): Box {
  const column = (gridWidth - (columns - 1) * gridGap) / columns;
  return {
    left: x * (column + gridGap),
    top: y * (gridRow + gridGap),
    width: w * column + (w - 1) * gridGap,
    height: h * gridRow + (h - 1) * gridGap,
  };
}

type Places = ReadonlyMap<string, Rect>;

/** The layout when one card takes a place: it stands before or behind what is there already, and the rest makes room. */
function shove(places: Places, id: string, rect: Rect, isFirst: boolean, breakpoint: "lg" | "sm"): Places {
  const others = [...places]
    .filter(([other]) => other !== id)
    .map(([other, at]) => ({ id: other, rect: at }));
  const moved = { id, rect };
  const items = isFirst ? [moved, ...others] : [...others, moved];
  // of cards in one row the moved one goes first or last, wherever it stands in it
  const order = items
    .map((item, index) => ({ ...item, index }))
    .sort((a, b) => {
      const [rowA, rowB] = [a.rect[1], b.rect[1]];
      if (rowA !== rowB || (a.id !== id && b.id !== id)) return byPlace(a, b) || a.index - b.index;
      return a.index - b.index;
    });
  // rows apart from each other: what counts is the order, gravity closes the gaps
  return compactLayout(
    order.map(({ id: each, rect: [x, , w, h] }, row) => ({ id: each, rect: [x, row, w, h] })),
    breakpoint,
  );
}

/**
 * One step of a card by keyboard: sideways by a column, up or down past the next card. The same layout where there is nowhere to go.
 */
export function nudge(
  places: Places,
  id: string,
  [dx, dy]: readonly [dx: number, dy: number],
  breakpoint: "lg" | "sm",
): Places {
  const rect = places.get(id);
  if (!rect) return places;
  const [x, y, w, h] = rect;
  const left = Math.min(gridColumns[breakpoint] - w, Math.max(0, x + dx));
  if (dx !== 0) return left === x ? places : shove(places, id, [left, y, w, h], true, breakpoint);
  const rows = [...new Set([...places.values()].map(([, top]) => top))].sort((a, b) => a - b);
  const onTheWay = dy < 0 ? rows.filter((row) => row < y).reverse() : rows.filter((row) => row >= y);
  for (const row of onTheWay) {
    const next = shove(places, id, [x, row, w, h], dy < 0, breakpoint);
    const top = next.get(id)?.[1] ?? y;
    if (dy < 0 ? top < y : top > y) return next;
  }
  return places;
}

/** The layout when a card has another size. */
export function resize(
  places: Places,
  id: string,
  [dw, dh]: readonly [dw: number, dh: number],
  breakpoint: "lg" | "sm",
): Places {
  const rect = places.get(id);
  if (!rect) return places;
  const [x, y, w, h] = rect;
  const width = Math.min(gridColumns[breakpoint] - x, Math.max(1, w + dw));
  const height = Math.min(100, Math.max(2, h + dh));
  return shove(places, id, [x, y, width, height], true, breakpoint);
}
