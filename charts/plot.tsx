import { useContext } from "react";
import { type NiceScale, type PeriodLabel, periodLabels } from "./axis.ts";
import { axisSize } from "./figure.tsx";
import { formatCompact } from "./format.ts";
import type { Palette } from "./palette.ts";
import { PeriodMarks } from "./period-marks.ts";
import { textWidth } from "./text-width.ts";

/** What every chart with a period axis shares: its margins, the value grid on the left, the periods below. */

export interface Margin {
  top: number;
  right: number;
  bottom: number;
  left: number;
}

export const tickText = (value: number): string => formatCompact(value);

/** Room for the widest value on the left and two lines of period labels below. */
export const plotMargin = (scale: NiceScale, format: (value: number) => string = tickText): Margin => ({
  top: 8,
  right: 6,
  bottom: 34,
  left: Math.ceil(Math.max(...scale.ticks.map((tick) => textWidth(format(tick), axisSize)))) + 10,
});

export function ValueGrid({
  scale,
  y,
  width,
  palette,
  format = tickText,
}: {
  scale: NiceScale;
  y: (value: number) => number;
  width: number;
  palette: Palette;
  format?: (value: number) => string;
}) {
  return (
    <g>
      {scale.ticks.map((tick) => (
        <g key={tick} transform={`translate(0,${y(tick)})`}>
          <line
            x2={width}
            stroke={tick === 0 ? palette.ink3 : palette.line}
            strokeWidth={1}
            strokeOpacity={tick === 0 ? 0.55 : 1}
            shapeRendering="crispEdges"
          />
          <text x={-8} dy="0.35em" textAnchor="end" fontSize={axisSize} fill={palette.ink3}>
            {format(tick)}
          </text>
        </g>
      ))}
    </g>
  );
}

export function PeriodAxis({
  periods,
  x,
  width,
  height,
  palette,
}: {
  periods: readonly string[];
  /** The middle of a period. */
  x: (period: string) => number;
  width: number;
  height: number;
  palette: Palette;
}) {
  const labels: PeriodLabel[] = periodLabels(periods, width, axisSize);
  const isMarked = useContext(PeriodMarks);
  return (
    <g transform={`translate(0,${height})`} fontSize={axisSize} textAnchor="middle">
      {labels.map(({ index, text, below }) => {
        const period = periods[index];
        if (period === undefined) return null;
        return (
          <g key={period} transform={`translate(${x(period)},0)`}>
            <text y={17} fill={palette.ink3}>
              {text}
            </text>
            {below !== null && (
              <text y={30} fill={palette.ink3} fontWeight={600}>
                {below}
              </text>
            )}
          </g>
        );
      })}
      {periods.filter(isMarked).map((period) => (
        <path
          key={period}
          data-marked={period}
          d="M0,-4L4,0L0,4L-4,0Z"
          transform={`translate(${x(period)},0)`}
          fill={palette.lines[1] ?? palette.ink2}
          stroke={palette.surface}
        />
      ))}
    </g>
  );
}
