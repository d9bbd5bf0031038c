import { Line, type LineCustomSvgLayerProps } from "@nivo/line";
import type { SeriesView } from "#contracts/widgets.ts";
import { niceScale } from "./axis.ts";
import { Figure, type Size, useSvgId } from "./figure.tsx";
import { formatCompact, formatMetric, formatPercent } from "./format.ts";
import { formatPeriod } from "./format-dates.ts";
import type { Palette } from "./palette.ts";
import { PeriodAxis, plotMargin, ValueGrid } from "./plot.tsx";

type SeriesLine = SeriesView["lines"][number];
interface Series {
  id: string;
  data: { x: string; y: number | null }[];
}

export function describeSeries(line: SeriesLine, currency: string): string {
  const known = line.points.filter((point) => point.value !== null);
  const [first, last] = [known.at(0), known.at(-1)];
  if (!first || !last) return `${line.name}: no values yet.`;
  const say = (point: typeof first) =>
    `${formatMetric(point.value, line.unit, currency)} in ${formatPeriod(point.period, "long")}`;
  return `${line.name} from ${say(first)} to ${say(last)}.`;
}

const tickOf = (line: SeriesLine) => (value: number) =>
  line.unit === "rate" ? formatPercent(value, { digits: 0 }) : formatCompact(value);

/** What the chart is laid out by; what lies over it (tooltips) fits by the same numbers. `step`: from period to period. */
export function seriesFrame(line: SeriesLine, size: Size) {
  const known = line.points.flatMap(({ value }) => (value === null ? [] : [Number(value)]));
  const scale = niceScale(
    Math.min(0, ...known),
    Math.max(0, ...known),
    Math.max(3, Math.round(size.height / 48)),
  );
  const base = plotMargin(scale, tickOf(line));
  const margin = { ...base, left: base.left + 12, right: 18 };
  const step = (size.width - margin.left - margin.right) / Math.max(1, line.points.length - 1);
  return { scale, margin, step };
}

interface SeriesPlotProps {
  line: SeriesLine;
  size: Size;
  palette: Palette;
}

/** The chart as one image for assistive technology. */
export const SeriesChart = ({
  title,
  currency,
  ...plot
}: SeriesPlotProps & { title: string; currency: string }) => (
  <Figure size={plot.size} title={title} description={describeSeries(plot.line, currency)}>
    <SeriesPlot {...plot} />
  </Figure>
);

/** One metric over time as a line over a soft area; the way to a running period is dashed, its point hollow. */
export function SeriesPlot({ line, size, palette }: SeriesPlotProps) {
  const area = useSvgId("area");
  const values = line.points.map((point) => (point.value === null ? null : Number(point.value)));
  const tick = tickOf(line);
  const { scale, margin } = seriesFrame(line, size);
  const periods = line.points.map((point) => point.period);
  const data: Series[] = [
    {
      id: line.metric,
      data: line.points.map((point, index) => ({ x: point.period, y: values[index] ?? null })),
    },
  ];

  const Layer = ({
    series,
    innerWidth,
    innerHeight,
    xScale,
    yScale,
    lineGenerator,
    areaGenerator,
  }: LineCustomSvgLayerProps<Series>) => {
    const placed = (series[0]?.data ?? []).flatMap(({ data: datum, position }) =>
      datum.y === null ? [] : [{ period: datum.x, x: position.x, y: position.y }],
    );
    const isRunning = (period: string) =>
      line.points.some((point) => point.period === period && !point.complete);
    const firstRunning = placed.findIndex(({ period }) => isRunning(period));
    const settled = firstRunning === -1 ? placed : placed.slice(0, firstRunning);
    const running = firstRunning === -1 ? [] : placed.slice(Math.max(0, firstRunning - 1));
    const last = placed.at(-1);
    return (
      <>
        <ValueGrid scale={scale} y={yScale} width={innerWidth} palette={palette} format={tick} />
        <path d={areaGenerator(placed) ?? ""} fill={`url(#${area})`} />
        <path
          d={lineGenerator(settled) ?? ""}
          fill="none"
          stroke={palette.stroke}
          strokeWidth={2}
          strokeLinejoin="round"
          strokeLinecap="round"
        />
        {running.length > 0 && (
          <path
            d={lineGenerator(running) ?? ""}
            fill="none"
            stroke={palette.stroke}
            strokeWidth={2}
            strokeDasharray="3 4"
            strokeLinecap="round"
          />
        )}
        {last && (
          <circle
            cx={last.x}
            cy={last.y}
            r={3.5}
            fill={isRunning(last.period) ? palette.surface : palette.stroke}
            stroke={palette.stroke}
            strokeWidth={2}
          />
        )}
        <PeriodAxis periods={periods} x={xScale} width={innerWidth} height={innerHeight} palette={palette} />
      </>
    );
  };

  return (
    <>
      <defs>
        <linearGradient id={area} x1="0" y1="0" x2="0" y2="1">
          <stop offset="0" stopColor={palette.stroke} stopOpacity={0.18} />
          <stop offset="1" stopColor={palette.stroke} stopOpacity={0.02} />
        </linearGradient>
      </defs>
      <Line
        data={data}
        width={size.width}
        height={size.height}
        margin={margin}
        xScale={{ type: "point" }}
        yScale={{ type: "linear", min: scale.min, max: scale.max }}
        curve="monotoneX"
        layers={[Layer]}
        animate={false}
        isInteractive={false}
        renderWrapper={false}
        role="presentation"
      />
    </>
  );
}
