import type { MetricName } from "#contracts/analytics.ts";
import type { Widget } from "./widget.ts";

/** What a dashboard is made of, before it has an id. */
export interface DashboardDraft {
  title: string;
  widgets: Record<string, Widget>;
  filters: Record<string, string[]>;
}

type Place = [x: number, y: number, w: number, h: number];
type Draft = Pick<Widget, "type" | "title" | "cfg"> & { lg: Place; sm: Place };

const kpi = (metric: MetricName, title: string, lg: Place, sm: Place): [string, Draft] => [
  metric.replaceAll("_", "-"),
  { type: "kpi", title, cfg: { metric }, lg, sm },
];

const drafts: [string, Draft][] = [
  kpi("arr", "ARR", [0, 0, 2, 3], [0, 0, 2, 3]),
  kpi("net_new_mrr", "Net new MRR", [2, 0, 2, 3], [2, 0, 2, 3]),
  kpi("nrr", "NRR, 12 months", [4, 0, 2, 3], [0, 3, 2, 3]),
  kpi("grr", "GRR, 12 months", [6, 0, 2, 3], [2, 3, 2, 3]),
  kpi("customer_churn_rate", "Customer churn", [8, 0, 2, 3], [0, 6, 2, 3]),
  kpi("quick_ratio", "Quick ratio", [10, 0, 2, 3], [2, 6, 2, 3]),
  ["movements", { type: "movements", title: "MRR movements", cfg: {}, lg: [0, 3, 8, 7], sm: [0, 9, 4, 8] }],
  [
    "by-plan",
    { type: "composition", title: "ARR by plan", cfg: { by: "plan" }, lg: [8, 3, 4, 7], sm: [0, 17, 4, 7] },
  ],
  [
    "over-time",
    {
      type: "series",
      title: "Recurring revenue over time",
      cfg: { metrics: ["mrr", "arr"] },
      lg: [0, 10, 8, 6],
      sm: [0, 24, 4, 7],
    },
  ],
  kpi("mrr", "MRR", [8, 10, 4, 2], [0, 31, 4, 2]),
  kpi("customers", "Customers", [8, 12, 4, 2], [0, 33, 4, 2]),
  kpi("arpa", "ARPA", [8, 14, 4, 2], [0, 35, 4, 2]),
  [
    "cohorts",
    {
      type: "cohort_heatmap",
      title: "Customer retention by cohort",
      cfg: { measure: "customers" },
      lg: [0, 16, 8, 10],
      sm: [0, 37, 4, 10],
    },
  ],
  [
    "top-customers",
    {
      type: "top_customers",
      title: "Top customers",
      cfg: { limit: 10 },
      lg: [8, 16, 4, 10],
      sm: [0, 47, 4, 10],
    },
  ],
  [
    "retention",
    {
      type: "retention_table",
      title: "Revenue retention by cohort",
      cfg: { measure: "mrr_net" },
      lg: [0, 26, 8, 10],
      sm: [0, 57, 4, 10],
    },
  ],
  [
    "by-country",
    {
      type: "composition",
      title: "ARR by country",
      cfg: { by: "country" },
      lg: [8, 26, 4, 10],
      sm: [0, 67, 4, 8],
    },
  ],
];

/**
 * The dashboard that a new organisation starts with. Widget ids are words: they are the last part of deep links and of the page
 * hook `data-widget`.
 */
export function defaultDashboard(): DashboardDraft {
  const widgets = drafts.map(([id, { lg, sm, ...rest }], index): [string, Widget] => [
    id,
    { ...rest, rect: { lg, sm }, ord: `a${String(index).padStart(3, "0")}`, del: null },
  ]);
  return { title: "Overview", widgets: Object.fromEntries(widgets), filters: {} };
}
