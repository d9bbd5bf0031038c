import type { CohortsOutput, Filter, Grain, MetricName } from "#contracts/analytics.ts";

/** A number that can be opened: what it is, when, and which filters it was computed with. */
export type ExplainTarget = {
  /** The observation day; null or absent: today. */
  asOf?: string | null;
  filter?: Filter;
} & (
  | { metric: MetricName; period: string }
  | {
      metric: "cohort";
      cohort: string;
      /** Periods since. */
      k: number;
      grain: Exclude<Grain, "day">;
      basis: CohortsOutput["basis"];
      measure: CohortsOutput["measure"];
    }
  | {
      metric: "composition";
      by: string;
      /** A part's key, null for the part "not set"; absent: the whole. */
      key?: string | null;
      /** The day of the picture; null or absent: today. */
      at?: string | null;
    }
);

/** The address of the page that explains a number; `/api/v1/explain` takes the same query. */
export function explainLink(target: ExplainTarget): string {
  const search = new URLSearchParams({ metric: target.metric });
  const set = (name: string, value: string | number | null | undefined) => {
    if (value !== null && value !== undefined) search.set(name, String(value));
  };
  if (target.metric === "cohort") {
    for (const name of ["cohort", "k", "grain", "basis", "measure"] as const) set(name, target[name]);
  } else if (target.metric === "composition") {
    set("by", target.by);
    if (target.key === null) set("not_set", "true");
    else set("key", target.key);
    set("at", target.at);
  } else set("period", target.period);
  set("as_of", target.asOf);
  for (const [key, values] of Object.entries(target.filter ?? {}))
    for (const value of values) search.append(`filter.${key}`, value);
  return `/explain?${search}`;
}
