import { z } from "zod";
import { type MetricName, type MetricUnit, metricNames } from "#contracts/analytics.ts";
import { ownRules } from "#contracts/policy-rules.ts";
import type { KpiView, SeriesPoint } from "#contracts/widgets.ts";
import { compare, formatDecimal, parseDecimal, subtract } from "#metrics/decimal.ts";
import { definitionOf } from "#metrics/definitions.ts";
import { comparedScopes } from "./compare.ts";
import { defineWidget } from "./define.ts";
import { type Answered, QueryFailed } from "./queries.ts";
import { type PageScope, periodScope } from "./scope.ts";
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
  queries: (cfg, page) =>
    [page, ...comparedPages(page)].map((scope) => seriesQuery([cfg.metric], periodScope(scope, cfg))),
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
        policy: { title: page.policyTitle, rules: ownRules(cfg.metric, page.policy) },
        unit: definition.unit,
        currency: answer.currency,
        grain: scope.grain,
        point: shown,
        comparison: comparison(definition.unit, pictures.has(cfg.metric), definition.better, shown, earlier),
        points: all.filter(({ period }) => period >= scope.from),
        asOf: shown.complete ? null : answer.as_of,
        ...findCompared(cfg, page, answered, shown.period),
      },
    };
  },
});

/** A card has room for one more value. */
const comparedPages = (page: PageScope): PageScope[] =>
  comparedScopes(page, undefined)
    .slice(1, 2)
    .map(({ scope }) => scope);

/** The metric of the segment that the page is compared with. */
function findCompared(
  cfg: { metric: MetricName } & Parameters<typeof periodScope>[1],
  page: PageScope,
  answered: Answered,
  period: string,
): Pick<KpiView, "compared"> {
  const compared = comparedScopes(page, undefined)[1];
  if (!compared) return {};
  try {
    const { metrics } = answered(seriesQuery([cfg.metric], periodScope(compared.scope, cfg)));
    const point = metrics[cfg.metric]?.find((one) => one.period === period);
    return point ? { compared: { segment: compared.segment, point } } : {};
  } catch (error) {
    // the chart's legend says that the segment is gone; the card keeps its own number
    if (error instanceof QueryFailed && error.missing) return {};
    throw error;
  }
}

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
