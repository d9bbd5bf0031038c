import type { Rect } from "#contracts/widgets.ts";

/**
 * Where cards stand. Rectangles of people who work at the same time may overlap or leave gaps: this is resolved when it is drawn
 * and never written back, so that no client "repairs" what another one is moving.
 */

export const gridColumns = { lg: 12, sm: 4 } as const;
export type Breakpoint = keyof typeof gridColumns;

/** The highest a card may be, and the furthest down that one may begin. */
export const mostRows = { height: 100, y: 10_000 } as const;

interface Item {
  id: string;
  rect: Rect;
}

const within = (value: number, min: number, max: number): number =>
  Number.isFinite(value) ? Math.min(max, Math.max(min, Math.round(value))) : min;

/** The rectangle as the grid can hold it: whole numbers, inside its columns. */
export function clampRect([x, y, w, h]: Rect, breakpoint: Breakpoint): Rect {
  const columns = gridColumns[breakpoint];
  const width = within(w, 1, columns);
  return [within(x, 0, columns - width), within(y, 0, mostRows.y), width, within(h, 1, mostRows.height)];
}

/** From top to bottom, from left to right. */
export const byPlace = (a: { rect: Rect }, b: { rect: Rect }): number =>
  a.rect[1] - b.rect[1] || a.rect[0] - b.rect[0];

/**
 * Every card as far up as those before it allow, none over another. Stored rectangles → rectangles to draw by id, in reading order;
 * of cards that begin in the same place the one given first stands first. Total, and the same again when applied to its own result.
 */
export function compactLayout(items: readonly Item[], breakpoint: Breakpoint): Map<string, Rect> {
  const floor = new Array<number>(gridColumns[breakpoint]).fill(0);
  const placed = items
    .map(({ id, rect }) => ({ id, rect: clampRect(rect, breakpoint) }))
    .sort(byPlace)
    .map(({ id, rect: [x, , w, h] }): Item => {
      const y = Math.max(...floor.slice(x, x + w));
      floor.fill(y + h, x, x + w);
      return { id, rect: [x, y, w, h] };
    });
  return new Map(placed.sort(byPlace).map(({ id, rect }) => [id, rect]));
}

/** The first row under all cards. */
export const bottomOf = (rects: Iterable<Rect>): number => {
  let bottom = 0;
  for (const [, y, , h] of rects) bottom = Math.max(bottom, y + h);
  return bottom;
};

/** The highest, then leftmost place in which a card of this size stands free. */
export function freePlace(
  rects: readonly Rect[],
  [w, h]: readonly [w: number, h: number],
  breakpoint: Breakpoint,
): Rect {
  const columns = gridColumns[breakpoint];
  const width = Math.min(w, columns);
  const collides = (x: number, y: number) =>
    rects.some(
      ([left, top, wide, high]) => x < left + wide && left < x + width && y < top + high && top < y + h,
    );
  // cards end in these rows: a free place begins in one of them
  const rows = [...new Set([0, ...rects.map(([, y, , high]) => y + high)])].sort((a, b) => a - b);
  for (const y of rows)
    for (let x = 0; x + width <= columns; x++) if (!collides(x, y)) return [x, y, width, h];
  return [0, bottomOf(rects), width, h];
}
