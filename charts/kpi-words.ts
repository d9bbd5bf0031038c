import type { MetricUnit } from "#contracts/analytics.ts";
import type { KpiView, MetricValue } from "#contracts/widgets.ts";
import {
  formatCount,
  formatMetric,
  formatMoney,
  formatPercent,
  formatPoints,
  formatRatio,
} from "./format.ts";
import { formatPeriod } from "./format-dates.ts";

/** A KPI's value as large type: money without minor units, short from a million on; flows carry their sign. */
export function kpiValueText(
  view: Pick<KpiView, "metric" | "unit" | "currency">,
  value: MetricValue,
): string {
  if (view.unit !== "money") return formatMetric(value, view.unit, view.currency);
  return formatMoney(value, view.currency, {
    style: Math.abs(Number(value ?? 0)) < 1000 ? "exact" : "short",
    signed: view.metric === "net_new_mrr" || view.metric === "fx_mrr",
  });
}

/** The size of a change without its sign, which an arrow shows: `3.1%`, `$1,920`, `0.6 pt`. */
export function kpiChangeText(view: Pick<KpiView, "unit" | "currency" | "comparison">): string {
  const { comparison } = view;
  if (!comparison) return "";
  const change = comparison.change;
  if (comparison.kind === "relative") return formatPercent(Math.abs(Number(change)));
  if (comparison.kind === "points") return formatPoints(Math.abs(Number(change)), { signed: false });
  return absoluteText(change, view.unit, view.currency);
}

function absoluteText(change: string | number, unit: MetricUnit, currency: string): string {
  if (unit === "money") return formatMoney(String(change).replace("-", ""), currency, { style: "short" });
  const size = Math.abs(Number(change));
  return unit === "count" ? formatCount(size) : formatRatio(size);
}

export const arrows = { [-1]: "▼", 0: "■", 1: "▲" } as const;

/** Whether a change is large enough to be seen in what is shown of it: `0.0 pt` is none, and neither good nor bad. */
export const isKpiChanged = (view: Pick<KpiView, "unit" | "currency" | "comparison">): boolean =>
  /[1-9]/.test(kpiChangeText(view));

/** For those who hear it: `up 3.1% against Oct 2026`. */
export function kpiChangeSentence(view: KpiView): string {
  if (!view.comparison) return "";
  const { direction, period } = view.comparison;
  const against = formatPeriod(period);
  if (!isKpiChanged(view)) return `unchanged against ${against}`;
  return `${direction > 0 ? "up" : "down"} ${kpiChangeText(view)} against ${against}`;
}
