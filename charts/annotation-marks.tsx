import type { AnnotationMark } from "#contracts/widgets.ts";
import { formatDay } from "./format-dates.ts";
import type { Palette } from "./palette.ts";

/** The notes of each period, in the order of the axis. */
export function marksByPeriod(marks: readonly AnnotationMark[]): Map<string, AnnotationMark[]> {
  const byPeriod = new Map<string, AnnotationMark[]>();
  for (const mark of marks) {
    const known = byPeriod.get(mark.period);
    if (known) known.push(mark);
    else byPeriod.set(mark.period, [mark]);
  }
  return byPeriod;
}

const radius = 6.5;

/** A thin line through the chart with a pin at its top; several notes of one period are one pin with their count. */
export const AnnotationMarks = ({
  marks,
  x,
  height,
  palette,
}: {
  marks: readonly AnnotationMark[];
  /** The middle of a period. */
  x: (period: string) => number;
  height: number;
  palette: Palette;
}) => (
  <g>
    {[...marksByPeriod(marks)].map(([period, notes]) => (
      <g key={period} transform={`translate(${x(period)},0)`} data-annotation={period}>
        <title>{notes.map(({ day, title }) => `${formatDay(day)}: ${title}`).join("\n")}</title>
        <line y1={radius} y2={height} stroke={palette.ink3} strokeWidth={1} strokeDasharray="2 3" />
        <circle r={radius} fill={palette.surface} stroke={palette.ink2} strokeWidth={1.25} />
        {notes.length > 1 ? (
          <text dy="0.35em" textAnchor="middle" fontSize={9} fontWeight={600} fill={palette.ink2}>
            {notes.length > 9 ? "9+" : notes.length}
          </text>
        ) : (
          <circle r={2.25} fill={palette.ink2} />
        )}
      </g>
    ))}
  </g>
);
