import {
  type AnnotationMark,
  type MovementPart,
  movementParts,
  type WidgetType,
  type WidgetViews,
} from "#contracts/widgets.ts";
import { cohortMeasureNames, partName } from "./widget-words.ts";

/** A widget's numbers as a table, exact as the API gave them: what CSV files and the clipboard get. */
export interface WidgetTable {
  columns: string[];
  rows: (string | number | null)[][];
}

const movementColumn: Record<MovementPart, string> = {
  new: "new_mrr",
  expansion: "expansion_mrr",
  reactivation: "reactivation_mrr",
  contraction: "contraction_mrr",
  churn: "churned_mrr",
  fx: "fx_mrr",
};

function cohortTable(view: WidgetViews["cohort_heatmap"] | WidgetViews["retention_table"]): WidgetTable {
  const width = Math.max(0, ...view.cohorts.map(({ cells }) => cells.length));
  const periods = Array.from({ length: width }, (_, k) => k);
  const value = view.measure === "customers" ? "customers" : `${view.measure} ${view.currency}`;
  return {
    columns: [
      "cohort",
      "size",
      `initial_mrr ${view.currency}`,
      ...periods.flatMap((k) => [`${view.grain} ${k} rate`, `${view.grain} ${k} ${value}`]),
    ],
    rows: [
      ...view.cohorts.map(({ cohort, size, initial, cells }) => [
        cohort,
        size,
        initial,
        ...periods.flatMap((k) => [cells[k]?.rate ?? null, cells[k]?.value ?? null]),
      ]),
      [
        `average (${cohortMeasureNames[view.measure].toLowerCase()})`,
        null,
        null,
        ...periods.flatMap((k) => [view.average[k]?.rate ?? null, null]),
      ],
    ],
  };
}

interface Annotated {
  annotations?: readonly AnnotationMark[] | undefined;
}
/** A column of its own, where something was noted at all. */
const notesColumn = ({ annotations = [] }: Annotated): string[] =>
  annotations.length > 0 ? ["annotations"] : [];
const notesOf = (view: Annotated, period: string): (string | null)[] =>
  notesColumn(view).map(
    () =>
      view.annotations
        ?.filter((mark) => mark.period === period)
        .map(({ title }) => title)
        .join("; ") || null,
  );

const tables: { [Type in WidgetType]: (view: WidgetViews[Type]) => WidgetTable } = {
  kpi: (view) => ({
    columns: [
      view.grain,
      view.unit === "money" ? `${view.metric} ${view.currency}` : view.metric,
      "complete",
      "reason",
    ],
    rows: view.points.map(({ period, value, complete, reason }) => [period, value, String(complete), reason]),
  }),
  series: (view) => ({
    columns: [
      view.grain,
      ...view.lines.flatMap(({ metric, unit }) => {
        const column = unit === "money" ? `${metric} ${view.currency}` : metric;
        return view.segments?.map(({ name }) => `${column}, ${name}`) ?? [column];
      }),
      "complete",
      ...notesColumn(view),
    ],
    rows: (view.lines[0]?.points ?? []).map(({ period, complete }, index) => [
      period,
      ...view.lines.flatMap(({ points, others = [] }) =>
        [points, ...others].map((all) => all[index]?.value ?? null),
      ),
      String(complete),
      ...notesOf(view, period),
    ]),
  }),
  movements: (view) => ({
    columns: [
      view.grain,
      ...movementParts.map((part) => `${movementColumn[part]} ${view.currency}`),
      `net_new_mrr ${view.currency}`,
      "complete",
      ...notesColumn(view),
    ],
    rows: view.points.map(({ period, parts, net, complete }) => [
      period,
      ...movementParts.map((part) => parts[part]),
      net,
      String(complete),
      ...notesOf(view, period),
    ]),
  }),
  composition: (view) => ({
    columns: [view.by, `${view.measure} ${view.currency}`, "share", "customers"],
    rows: [
      ...view.parts.map(({ key, amount, share, customers }) => [partName(key), amount, share, customers]),
      ...(view.others
        ? [[`${view.others.count} others`, view.others.amount, view.others.share, view.others.customers]]
        : []),
    ],
  }),
  top_customers: (view) => ({
    columns: [
      "customer_id",
      "name",
      `${view.measure} ${view.currency}`,
      "share",
      "cumulative_share",
      "change_90d",
      "tenure_months",
    ],
    rows: view.items.map((item) => [
      item.customerId,
      item.name,
      item.amount,
      item.share,
      item.cumulativeShare,
      item.change90d,
      item.tenureMonths,
    ]),
  }),
  cohort_heatmap: cohortTable,
  retention_table: cohortTable,
};

/** The table of a view; `view.type` and `view` of any widget fit. */
export const widgetTable = <Type extends WidgetType>(type: Type, view: WidgetViews[Type]): WidgetTable =>
  tables[type](view);
