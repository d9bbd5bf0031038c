import { z } from "zod";
import { type MetricName, type MetricUnit, metricNames } from "#contracts/analytics.ts";
import type { KpiView, SeriesPoint } from "#contracts/widgets.ts";
import { compare, formatDecimal, parseDecimal, subtract } from "#metrics/decimal.ts";
import { definitionOf } from "#metrics/definitions.ts";
import { defineWidget } from "./define.ts";
import { periodScope } from "./scope.ts";
import { seriesQuery } from "./series-query.ts";
import { ownScope } from "./settings.ts";

/** Pictures of a moment: they have a value today. All others sum up a period and wait until it is over. */
const pictures: ReadonlySet<MetricName> = new Set([
  "mrr",
  "arr",
  "customers",
  "arpa",
  "nrr",
  "grr",
  "ltv",
  "committed_mrr",
  "scheduled_churn_mrr",
]);

export const kpi = defineWidget({
  type: "kpi",
  name: "KPI card",
  cfg: z.object({ metric: z.enum(metricNames), ...ownScope }),
  size: { lg: [2, 3], sm: [2, 3] },
  queries: (cfg, page) => [seriesQuery([cfg.metric], periodScope(page, cfg))],
  show(cfg, page, answered) {
    const scope = periodScope(page, cfg);
    const definition = definitionOf(cfg.metric, page.policy);
    const answer = answered(seriesQuery([cfg.metric], scope));
    const all = answer.metrics[cfg.metric] ?? [];
    const shown = shownPoint(
      cfg.metric,
      all.filter(({ period }) => period >= scope.from),
    );
    if (!shown) return { title: definition.label, subtitle: "", view: null };
    const earlier = all[all.indexOf(shown) - 1] ?? null;
    return {
      title: definition.label,
      subtitle: "",
      view: {
        type: "kpi",
        metric: cfg.metric,
        name: definition.label,
        definition: `${definition.definition} ${definition.formula}.`,
        unit: definition.unit,
        currency: answer.currency,
        grain: scope.grain,
        point: shown,
        comparison: comparison(definition.unit, pictures.has(cfg.metric), definition.better, shown, earlier),
        points: all.filter(({ period }) => period >= scope.from),
        asOf: shown.complete ? null : answer.as_of,
      },
    };
  },
});

/** The last period, or for sums the last that is over. */
const shownPoint = (metric: MetricName, points: SeriesPoint[]): SeriesPoint | null =>
  (pictures.has(metric) ? null : points.findLast(({ complete }) => complete)) ?? points.at(-1) ?? null;

function comparison(
  unit: MetricUnit,
  picture: boolean,
  better: "up" | "down" | "neutral",
  now: SeriesPoint,
  earlier: SeriesPoint | null,
): KpiView["comparison"] {
  if (earlier === null || now.value === null || earlier.value === null) return null;
  const direction =
    unit === "money"
      ? compareMoney(now.value, earlier.value)
      : sign(Number(now.value) - Number(earlier.value));
  const good = direction === 0 || better === "neutral" ? null : direction > 0 === (better === "up");
  const base = { period: earlier.period, direction, good };
  if (unit === "rate") return { ...base, kind: "points", change: Number(now.value) - Number(earlier.value) };
  if (unit === "money" && picture && Number(earlier.value) !== 0)
    return { ...base, kind: "relative", change: Number(now.value) / Number(earlier.value) - 1 };
  const change =
    unit === "money" ? moneyDifference(now.value, earlier.value) : Number(now.value) - Number(earlier.value);
  return { ...base, kind: "absolute", change };
}

const sign = (value: number): -1 | 0 | 1 => (value > 0 ? 1 : value < 0 ? -1 : 0);
const decimal = (value: string | number) => parseDecimal(String(value));
const compareMoney = (a: string | number, b: string | number) => compare(decimal(a), decimal(b));
const moneyDifference = (a: string | number, b: string | number) =>
  formatDecimal(subtract(decimal(a), decimal(b)));
