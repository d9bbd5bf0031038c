import type { MetricName } from "#contracts/analytics.ts";
import type { QueryOf } from "./queries.ts";
import type { PeriodScope } from "./scope.ts";

/**
 * Metrics over the range and the one period before it, which the first is compared with: cards and charts ask for the same range, so
 * that one query serves them all.
 */
export const seriesQuery = (names: readonly MetricName[], scope: PeriodScope): QueryOf<"metrics"> => ({
  kind: "metrics",
  names,
  grain: scope.grain,
  from: scope.before,
  to: scope.to,
  asOf: scope.asOf,
  filter: scope.filter,
});
