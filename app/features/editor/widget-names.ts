import type { WidgetType } from "#contracts/widgets.ts";

interface Described {
  type: WidgetType;
  name: string;
  text: string;
  /** What a new one shows. */
  cfg: Record<string, unknown>;
}

/** What one can put on a dashboard, as the gallery shows it. */
export const widgetKinds: readonly Described[] = [
  {
    type: "kpi",
    name: "KPI card",
    text: "One number with its change and its course.",
    cfg: { metric: "mrr" },
  },
  {
    type: "series",
    name: "Metric over time",
    text: "Up to six metrics as lines, or segments side by side.",
    cfg: { metrics: ["mrr", "arr"] },
  },
  {
    type: "movements",
    name: "MRR movements",
    text: "New, expansion, contraction and churn, period by period.",
    cfg: {},
  },
  {
    type: "composition",
    name: "Composition",
    text: "What the revenue is made of: by plan, country, size and more.",
    cfg: { by: "plan" },
  },
  {
    type: "top_customers",
    name: "Top customers",
    text: "Who pays most, their share and how it changed.",
    cfg: { limit: 10 },
  },
  {
    type: "cohort_heatmap",
    name: "Cohort heatmap",
    text: "How many of each cohort are still there, period after period.",
    cfg: { measure: "customers" },
  },
  {
    type: "retention_table",
    name: "Retention table",
    text: "Retention at a few milestones, with sizes and money.",
    cfg: { measure: "mrr_net" },
  },
];

export const typeNames: Readonly<Record<string, string>> = Object.fromEntries(
  widgetKinds.map(({ type, name }) => [type, name]),
);
