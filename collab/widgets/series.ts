import { z } from "zod";
import { metricNames } from "#contracts/analytics.ts";
import { metricDefinitions } from "#metrics/definitions.ts";
import { defineWidget } from "./define.ts";
import { periodScope } from "./scope.ts";
import { seriesQuery } from "./series-query.ts";
import { ownScope } from "./settings.ts";

export const series = defineWidget({
  type: "series",
  name: "Metric over time",
  cfg: z.object({ metrics: z.array(z.enum(metricNames)).min(1).max(6).default(["mrr", "arr"]), ...ownScope }),
  size: { lg: [8, 6], sm: [4, 7] },
  queries: (cfg, page) => [seriesQuery(cfg.metrics, periodScope(page, cfg))],
  show(cfg, page, answered) {
    const scope = periodScope(page, cfg);
    const answer = answered(seriesQuery(cfg.metrics, scope));
    const lines = cfg.metrics.map((metric) => ({
      metric,
      name: metricDefinitions[metric].label,
      unit: metricDefinitions[metric].unit,
      points: (answer.metrics[metric] ?? []).filter(({ period }) => period >= scope.from),
    }));
    const known = lines.some(({ points }) => points.some(({ value }) => value !== null));
    return {
      title: lines.map(({ name }) => name).join(" and "),
      subtitle: `at the end of each ${scope.grain}, ${answer.currency}`,
      view: known ? { type: "series", grain: scope.grain, currency: answer.currency, lines } : null,
    };
  },
});
