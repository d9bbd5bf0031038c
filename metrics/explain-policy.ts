import type { MetricName } from "./metric-names.ts";
import type { PolicySettings } from "./policy.ts";

/** Which rules of the policy shape a number: those that its explanation names. */

type Key = keyof PolicySettings;

/** What a subscription is worth, and until when. */
const worth: readonly Key[] = [
  ...([
    "discounts",
    "free_payer",
    "past_due",
    "past_due_days",
    "paused",
    "pause_collection",
    "cancel",
  ] as const),
];
/** The MRR of a day, with or without usage. */
const standing: readonly Key[] = [...worth, "usage"];
const moving: readonly Key[] = [...worth, "netting", "new_and_churn", "return_after_days"];
const losing: readonly Key[] = [...worth, "netting", "new_and_churn"];
const netLosing: readonly Key[] = [...losing, "net_churn_reactivation"];
const churning: readonly Key[] = [...worth, "new_and_churn", "churn_denominator"];

const shaping = {
  mrr: standing,
  arr: standing,
  new_mrr: moving,
  expansion_mrr: moving,
  reactivation_mrr: moving,
  contraction_mrr: moving,
  churned_mrr: moving,
  fx_mrr: losing,
  net_new_mrr: losing,
  customers: worth,
  new_customers: moving,
  churned_customers: losing,
  customer_churn_rate: churning,
  gross_mrr_churn_rate: losing,
  net_mrr_churn_rate: netLosing,
  nrr: worth,
  grr: worth,
  nrr_flow: netLosing,
  grr_flow: losing,
  quick_ratio: [...moving, "quick_ratio_reactivation"],
  arpa: standing,
  asp: moving,
  ltv: [...standing, "new_and_churn", "churn_denominator"],
  cac: moving,
  cac_payback: [...moving, "usage"],
  ltv_cac: [...moving, "usage", "churn_denominator"],
  trial_conversion: worth,
  committed_mrr: worth,
  scheduled_churn_mrr: worth,
  usage_revenue: [],
  rule_of_40: worth,
  burn_multiple: losing,
  magic_number: losing,
} as const satisfies Record<MetricName, readonly Key[]>;

export const shapingRules = (metric: MetricName): readonly Key[] => shaping[metric];
export const cohortRules: readonly Key[] = [...worth, "return_after_days", "cohort_basis", "cohort_cell"];
export const compositionRules: readonly Key[] = worth;
