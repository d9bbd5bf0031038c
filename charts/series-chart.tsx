import { Line, type LineCustomSvgLayerProps } from "@nivo/line";
import type { SeriesView } from "#contracts/widgets.ts";
import { AnnotationMarks } from "./annotation-marks.tsx";
import { niceScale } from "./axis.ts";
import { Figure, type Size, useSvgId } from "./figure.tsx";
import { formatCompact, formatMetric, formatPercent } from "./format.ts";
import { formatPeriod } from "./format-dates.ts";
import { LineMark } from "./line-mark.tsx";
import type { Palette } from "./palette.ts";
import { PeriodAxis, plotMargin, ValueGrid } from "./plot.tsx";
import type { DrawnLine } from "./series-lines.ts";

type SeriesLine = SeriesView["lines"][number];
interface Series {
  id: string;
  data: { x: string; y: number | null }[];
}

/** Each line from its first to its last value. */
export const describeSeries = (
  line: SeriesLine,
  currency: string,
  lines: readonly DrawnLine[] = [],
): string =>
  lines.length > 1
    ? lines
        .map(({ name, points }) =>
          describeLine({ ...line, name: `${line.name}, ${name}`, points: [...points] }, currency),
        )
        .join(" ")
    : describeLine(line, currency);

function describeLine(line: SeriesLine, currency: string): string {
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
export function seriesFrame(line: SeriesLine, size: Size, lines: readonly DrawnLine[] = [one(line)]) {
  const known = lines.flatMap(({ points }) =>
    points.flatMap(({ value }) => (value === null ? [] : [Number(value)])),
  );
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

const one = (line: SeriesLine): DrawnLine => ({
  id: line.metric,
  name: line.name,
  points: line.points,
  color: 0,
  mark: 0,
});

interface SeriesPlotProps {
  /** The metric; its points are drawn unless `lines` are given. */
  line: SeriesLine;
  /** The lines to draw, of one metric and the same periods (`drawnLines`). */
  lines?: readonly DrawnLine[];
  annotations?: SeriesView["annotations"] | undefined;
  size: Size;
  palette: Palette;
}

/** The chart as one image for assistive technology. */
export const SeriesChart = ({
  title,
  currency,
  ...plot
}: SeriesPlotProps & { title: string; currency: string }) => (
  <Figure size={plot.size} title={title} description={describeSeries(plot.line, currency, plot.lines)}>
    <SeriesPlot {...plot} />
  </Figure>
);

/** So many points still have a mark each; of more only the last. */
const mostMarks = 40;

/**
 * One metric over time as a line over a soft area, or one line with marks per segment; the way to a running period is dashed, its
 * point hollow.
 */
export function SeriesPlot({ line, lines = [one(line)], annotations = [], size, palette }: SeriesPlotProps) {
  const area = useSvgId("area");
  const tick = tickOf(line);
  const { scale, margin } = seriesFrame(line, size, lines);
  const periods = line.points.map((point) => point.period);
  const running = new Set(line.points.filter(({ complete }) => !complete).map(({ period }) => period));
  const data: Series[] = lines.map(({ id, points }) => ({
    id,
    data: points.map(({ period, value }) => ({ x: period, y: value === null ? null : Number(value) })),
  }));
  const isAlone = lines.length === 1 && lines[0]?.mark === 0;

  const Layer = ({
    series,
    innerWidth,
    innerHeight,
    xScale,
    yScale,
    lineGenerator,
    areaGenerator,
  }: LineCustomSvgLayerProps<Series>) => (
    <>
      <ValueGrid scale={scale} y={yScale} width={innerWidth} palette={palette} format={tick} />
      <AnnotationMarks marks={annotations} x={xScale} height={innerHeight} palette={palette} />
      {lines.map((drawn, index) => {
        const placed = (series[index]?.data ?? []).flatMap(({ data: datum, position }) =>
          datum.y === null ? [] : [{ period: datum.x, x: position.x, y: position.y }],
        );
        const firstRunning = placed.findIndex(({ period }) => running.has(period));
        const settled = firstRunning === -1 ? placed : placed.slice(0, firstRunning);
        const coming = firstRunning === -1 ? [] : placed.slice(Math.max(0, firstRunning - 1));
        const color = palette.lines[drawn.color] ?? palette.stroke;
        const stroke = { fill: "none", stroke: color, strokeWidth: 2, strokeLinecap: "round" } as const;
        const marked = drawn.mark > 0 && placed.length <= mostMarks ? placed : placed.slice(-1);
        return (
          <g key={drawn.id}>
            {isAlone ? <path d={areaGenerator(placed) ?? ""} fill={`url(#${area})`} /> : null}
            <path d={lineGenerator(settled) ?? ""} {...stroke} strokeLinejoin="round" />
            {coming.length > 0 && <path d={lineGenerator(coming) ?? ""} {...stroke} strokeDasharray="3 4" />}
            {marked.map(({ period, x, y }) => {
              const fill = running.has(period) ? palette.surface : color;
              return drawn.mark === 0 ? (
                <circle key={period} cx={x} cy={y} r={3.5} fill={fill} stroke={color} strokeWidth={2} />
              ) : (
                <LineMark key={period} mark={drawn.mark} x={x} y={y} color={color} fill={fill} />
              );
            })}
          </g>
        );
      })}
      <PeriodAxis periods={periods} x={xScale} width={innerWidth} height={innerHeight} palette={palette} />
    </>
  );

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
