/** Every metric that has a name on the wire (`contracts/analytics.ts` lists the same; a test there holds them together). */
export const metricNames = [
  "mrr",
  "arr",
  "new_mrr",
  "expansion_mrr",
  "reactivation_mrr",
  "contraction_mrr",
  "churned_mrr",
  "fx_mrr",
  "net_new_mrr",
  "customers",
  "new_customers",
  "churned_customers",
  "customer_churn_rate",
  "gross_mrr_churn_rate",
  "net_mrr_churn_rate",
  "nrr",
  "grr",
  "nrr_flow",
  "grr_flow",
  "quick_ratio",
  "arpa",
  "asp",
  "ltv",
  "cac",
  "cac_payback",
  "ltv_cac",
  "trial_conversion",
  "committed_mrr",
  "scheduled_churn_mrr",
  "usage_revenue",
  "rule_of_40",
  "burn_multiple",
  "magic_number",
] as const;
export type MetricName = (typeof metricNames)[number];

/** Why a value is null. */
export const nullReasons = [
  "no_data",
  "no_customers_at_start",
  "no_customers_12_months_ago",
  "no_mrr_at_start",
  "no_losses",
  "no_new_customers",
  "no_customers",
  "no_churn",
  "no_history",
  "no_spend",
  "no_margin",
  "no_finance_inputs",
  "no_net_new_arr",
  "no_trials",
  "fx_rate_missing",
] as const;
export type NullReason = (typeof nullReasons)[number];

/** Money is decimal text; counts, rates, ratios and months are numbers. */
export type MetricUnit = "money" | "count" | "rate" | "ratio" | "months";

export type MetricValue = { value: string | number; reason: null } | { value: null; reason: NullReason };
