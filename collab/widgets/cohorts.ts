import { z } from "zod";
import { type CohortsOutput, cohortBases, cohortMeasures, type Grain } from "#contracts/analytics.ts";
import type { CohortHeatmapView } from "#contracts/widgets.ts";
import { defineWidget } from "./define.ts";
import type { Answered, QueryOf } from "./queries.ts";
import { type PageScope, periodScope } from "./scope.ts";
import { ownScope } from "./settings.ts";

/** Both cohort widgets: the heatmap, and the table of a few periods with sizes and money. */

type CohortGrain = QueryOf<"cohorts">["grain"];
const cohortGrains: readonly CohortGrain[] = ["week", "month", "quarter", "year"];

/** There are no cohorts by day: months stand in. */
export const cohortGrain = (grain: Grain): CohortGrain =>
  cohortGrains.find((one) => one === grain) ?? "month";

const settings = z.object({
  basis: z.enum(cohortBases).optional(),
  measure: z.enum(cohortMeasures).default("customers"),
  ...ownScope,
});
type Settings = z.output<typeof settings>;

function query(cfg: Settings, page: PageScope): QueryOf<"cohorts"> {
  const grain = cohortGrain(cfg.grain ?? page.grain);
  const scope = periodScope(page, { ...cfg, grain });
  return {
    kind: "cohorts",
    grain,
    basis: cfg.basis ?? null,
    measure: cfg.measure,
    from: scope.from,
    to: scope.to,
    asOf: scope.asOf,
    filter: scope.filter,
  };
}

function table(cfg: Settings, page: PageScope, answered: Answered): Omit<CohortHeatmapView, "type"> | null {
  const asked = query(cfg, page);
  const answer = answered(asked);
  if (!answer.cohorts.some(({ size }) => size > 0)) return null;
  const { basis, measure, currency, as_of: asOf, cohorts, average } = answer;
  return { grain: asked.grain, basis, measure, currency, asOf, cohorts, average };
}

const basisWords: Record<CohortsOutput["basis"], string> = {
  first_payment: "first payment",
  signup: "sign-up",
  first_activity: "first activity",
};
const measureWords: Record<CohortsOutput["measure"], string> = {
  customers: "% of customers still paying",
  mrr_net: "% of the first MRR, growth included",
  mrr_gross: "% of the first MRR, growth left out",
};

const subtitle = (view: Omit<CohortHeatmapView, "type"> | null, cfg: Settings): string =>
  view
    ? `${view.basis === "first_activity" ? "% of customers active in" : `${measureWords[cfg.measure]} at the end of`} ${view.grain} k · by ${basisWords[view.basis]}`
    : "";

export const cohortHeatmap = defineWidget({
  type: "cohort_heatmap",
  name: "Cohort heatmap",
  cfg: settings,
  queries: (cfg, page) => [query(cfg, page)],
  show(cfg, page, answered) {
    const view = table(cfg, page, answered);
    return {
      title: cfg.measure === "customers" ? "Customer retention by cohort" : "Revenue retention by cohort",
      subtitle: subtitle(view, cfg),
      view: view && { type: "cohort_heatmap", ...view },
    };
  },
});

/** The periods that get a column, as far as the table reaches. */
const milestones: Record<CohortGrain, readonly number[]> = {
  week: [1, 2, 4, 8, 12, 26, 52],
  month: [1, 2, 3, 6, 9, 12, 18, 24],
  quarter: [1, 2, 3, 4, 6, 8, 12],
  year: [1, 2, 3, 4, 5],
};

export const retentionTable = defineWidget({
  type: "retention_table",
  name: "Retention table",
  cfg: settings,
  queries: (cfg, page) => [query(cfg, page)],
  show(cfg, page, answered) {
    const view = table(cfg, page, answered);
    const width = Math.max(0, ...(view?.cohorts.map(({ cells }) => cells.length) ?? []));
    return {
      title: cfg.measure === "customers" ? "Customer retention" : "Revenue retention",
      subtitle: subtitle(view, cfg),
      view: view && {
        type: "retention_table",
        ...view,
        milestones: milestones[cohortGrain(view.grain)].filter((k) => k < width),
      },
    };
  },
});
