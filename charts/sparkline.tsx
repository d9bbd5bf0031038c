import type { SeriesPoint } from "#contracts/widgets.ts";
import type { Size } from "./figure.tsx";
import type { Palette } from "./palette.ts";

/** The points of a sparkline in its own coordinates, oldest first; what has no value is left out. Not zero-based: it shows shape. */
export function sparklinePoints(
  points: readonly SeriesPoint[],
  { width, height }: Size,
): { x: number; y: number; complete: boolean }[] {
  const pad = 2.5;
  const known = points.flatMap((point, index) =>
    point.value === null ? [] : [{ index, value: Number(point.value), complete: point.complete }],
  );
  const values = known.map(({ value }) => value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const spread = high - low;
  const round = (value: number) => Math.round(value * 100) / 100;
  return known.map(({ index, value, complete }) => ({
    x: round(pad + (index / Math.max(1, points.length - 1)) * (width - 2 * pad)),
    y: round(spread === 0 ? height / 2 : height - pad - ((value - low) / spread) * (height - 2 * pad)),
    complete,
  }));
}

const pathOf = (points: readonly { x: number; y: number }[]): string =>
  points.map(({ x, y }, index) => `${index === 0 ? "M" : "L"}${x},${y}`).join("");

/** The course in two paths: what is settled, and from its end on what still runs; each null where it has no line. */
export function sparklinePaths(
  points: readonly SeriesPoint[],
  size: Size,
): { settled: string | null; running: string | null } {
  const placed = sparklinePoints(points, size);
  if (placed.length < 2) return { settled: null, running: null };
  const split = placed.findIndex(({ complete }) => !complete);
  const running = split === -1 ? [] : placed.slice(Math.max(0, split - 1));
  return {
    settled: pathOf(split === -1 ? placed : placed.slice(0, split)) || null,
    running: running.length > 1 ? pathOf(running) : null,
  };
}

/** How what still runs is drawn, in the units of a line's width. */
export const runningDash = "2 4";

/** How the line is drawn, on the page and in files. */
export const sparklineStroke = (palette: Palette) =>
  ({
    fill: "none",
    stroke: palette.stroke,
    strokeWidth: 1.75,
    strokeLinejoin: "round",
    strokeLinecap: "round",
  }) as const;

/** The course of a metric beside its value: decoration, the value says it in words. A running period is dashed. */
export function Sparkline({
  points,
  size,
  palette,
}: {
  points: readonly SeriesPoint[];
  size: Size;
  palette: Palette;
}) {
  const { settled, running } = sparklinePaths(points, size);
  if (!settled && !running) return null;
  const stroke = { ...sparklineStroke(palette), vectorEffect: "non-scaling-stroke" } as const;
  return (
    <svg
      viewBox={`0 0 ${size.width} ${size.height}`}
      width="100%"
      height={size.height}
      preserveAspectRatio="none"
      aria-hidden="true"
      style={{ display: "block" }}
    >
      {settled ? <path d={settled} {...stroke} /> : null}
      {running ? <path d={running} {...stroke} strokeDasharray={runningDash} /> : null}
    </svg>
  );
}
