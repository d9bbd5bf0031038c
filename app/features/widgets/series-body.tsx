import { useRef, useState } from "react";
import { formatMetric } from "#charts/format.ts";
import { formatPeriod } from "#charts/format-dates.ts";
import { cssPalette } from "#charts/palette.ts";
import { SeriesChart, seriesFrame } from "#charts/series-chart.tsx";
import { drawnLines } from "#charts/series-lines.ts";
import { textWidth } from "#charts/text-width.ts";
import { reasonWords } from "#charts/widget-words.ts";
import { cx } from "../../components/class-names.ts";
import type { BodyProps } from "./body.ts";
import { markLines, PeriodOverlay } from "./period-overlay.tsx";
import { SegmentLegend, segmentLegendHeight, segmentLegendWidth } from "./segment-legend.tsx";
import { useWidth } from "./use-size.ts";

const switchHeight = 30;

export function SeriesBody({ title, view, size }: BodyProps<"series">) {
  const place = useRef<HTMLDivElement>(null);
  const width = useWidth(place, size);
  const [metric, setMetric] = useState(view.lines[0]?.metric ?? null);
  const [hidden, setHidden] = useState<readonly string[]>([]);
  const line = view.lines.find((one) => one.metric === metric) ?? view.lines[0];
  if (!line) return null;
  const several = view.lines.length > 1;
  const all = drawnLines(view, line);
  const lines = all.filter(({ id }) => !hidden.includes(id));
  const switchWidth = view.lines.reduce((sum, { name }) => sum + textWidth(name, 12) + 20, 24);
  const isOneRow = several && view.segments && switchWidth + segmentLegendWidth(all) <= width;
  const legend = view.segments && !isOneRow ? segmentLegendHeight(all, width) : 0;
  const head = (several ? switchHeight : 0) + legend;
  const chart = { width, height: Math.max(120, size.height - head) };
  const { margin, step } = seriesFrame(line, chart, lines);
  const edge = Math.min(step / 2, margin.right);

  return (
    <div ref={place}>
      <div className={cx(isOneRow && "flex flex-wrap gap-x-4")}>
        {several ? (
          // biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms
          <div
            role="group"
            aria-label="Metric"
            className="mb-1.5 flex w-max gap-0.5 rounded-lg bg-sunken p-0.5"
          >
            {view.lines.map(({ metric: name, name: label }) => (
              <button
                key={name}
                type="button"
                aria-pressed={name === line.metric}
                onClick={() => setMetric(name)}
                className={cx(
                  "h-5 rounded-md px-2 text-xs font-medium",
                  name === line.metric ? "bg-surface text-ink ring-1 ring-line" : "text-ink-2 hover:text-ink",
                )}
              >
                {label}
              </button>
            ))}
          </div>
        ) : null}
        {view.segments ? <SegmentLegend lines={all} hidden={hidden} onToggle={setHidden} /> : null}
      </div>
      <div className="relative">
        <SeriesChart
          title={`${title}: ${line.name}`}
          line={line}
          lines={lines}
          annotations={view.annotations}
          currency={view.currency}
          size={chart}
          palette={cssPalette}
        />
        <PeriodOverlay
          label={title}
          left={(margin.left - edge) / chart.width}
          right={(margin.right - edge) / chart.width}
          bottom={margin.bottom}
          periods={line.points.map((point) => ({
            period: point.period,
            target: { metric: line.metric, period: point.period },
            title: formatPeriod(point.period, "long"),
            note: point.reason
              ? reasonWords[point.reason]
              : point.complete
                ? null
                : `This ${view.grain} still runs.`,
            marks: markLines(view.annotations, point.period),
            rows: view.segments
              ? lines.map(({ name, points, color }, index) => ({
                  name,
                  value: formatMetric(
                    points.find(({ period }) => period === point.period)?.value ?? null,
                    line.unit,
                    view.currency,
                  ),
                  color: cssPalette.lines[color] ?? cssPalette.stroke,
                  strong: index === 0,
                }))
              : view.lines.map(({ metric: name, name: label, unit, points }) => ({
                  name: label,
                  value: formatMetric(
                    points.find(({ period }) => period === point.period)?.value ?? null,
                    unit,
                    view.currency,
                  ),
                  strong: name === line.metric,
                })),
          }))}
        />
      </div>
    </div>
  );
}
