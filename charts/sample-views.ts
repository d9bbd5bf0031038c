import type { WidgetViews } from "#contracts/widgets.ts";

/** A small invented company, one view per widget type: what tests draw. November 2026 still runs. */

const periods = [
  "2025-11",
  "2025-12",
  "2026-01",
  "2026-02",
  "2026-03",
  "2026-04",
  "2026-05",
  "2026-06",
  "2026-07",
  "2026-08",
  "2026-09",
  "2026-10",
  "2026-11",
];
const complete = (period: string) => period < "2026-11";

const gains: [number, number, number, number, number][] = [
  [8050, 4220, 380, -1460, -2380],
  [12300, 4660, 1150, -1360, -2330],
  [12480, 4520, 790, -2190, -4310],
  [13600, 4600, 560, -2310, -4890],
  [9580, 5690, 920, -2740, -4790],
  [14700, 5890, 490, -1220, -3460],
  [14710, 4790, 1260, -1470, -3480],
  [11330, 4570, 830, -2410, -2840],
  [11060, 4500, 900, -2760, -3180],
  [11990, 3990, 320, -2590, -4330],
  [14390, 3900, 620, -2050, -3100],
  [15570, 5810, 700, -2240, -3800],
  [7190, 2410, 410, -880, -2210],
];

const mrr = periods.map((_, index) => {
  const before = gains.slice(0, index + 1).flat();
  return 41_000 + before.reduce((sum, value) => sum + value, 0);
});
const money = (value: number): string => String(Math.round(value * 100) / 100);

const movements: WidgetViews["movements"] = {
  type: "movements",
  grain: "month",
  currency: "USD",
  points: periods.map((period, index) => {
    const [n = 0, e = 0, r = 0, c = 0, x = 0] = gains[index] ?? [];
    return {
      period,
      complete: complete(period),
      parts: {
        new: money(n),
        expansion: money(e),
        reactivation: money(r),
        contraction: money(c),
        churn: money(x),
        fx: "0",
      },
      net: money(n + e + r + c + x),
      reason: null,
    };
  }),
};

const points = (values: (string | number | null)[]) =>
  periods.map((period, index) => ({
    period,
    value: values[index] ?? null,
    complete: complete(period),
    reason: null,
  }));

const series: WidgetViews["series"] = {
  type: "series",
  grain: "month",
  currency: "USD",
  lines: [
    { metric: "mrr", name: "MRR", unit: "money", points: points(mrr.map(money)) },
    { metric: "arr", name: "ARR", unit: "money", points: points(mrr.map((value) => money(value * 12))) },
  ],
};

const kpi: WidgetViews["kpi"] = {
  type: "kpi",
  policy: {
    title: "Jarvis policy v1",
    rules: ["MRR holds subscriptions alone; usage has a line of its own."],
  },
  metric: "arr",
  name: "ARR",
  definition: "Annual recurring revenue: twelve times the MRR.",
  unit: "money",
  currency: "USD",
  grain: "month",
  point: { period: "2026-11", value: "1392240.5", complete: false, reason: null },
  comparison: { period: "2026-10", kind: "relative", change: 0.031, direction: 1, good: true },
  points: points(mrr.map((value) => money(value * 12))),
  asOf: "2026-11-22",
};

const composition: WidgetViews["composition"] = {
  type: "composition",
  by: "plan",
  byName: "Plan",
  measure: "arr",
  at: "2026-11-22",
  currency: "USD",
  total: "1392240",
  reason: null,
  parts: [
    { key: "Scale", amount: "612400", share: 0.43987, customers: 88 },
    { key: "Growth", amount: "431750", share: 0.31011, customers: 301 },
    { key: "Starter", amount: "236690", share: 0.17001, customers: 742 },
    { key: "Legacy", amount: "83540", share: 0.06, customers: 190 },
    { key: null, amount: "27860", share: 0.02001, customers: 91 },
  ],
  others: null,
};

const names = [
  ["Northwind Labs", 48000, 0.12],
  ["Acme Robotics", 41400, 0],
  ["Kestrel Health", 38760, 0.045],
  ["Blue Harbor", 33120, -0.082],
  ["Fathom Grid", 30600, 0.214],
  ["Oakline Media", 27900, null],
  ["Tessera Bio", 25440, 0.061],
  ["Juniper & Co", 23880, 0.019],
  ["=Volt Freight", 22320, -0.03],
] as const;

let cumulative = 0;
const topCustomers: WidgetViews["top_customers"] = {
  type: "top_customers",
  measure: "arr",
  asOf: "2026-11-22",
  currency: "USD",
  total: 1412,
  items: names.map(([name, amount, change], index) => {
    cumulative += amount / 1_392_240;
    return {
      customerId: `cus_${index + 1}`,
      name,
      amount: String(amount),
      share: amount / 1_392_240,
      cumulativeShare: cumulative,
      change90d: change,
      tenureMonths: 30 - index * 2,
    };
  }),
};

const sizes = [61, 48, 72, 66, 81, 77, 69, 88, 92, 79, 95, 101, 40];
const cohorts = periods.map((cohort, row) => ({
  cohort,
  size: sizes[row] ?? 0,
  initial: String((sizes[row] ?? 0) * 100),
  cells: periods.map((_, k) => {
    if (row + k > 12) return null;
    const rate = Math.max(0.4, 1 - 0.035 * k - 0.002 * ((row * 7 + k * 5) % 9) * Math.min(k, 4));
    const value = Math.round((sizes[row] ?? 0) * rate);
    return { value, rate: k === 0 ? 1 : value / (sizes[row] ?? 1), complete: row + k < 12 };
  }),
}));
const average = periods.map((_, k) => {
  const reached = cohorts.filter((cohort) => cohort.cells[k]?.complete);
  if (reached.length === 0) return null;
  const now = reached.reduce((sum, cohort) => sum + Number(cohort.cells[k]?.value ?? 0), 0);
  return { rate: now / reached.reduce((sum, { size }) => sum + size, 0), cohorts: reached.length };
});

const table = {
  grain: "month",
  basis: "first_payment",
  measure: "customers",
  currency: "USD",
  asOf: "2026-11-22",
  cohorts,
  average,
} as const satisfies Partial<WidgetViews["cohort_heatmap"]>;

export const sampleViews: WidgetViews = {
  kpi,
  series,
  movements,
  composition,
  top_customers: topCustomers,
  cohort_heatmap: { type: "cohort_heatmap", ...table },
  retention_table: { type: "retention_table", ...table, milestones: [1, 3, 6, 12] },
};
