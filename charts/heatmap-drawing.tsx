import type { CohortHeatmapView } from "#contracts/widgets.ts";
import { useSvgId } from "./figure.tsx";
import { formatCount } from "./format.ts";
import { formatPeriod } from "./format-dates.ts";
import { heatScale, heatStep } from "./heat.ts";
import type { Palette } from "./palette.ts";
import { heatText } from "./widget-words.ts";

const row = 24;
const label = 74;
const sizeColumn = 48;
const gap = 2;

export const heatmapHeight = (view: CohortHeatmapView): number => (view.cohorts.length + 2) * row;

/** The cohort heatmap as SVG, for files and PDFs; the page has a real table. Running cells are hatched, unobserved ones empty. */
export function HeatmapDrawing({
  view,
  width,
  palette,
}: {
  view: CohortHeatmapView;
  width: number;
  palette: Palette;
}) {
  const hatch = useSvgId("running");
  const columns = Math.max(1, ...view.cohorts.map(({ cells }) => cells.length));
  const step = (width - label - sizeColumn) / columns;
  const x = (k: number) => label + sizeColumn + k * step;
  const scale = heatScale(view);
  const fontSize = Math.min(11, step * 0.32);
  const baseline = row / 2 + fontSize * 0.36;
  return (
    <g fontSize={fontSize}>
      <defs>
        <pattern id={hatch} width={5} height={5} patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <line x1={0} y1={0} x2={0} y2={5} stroke={palette.ink} strokeWidth={1.2} strokeOpacity={0.16} />
        </pattern>
      </defs>
      {Array.from({ length: columns }, (_, k) => (
        <text key={`k${x(k)}`} x={x(k) + step / 2} y={baseline} textAnchor="middle" fill={palette.ink3}>
          {k}
        </text>
      ))}
      {view.cohorts.map((cohort, index) => (
        <g key={cohort.cohort} transform={`translate(0,${(index + 1) * row})`}>
          <text y={baseline} fill={palette.ink2} fontSize={11}>
            {formatPeriod(cohort.cohort)}
          </text>
          <text x={label + sizeColumn - 12} y={baseline} textAnchor="end" fill={palette.ink3} fontSize={11}>
            {formatCount(cohort.size)}
          </text>
          {cohort.cells.map((cell, k) => {
            if (!cell || cell.rate === null) return null;
            const heat = palette.heat[heatStep(cell.rate, scale)];
            const box = { x: x(k), y: 0, width: step - gap, height: row - gap, rx: 3 };
            return (
              <g key={`c${x(k)}`}>
                <rect {...box} fill={cell.complete ? heat?.fill : heat?.running} />
                {cell.complete ? null : <rect {...box} fill={`url(#${hatch})`} />}
                <text
                  x={x(k) + (step - gap) / 2}
                  y={baseline - gap / 2}
                  textAnchor="middle"
                  fill={cell.complete ? heat?.ink : heat?.runningInk}
                >
                  {heatText(cell.rate)}
                </text>
              </g>
            );
          })}
        </g>
      ))}
      <g transform={`translate(0,${(view.cohorts.length + 1) * row})`} fontWeight={600}>
        <text y={baseline} fill={palette.ink} fontSize={11}>
          Average
        </text>
        {view.average.map((average, k) =>
          average ? (
            <text
              key={`a${x(k)}`}
              x={x(k) + (step - gap) / 2}
              y={baseline}
              textAnchor="middle"
              fill={palette.ink}
            >
              {heatText(average.rate)}
            </text>
          ) : null,
        )}
      </g>
    </g>
  );
}
