import type { CohortsOutput } from "#contracts/analytics.ts";

type Basis = CohortsOutput["basis"];
type Measure = CohortsOutput["measure"];

/** What the cohort page shows, in its address beside the filters: `?basis=signup&measure=mrr_net`. */
export interface CohortChoice {
  /** Null: as the organisation's policy says. */
  basis: Basis | null;
  measure: Measure;
}

export const bases: readonly Basis[] = ["first_payment", "signup", "first_activity"];
export const measures: readonly Measure[] = ["customers", "mrr_net", "mrr_gross"];

/** Activity is counted in customers only: with it, an MRR measure gives way. */
export function parseCohortChoice(search: URLSearchParams): CohortChoice {
  const basis = bases.find((one) => one === search.get("basis")) ?? null;
  const measure = measures.find((one) => one === search.get("measure")) ?? "customers";
  return { basis, measure: basis === "first_activity" ? "customers" : measure };
}

/** Only what differs from the default. */
export const printCohortChoice = ({ basis, measure }: CohortChoice): Record<string, string> => ({
  ...(basis ? { basis } : {}),
  ...(measure === "customers" ? {} : { measure }),
});
