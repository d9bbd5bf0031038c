import { z } from "zod";
import { type MetricName, metricNames } from "#contracts/analytics.ts";
import type { SeriesPoint } from "#contracts/widgets.ts";
import { metricDefinitions } from "#metrics/definitions.ts";
import { annotationMarks } from "./annotations.ts";
import { comparedScopes, compareSetting } from "./compare.ts";
import { defineWidget } from "./define.ts";
import { type Answered, QueryFailed } from "./queries.ts";
import { type PageScope, periodScope } from "./scope.ts";
import { seriesQuery } from "./series-query.ts";
import { ownScope } from "./settings.ts";

const cfg = z.object({
  metrics: z.array(z.enum(metricNames)).min(1).max(6).default(["mrr", "arr"]),
  ...compareSetting,
  ...ownScope,
});
type Cfg = z.output<typeof cfg>;

/** The scopes whose numbers are shown; the first is the page's where nothing is compared. */
function shownScopes(own: Cfg, page: PageScope): PageScope[] {
  const compared = comparedScopes(page, own.compare);
  return compared.length === 0 ? [page] : compared.map(({ scope }) => scope);
}

export const series = defineWidget({
  type: "series",
  name: "Metric over time",
  cfg,
  queries: (own, page) =>
    shownScopes(own, page).map((scope) => seriesQuery(own.metrics, periodScope(scope, own))),
  show(own, page, answered) {
    const scope = periodScope(page, own);
    const answers = shownScopes(own, page).map((one) =>
      answerOf(answered, own.metrics, periodScope(one, own)),
    );
    const known = answers.flatMap((answer) => (answer instanceof QueryFailed ? [] : [answer]));
    const [first] = known;
    if (!first) throw answers[0];
    const pointsOf = (answer: (typeof answers)[number], metric: MetricName): SeriesPoint[] =>
      answer instanceof QueryFailed
        ? []
        : (answer.metrics[metric] ?? []).filter(({ period }) => period >= scope.from);
    const periods = pointsOf(first, own.metrics[0] ?? "mrr");
    const lines = own.metrics.map((metric) => {
      const [points = [], ...others] = answers.map((answer) =>
        // what is deleted keeps its place in the legend, without a line
        answer instanceof QueryFailed
          ? periods.map(({ period, complete }) => ({ period, value: null, complete, reason: null }))
          : pointsOf(answer, metric),
      );
      return {
        metric,
        name: metricDefinitions[metric].label,
        unit: metricDefinitions[metric].unit,
        points,
        ...(others.length > 0 ? { others } : {}),
      };
    });
    const compared = comparedScopes(page, own.compare);
    const hasValues = lines.some(({ points, others = [] }) =>
      [points, ...others].some((all) => all.some(({ value }) => value !== null)),
    );
    return {
      title: lines.map(({ name }) => name).join(" and "),
      subtitle: `at the end of each ${scope.grain}, ${first.currency}`,
      view: hasValues
        ? {
            type: "series",
            grain: scope.grain,
            currency: first.currency,
            lines,
            ...(compared.length > 0 ? { segments: compared.map(({ segment }) => segment) } : {}),
            annotations: annotationMarks(page, scope),
          }
        : null,
      reasons: lines.flatMap(({ points }) => points.map(({ reason }) => reason)),
    };
  },
});

/** A segment that was deleted leaves the others alone. */
function answerOf(answered: Answered, names: readonly MetricName[], scope: ReturnType<typeof periodScope>) {
  try {
    return answered(seriesQuery(names, scope));
  } catch (error) {
    if (error instanceof QueryFailed && error.missing) return error;
    throw error;
  }
}
