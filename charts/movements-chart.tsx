import { Bar, type BarCustomLayerProps } from "@nivo/bar";
import type { MovementPart, MovementsView } from "#contracts/widgets.ts";
import { AnnotationMarks } from "./annotation-marks.tsx";
import { Figure, Hatch, type Size, useSvgId } from "./figure.tsx";
import { formatMoney } from "./format.ts";
import { formatPeriod } from "./format-dates.ts";
import { movementNames } from "./movement-names.ts";
import { movementPartsOf, movementsFrame } from "./movements-frame.ts";
import type { Palette } from "./palette.ts";
import { PeriodAxis, ValueGrid } from "./plot.tsx";

export const periodName: Record<MovementsView["grain"], string> = {
  day: "day",
  week: "week",
  month: "month",
  quarter: "quarter",
  year: "year",
};

type Datum = Record<string, string | number>;

export function describeMovements(view: MovementsView): string {
  const last = view.points.findLast((point) => point.complete && point.net !== null);
  const counted = `${view.points.length} ${periodName[view.grain]}s of MRR movements`;
  if (!last) return `${counted}.`;
  const parts = movementPartsOf(view).map(
    (part) =>
      `${movementNames[part].toLowerCase()} ${formatMoney(last.parts[part], view.currency, { signed: true })}`,
  );
  return `${counted}. ${formatPeriod(last.period, "long")}: net ${formatMoney(last.net, view.currency, { signed: true })} (${parts.join(", ")}).`;
}

interface MovementsPlotProps {
  view: MovementsView;
  size: Size;
  palette: Palette;
  /** Parts that the reader switched off. */
  hidden?: readonly MovementPart[];
}

/** The chart as one image for assistive technology. */
export const MovementsChart = ({ title, ...plot }: MovementsPlotProps & { title: string }) => (
  <Figure size={plot.size} title={title} description={describeMovements(plot.view)}>
    <MovementsPlot {...plot} />
  </Figure>
);

/** Diverging stacked bars per period, the net as a dot; a running period is hatched. nivo lays out, the layer below draws. */
export function MovementsPlot({ view, size, palette, hidden = [] }: MovementsPlotProps) {
  const hatch = useSvgId("hatch");
  const { parts, sums, scale, margin } = movementsFrame(view, size, hidden);
  const value = (point: MovementsView["points"][number], part: MovementPart) =>
    Number(point.parts[part] ?? 0);
  const periods = view.points.map((point) => point.period);
  const running = new Set(view.points.filter((point) => !point.complete).map((point) => point.period));
  const data: Datum[] = view.points.map((point) => ({
    period: point.period,
    ...Object.fromEntries(parts.map((part) => [part, value(point, part)])),
  }));
  const net = view.points.map((point, index) => ({
    period: point.period,
    value:
      hidden.length === 0
        ? point.net === null
          ? null
          : Number(point.net)
        : (sums[index]?.gain ?? 0) + (sums[index]?.loss ?? 0),
  }));
  const isPart = (id: string | number): id is MovementPart => parts.some((part) => part === id);

  const Layer = ({ bars, xScale, yScale, innerWidth, innerHeight }: BarCustomLayerProps<Datum>) => {
    const at = (scaled: unknown) => (typeof scaled === "number" ? scaled : 0);
    const y = (amount: number) => at(yScale(amount as never));
    const half = "bandwidth" in xScale ? xScale.bandwidth() / 2 : 0;
    const middle = (period: string) => at(xScale(period as never)) + half;
    const corner = Math.min(2.5, half / 3);
    return (
      <>
        <ValueGrid scale={scale} y={y} width={innerWidth} palette={palette} />
        <AnnotationMarks marks={view.annotations ?? []} x={middle} height={innerHeight} palette={palette} />
        {bars.map((bar) => {
          const part = bar.data.id;
          if (!isPart(part) || bar.height < 0.2) return null;
          const color = palette.movements[part];
          return (
            <rect
              key={bar.key}
              x={bar.x}
              y={bar.y + 0.5}
              width={bar.width}
              height={Math.max(0.5, bar.height - 1)}
              rx={Math.min(corner, bar.height / 2)}
              fill={running.has(String(bar.data.indexValue)) ? `url(#${hatch}${part})` : color}
            />
          );
        })}
        {net.map(({ period, value: amount }) =>
          amount === null ? null : (
            <circle
              key={period}
              cx={middle(period)}
              cy={y(amount)}
              r={Math.min(3.5, Math.max(2.2, half * 0.6))}
              fill={palette.surface}
              stroke={palette.ink}
              strokeWidth={1.6}
            />
          ),
        )}
        <PeriodAxis periods={periods} x={middle} width={innerWidth} height={innerHeight} palette={palette} />
      </>
    );
  };

  return (
    <>
      <defs>
        {parts.map((part) => (
          <Hatch
            key={part}
            id={`${hatch}${part}`}
            fill={palette.movements[part]}
            stripe={palette.movements[part]}
          />
        ))}
      </defs>
      <Bar
        data={data}
        keys={parts}
        indexBy="period"
        width={size.width}
        height={size.height}
        margin={margin}
        padding={0.42}
        valueScale={{ type: "linear", min: scale.min, max: scale.max }}
        layers={[Layer]}
        animate={false}
        isInteractive={false}
        renderWrapper={false}
        role="presentation"
      />
    </>
  );
}
