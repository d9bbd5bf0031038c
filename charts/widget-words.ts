import type { Grain, NullReason } from "#contracts/analytics.ts";
import type { CohortHeatmapView } from "#contracts/widgets.ts";
import { formatPercent } from "./format.ts";

/** The words that the page, the drawings and the CSV files share. */

export const cohortMeasureNames: Record<CohortHeatmapView["measure"], string> = {
  customers: "Customers",
  mrr_net: "Net MRR",
  mrr_gross: "Gross MRR",
};

export const cohortBasisNames: Record<CohortHeatmapView["basis"], string> = {
  first_payment: "First payment",
  signup: "Sign-up",
  first_activity: "First activity",
};

export const grainNames: Record<Grain, string> = {
  day: "Day",
  week: "Week",
  month: "Month",
  quarter: "Quarter",
  year: "Year",
};

/** Why there is no value, for the reader. */
export const reasonWords: Record<NullReason, string> = {
  no_data: "No data in this period.",
  no_customers_at_start: "There were no customers at the start.",
  no_customers_12_months_ago: "Needs customers from 12 months ago.",
  no_mrr_at_start: "There was no MRR at the start.",
  no_losses: "Nothing was lost, so there is no ratio.",
  no_new_customers: "No customer was won.",
  no_customers: "No paying customers.",
  no_churn: "Nobody churned, so there is no lifetime.",
  no_history: "Needs six earlier months.",
  no_spend: "Upload spend to see this.",
  no_margin: "Needs the gross margin: enter it under Settings → Finance.",
  no_finance_inputs: "Needs what you enter under Settings → Finance.",
  no_net_new_arr: "ARR did not grow, so there is no ratio.",
  no_trials: "No trials began.",
  fx_rate_missing: "No exchange rate yet: upload rates under Sources.",
};

/** `96.6` in heatmaps, where the column says that these are percentages. */
export const heatText = (rate: number | null): string =>
  rate === null
    ? "–"
    : formatPercent(rate, { digits: rate >= 0.9995 && rate < 1.0005 ? 0 : 1 }).replace("%", "");

export const partName = (key: string | null): string => key ?? "Not set";
