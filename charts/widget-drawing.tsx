import type { ReactNode } from "react";
import type { WidgetType, WidgetViews } from "#contracts/widgets.ts";
import { CompositionBar } from "./composition-bar.tsx";
import { fontFamily, type Size } from "./figure.tsx";
import { formatCount, formatMoney, formatPercent } from "./format.ts";
import { formatPeriod } from "./format-dates.ts";
import { HeatmapDrawing, heatmapHeight } from "./heatmap-drawing.tsx";
import { KpiDrawing, kpiHeight } from "./kpi-drawing.tsx";
import { LineMark } from "./line-mark.tsx";
import { movementNames } from "./movement-names.ts";
import { MovementsPlot } from "./movements-chart.tsx";
import { movementPartsOf } from "./movements-frame.ts";
import type { Palette } from "./palette.ts";
import { partColor } from "./part-colors.ts";
import { SeriesPlot } from "./series-chart.tsx";
import { type DrawnLine, drawnLines } from "./series-lines.ts";
import { type DrawnCell, TableDrawing, tableHeight } from "./table-drawing.tsx";
import { fitText, textWidth } from "./text-width.ts";
import { grainNames, partName } from "./widget-words.ts";

/**
 * A whole widget as one SVG with resolved colours: what PNG and SVG files, reports and PDFs hold. Tables take the height that they
 * need, charts the height that they had on the page.
 */

interface Drawing {
  height: number;
  content: ReactNode;
}
type Draw<Type extends WidgetType> = (view: WidgetViews[Type], size: Size, palette: Palette) => Drawing;

const change = (rate: number | null, palette: Palette): DrawnCell => ({
  text: formatPercent(rate, { signed: true }),
  color: rate === null || rate === 0 ? palette.ink3 : rate > 0 ? palette.positive : palette.negative,
});

const plotHeight = (size: Size): number => Math.max(180, size.height);

/** The segments of a comparison, each with its line's colour and mark. */
function SegmentLegend({ lines, palette }: { lines: readonly DrawnLine[]; palette: Palette }) {
  let x = 0;
  return (
    <g fontSize={11}>
      {lines.map(({ id, name, color, mark }) => {
        const start = x;
        x += textWidth(name, 11) + 34;
        return (
          <g key={id} transform={`translate(${start},0)`}>
            <LineMark mark={mark} x={6} y={5} color={palette.lines[color] ?? palette.stroke} />
            <text x={16} y={8.5} fill={palette.ink2}>
              {name}
            </text>
          </g>
        );
      })}
    </g>
  );
}

function Legend({ view, palette }: { view: WidgetViews["movements"]; palette: Palette }) {
  let x = 0;
  return (
    <g fontSize={11}>
      {movementPartsOf(view).map((part) => {
        const start = x;
        x += textWidth(movementNames[part], 11) + 32;
        return (
          <g key={part} transform={`translate(${start},0)`}>
            <rect width={9} height={9} rx={2.5} fill={palette.movements[part]} />
            <text x={14} y={8.5} fill={palette.ink2}>
              {movementNames[part]}
            </text>
          </g>
        );
      })}
    </g>
  );
}

