import type { KpiView } from "#contracts/widgets.ts";
import { formatPeriod } from "./format-dates.ts";
import { arrows, isKpiChanged, kpiChangeText, kpiValueText } from "./kpi-words.ts";
import type { Palette } from "./palette.ts";
import { runningDash, sparklinePaths, sparklineStroke } from "./sparkline.tsx";
import { fitText } from "./text-width.ts";

export const kpiHeight = 104;

/** The KPI's value, change and course as SVG, for files and PDFs. */
export function KpiDrawing({ view, width, palette }: { view: KpiView; width: number; palette: Palette }) {
  const { comparison } = view;
  const good = isKpiChanged(view) ? comparison?.good : null;
  const tone = good === true ? palette.positive : good === false ? palette.negative : palette.ink3;
  const size = { width, height: 34 };
  const { settled, running } = sparklinePaths(view.points, size);
  const stroke = sparklineStroke(palette);
  return (
    <g>
      <text y={30} fontSize={30} fontWeight={600} letterSpacing="-0.5" fill={palette.ink}>
        {kpiValueText(view, view.point.value)}
      </text>
      {comparison ? (
        <text y={54} fontSize={12}>
          <tspan fill={tone} fontWeight={600}>
            {isKpiChanged(view) ? `${arrows[comparison.direction]} ${kpiChangeText(view)}` : "no change"}
          </tspan>
          <tspan fill={palette.ink3}>{` vs ${formatPeriod(comparison.period, "short")}`}</tspan>
        </text>
      ) : null}
      {view.compared ? (
        <text x={width} y={54} fontSize={12} textAnchor="end">
          <tspan fill={palette.ink2}>{`${fitText(view.compared.segment.name, width / 2 - 60, 12)} `}</tspan>
          <tspan fill={palette.ink} fontWeight={600}>
            {kpiValueText(view, view.compared.point.value)}
          </tspan>
        </text>
      ) : null}
      <g transform={`translate(0,${kpiHeight - size.height})`}>
        {settled ? <path d={settled} {...stroke} /> : null}
        {running ? <path d={running} {...stroke} strokeDasharray={runningDash} /> : null}
      </g>
    </g>
  );
}
