import { z } from "zod";
import type { MetricName } from "#contracts/analytics.ts";
import { type MovementPart, type MovementsPoint, movementParts } from "#contracts/widgets.ts";
import { annotationMarks } from "./annotations.ts";
import { defineWidget } from "./define.ts";
import { periodScope } from "./scope.ts";
import { seriesQuery } from "./series-query.ts";
import { ownScope } from "./settings.ts";

/** Losses are positive as metrics and negative as movements. */
const partMetric: Record<MovementPart, { metric: MetricName; loss: boolean }> = {
  new: { metric: "new_mrr", loss: false },
  expansion: { metric: "expansion_mrr", loss: false },
  reactivation: { metric: "reactivation_mrr", loss: false },
  contraction: { metric: "contraction_mrr", loss: true },
  churn: { metric: "churned_mrr", loss: true },
  fx: { metric: "fx_mrr", loss: false },
};
const metrics: MetricName[] = ["net_new_mrr", ...movementParts.map((part) => partMetric[part].metric)];

const negated = (amount: string): string =>
  Number(amount) === 0 ? "0" : amount.startsWith("-") ? amount.slice(1) : `-${amount}`;

export const movements = defineWidget({
  type: "movements",
  name: "MRR movements",
  cfg: z.object(ownScope),
  queries: (cfg, page) => [seriesQuery(metrics, periodScope(page, cfg))],
  show(cfg, page, answered) {
    const scope = periodScope(page, cfg);
    const answer = answered(seriesQuery(metrics, scope));
    const amount = (metric: MetricName, period: string): string | null => {
      const value = answer.metrics[metric]?.find((point) => point.period === period)?.value;
      return value === undefined || value === null ? null : String(value);
    };
    const points = (answer.metrics.net_new_mrr ?? [])
      .filter(({ period }) => period >= scope.from)
      .map(({ period, complete, reason }): MovementsPoint => {
        const part = (name: MovementPart) => {
          const { metric, loss } = partMetric[name];
          const value = amount(metric, period);
          return value !== null && loss ? negated(value) : value;
        };
        return {
          period,
          complete,
          reason,
          net: amount("net_new_mrr", period),
          parts: {
            new: part("new"),
            expansion: part("expansion"),
            reactivation: part("reactivation"),
            contraction: part("contraction"),
            churn: part("churn"),
            fx: part("fx"),
          },
        };
      });
    const moved = points.some(({ parts }) => movementParts.some((part) => Number(parts[part] ?? 0) !== 0));
    return {
      title: "MRR movements",
      subtitle: `per ${scope.grain}, ${answer.currency} · net as a dot`,
      view: moved
        ? {
            type: "movements",
            grain: scope.grain,
            currency: answer.currency,
            points,
            annotations: annotationMarks(page, scope),
          }
        : null,
      reasons: points.map(({ reason }) => reason),
    };
  },
});