const drawings: { [Type in WidgetType]: Draw<Type> } = {
  kpi: (view, { width }, palette) => ({
    height: kpiHeight,
    content: <KpiDrawing view={view} width={width} palette={palette} />,
  }),
  series: (view, size, palette) => {
    const [line] = view.lines;
    const plot = { width: size.width, height: plotHeight(size) };
    const lines = line ? drawnLines(view, line) : [];
    const legend = view.segments ? 22 : 0;
    return {
      height: plot.height + legend,
      content: line ? (
        <>
          {view.segments ? <SegmentLegend lines={lines} palette={palette} /> : null}
          <g transform={`translate(0,${legend})`}>
            <SeriesPlot
              line={line}
              lines={lines}
              annotations={view.annotations}
              size={plot}
              palette={palette}
            />
          </g>
        </>
      ) : null,
    };
  },
  movements: (view, size, palette) => {
    const plot = { width: size.width, height: plotHeight(size) };
    return {
      height: plot.height + 22,
      content: (
        <>
          <Legend view={view} palette={palette} />
          <g transform="translate(0,22)">
            <MovementsPlot view={view} size={plot} palette={palette} />
          </g>
        </>
      ),
    };
  },
  composition: (view, { width }, palette) => ({
    height: 26 + tableHeight(view.parts.length + 1),
    content: (
      <>
        <CompositionBar parts={view.parts} width={width} height={10} palette={palette} />
        <g transform="translate(0,20)">
          <TableDrawing
            width={width}
            palette={palette}
            columns={[
              { title: view.byName, align: "left" },
              { title: view.measure.toUpperCase(), align: "right" },
              { title: "Share", align: "right" },
              { title: "Customers", align: "right" },
            ]}
            rows={[
              ...view.parts.map((part, index): DrawnCell[] => [
                { text: partName(part.key), swatch: partColor(palette, view.parts, index) },
                { text: formatMoney(part.amount, view.currency, { style: "whole" }) },
                { text: formatPercent(part.share), color: palette.ink3 },
                { text: formatCount(part.customers), color: palette.ink3 },
              ]),
              [
                { text: "Total", bold: true },
                { text: formatMoney(view.total, view.currency, { style: "whole" }), bold: true },
                { text: "" },
                { text: "" },
              ],
            ]}
          />
        </g>
      </>
    ),
  }),
  top_customers: (view, { width }, palette) => ({
    height: tableHeight(view.items.length),
    content: (
      <TableDrawing
        width={width}
        palette={palette}
        columns={[
          { title: "Customer", align: "left" },
          { title: view.measure.toUpperCase(), align: "right" },
          { title: "Share", align: "right" },
          { title: "90 days", align: "right" },
        ]}
        rows={view.items.map((item) => [
          { text: item.name ?? item.customerId },
          { text: formatMoney(item.amount, view.currency, { style: "whole" }) },
          { text: formatPercent(item.share), color: palette.ink3 },
          change(item.change90d, palette),
        ])}
      />
    ),
  }),
  cohort_heatmap: (view, { width }, palette) => ({
    height: heatmapHeight(view),
    content: <HeatmapDrawing view={view} width={width} palette={palette} />,
  }),
  retention_table: (view, { width }, palette) => ({
    height: tableHeight(view.cohorts.length + 1),
    content: (
      <TableDrawing
        width={width}
        palette={palette}
        columns={[
          { title: "Cohort", align: "left" },
          { title: "Customers", align: "right" },
          { title: "First MRR", align: "right" },
          ...view.milestones.map((k) => ({
            title: `${grainNames[view.grain]} ${k}`,
            align: "right" as const,
          })),
        ]}
        rows={[
          ...view.cohorts.map((cohort): DrawnCell[] => [
            { text: formatPeriod(cohort.cohort) },
            { text: formatCount(cohort.size) },
            { text: formatMoney(cohort.initial, view.currency, { style: "whole" }), color: palette.ink3 },
            ...view.milestones.map((k): DrawnCell => {
              const cell = cohort.cells[k];
              return {
                text: cell ? formatPercent(cell.rate) : "",
                color: cell?.complete ? palette.ink : palette.ink3,
              };
            }),
          ]),
          [
            { text: "Average", bold: true },
            { text: "" },
            { text: "" },
            ...view.milestones.map((k) => ({
              text: formatPercent(view.average[k]?.rate ?? null),
              bold: true,
            })),
          ],
        ]}
      />
    ),
  }),
};

const padding = 24;
const headHeight = 44;

/**
 * The card with its title, drawn.
 * @param size of the content; tables may take more height
 * @param note below the content: currency, zone, policy, the observation day
 */
export function WidgetDrawing<Type extends WidgetType>({
  type,
  view,
  title,
  subtitle,
  note,
  size,
  palette,
}: {
  type: Type;
  view: WidgetViews[Type];
  title: string;
  subtitle: string;
  note: string;
  size: Size;
  palette: Palette;
}) {
  const { height, content } = drawings[type](view, size, palette);
  const width = size.width + 2 * padding;
  const whole = padding + headHeight + height + 34 + padding / 2;
  return (
    <svg
      xmlns="http://www.w3.org/2000/svg"
      width={width}
      height={whole}
      viewBox={`0 0 ${width} ${whole}`}
      fontFamily={fontFamily}
      style={{ fontVariantNumeric: "tabular-nums" }}
    >
      <title>{title}</title>
      <rect width={width} height={whole} fill={palette.surface} />
      <text x={padding} y={padding + 12} fontSize={15} fontWeight={600} fill={palette.ink}>
        {fitText(title, size.width, 15)}
      </text>
      <text x={padding} y={padding + 29} fontSize={11.5} fill={palette.ink3}>
        {fitText(subtitle, size.width, 11.5)}
      </text>
      <g transform={`translate(${padding},${padding + headHeight})`}>{content}</g>
      <text x={padding} y={whole - padding / 2 - 4} fontSize={10.5} fill={palette.ink3}>
        {fitText(note, size.width, 10.5)}
      </text>
    </svg>
  );
}
