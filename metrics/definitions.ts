import type { MetricName, MetricUnit } from "./metric-names.ts";
import type { PolicySettings } from "./policy.ts";

/** What a metric is called, how it is written, and what it means: one hover away from every number. */
export interface MetricDefinition {
  label: string;
  unit: MetricUnit;
  /** Which direction is good news. */
  better: "up" | "down" | "neutral";
  definition: string;
  formula: string;
}

export const metricDefinitions: Record<MetricName, MetricDefinition> = {
  mrr: {
    label: "MRR",
    unit: "money",
    better: "up",
    definition:
      "Monthly recurring revenue: what all paying customers' subscriptions are worth per month at the end of the period, after recurring discounts, without tax and usage.",
    formula: "Σ annual amount ÷ 12",
  },
  arr: {
    label: "ARR",
    unit: "money",
    better: "up",
    definition: "Annual recurring revenue: the MRR at the end of the period over a whole year.",
    formula: "12 × MRR",
  },
  new_mrr: {
    label: "New MRR",
    unit: "money",
    better: "up",
    definition: "MRR of customers who paid for the first time in the period.",
    formula: "Σ new",
  },
  expansion_mrr: {
    label: "Expansion MRR",
    unit: "money",
    better: "up",
    definition:
      "MRR that existing customers added: upgrades, more seats, a second subscription, a discount's end.",
    formula: "Σ expansion",
  },
  reactivation_mrr: {
    label: "Reactivation MRR",
    unit: "money",
    better: "up",
    definition: "MRR of customers who had churned and came back.",
    formula: "Σ reactivation",
  },
  contraction_mrr: {
    label: "Contraction MRR",
    unit: "money",
    better: "down",
    definition:
      "MRR that customers gave up while they stayed: downgrades, fewer seats, one of two subscriptions.",
    formula: "Σ contraction",
  },
  churned_mrr: {
    label: "Churned MRR",
    unit: "money",
    better: "down",
    definition: "MRR of customers who stopped paying altogether.",
    formula: "Σ churn",
  },
  fx_mrr: {
    label: "Exchange-rate drift",
    unit: "money",
    better: "neutral",
    definition:
      "How much MRR moved because exchange rates did, while customers paid the same in their own currency.",
    formula: "Σ fx",
  },
  net_new_mrr: {
    label: "Net new MRR",
    unit: "money",
    better: "up",
    definition: "What customers' changes added to MRR, exchange-rate drift left out.",
    formula: "new + expansion + reactivation − contraction − churn",
  },
  customers: {
    label: "Customers",
    unit: "count",
    better: "up",
    definition: "Paying customers at the end of the period; trials are not customers.",
    formula: "customers with MRR > 0",
  },
  new_customers: {
    label: "New customers",
    unit: "count",
    better: "up",
    definition: "Customers who paid for the first time in the period.",
    formula: "customers with a new movement",
  },
  churned_customers: {
    label: "Churned customers",
    unit: "count",
    better: "down",
    definition: "Customers who stopped paying in the period, those who joined or came back in it as well.",
    formula: "customers with a churn movement",
  },
  customer_churn_rate: {
    label: "Customer churn rate",
    unit: "rate",
    better: "down",
    definition: "Share of the customers at the start of the period who no longer pay at its end.",
    formula: "(churned − joined and churned − churned and back) ÷ customers at start",
  },
  gross_mrr_churn_rate: {
    label: "Gross MRR churn rate",
    unit: "rate",
    better: "down",
    definition:
      "Share of the opening MRR that its customers cancelled or gave up; of each at most what it paid then.",
    formula: "(churn + contraction) ÷ MRR at start",
  },
  net_mrr_churn_rate: {
    label: "Net MRR churn rate",
    unit: "rate",
    better: "down",
    definition:
      "Gross losses less what expansion and reactivation brought back; below 0 the base grows by itself.",
    formula: "(churn + contraction − expansion − reactivation) ÷ MRR at start",
  },
  nrr: {
    label: "Net revenue retention",
    unit: "rate",
    better: "up",
    definition: "What the customers of twelve months ago pay now against what they paid then.",
    formula: "Σ now ÷ Σ then, customers with MRR > 0 twelve months ago",
  },
  grr: {
    label: "Gross revenue retention",
    unit: "rate",
    better: "up",
    definition:
      "What is left of the MRR of twelve months ago, growth of single customers not counted; never above 100 %.",
    formula: "Σ min(then, now) ÷ Σ then",
  },
  nrr_flow: {
    label: "NRR of the period",
    unit: "rate",
    better: "up",
    definition: "Share of the opening MRR that is left at the end of the period, expansion included.",
    formula: "1 − net MRR churn rate",
  },
  grr_flow: {
    label: "GRR of the period",
    unit: "rate",
    better: "up",
    definition: "Share of the opening MRR that is left at the end of the period, without any growth.",
    formula: "1 − gross MRR churn rate",
  },
  quick_ratio: {
    label: "Quick ratio",
    unit: "ratio",
    better: "up",
    definition: "How many units of MRR are won for each unit lost.",
    formula: "(new + expansion) ÷ (contraction + churn)",
  },
  arpa: {
    label: "ARPA",
    unit: "money",
    better: "up",
    definition: "Average revenue per account: MRR per paying customer at the end of the period.",
    formula: "MRR ÷ customers",
  },
  asp: {
    label: "ASP",
    unit: "money",
    better: "up",
    definition: "Average sale price: what a new customer starts with.",
    formula: "new MRR ÷ new customers",
  },
  ltv: {
    label: "LTV",
    unit: "money",
    better: "up",
    definition:
      "Lifetime value: what a customer brings until it churns, at the mean customer churn rate of the six months before this one; times the gross margin, if it is known.",
    formula: "ARPA ÷ mean monthly customer churn rate",
  },
  cac: {
    label: "CAC",
    unit: "money",
    better: "down",
    definition: "Customer acquisition cost: the spend that was uploaded for the period per new customer.",
    formula: "spend ÷ new customers",
  },
  cac_payback: {
    label: "CAC payback",
    unit: "months",
    better: "down",
    definition: "Months until a new customer's margin has paid for its acquisition.",
    formula: "CAC ÷ (ARPA × gross margin)",
  },
  ltv_cac: {
    label: "LTV : CAC",
    unit: "ratio",
    better: "up",
    definition: "What a customer brings against what it cost to win.",
    formula: "LTV ÷ CAC",
  },
  trial_conversion: {
    label: "Trial conversion",
    unit: "rate",
    better: "up",
    definition: "Share of the trials that began in the period and became paying customers since.",
    formula: "converted ÷ started, by the trial's start",
  },
  committed_mrr: {
    label: "Committed MRR",
    unit: "money",
    better: "up",
    definition:
      "MRR with every change that is already known and takes effect after the day of observation, starts as well as ends.",
    formula: "MRR + future-dated movements",
  },
  scheduled_churn_mrr: {
    label: "Scheduled churn",
    unit: "money",
    better: "down",
    definition: "MRR of customers whose end is already known and lies after the day of observation.",
    formula: "Σ future-dated churn",
  },
  usage_revenue: {
    label: "Usage revenue",
    unit: "money",
    better: "up",
    definition: "Transactions of the period: metered and one-off revenue that is not part of MRR.",
    formula: "Σ transactions",
  },
  rule_of_40: {
    label: "Rule of 40",
    unit: "rate",
    better: "up",
    definition:
      "Growth of ARR over twelve months plus the operating margin of the period’s months, as finance gave them (Feld, 2015): 40 % or more is healthy.",
    formula: "(ARR − ARR 12 months ago) ÷ ARR 12 months ago + operating profit ÷ revenue",
  },
  burn_multiple: {
    label: "Burn multiple",
    unit: "ratio",
    better: "down",
    definition:
      "Cash burnt for each unit of net new ARR, net burn as finance gave it (Sacks, 2020): below 1 is excellent, above 3 is poor.",
    formula: "net burn ÷ (12 × net new MRR)",
  },
  magic_number: {
    label: "Magic number",
    unit: "ratio",
    better: "up",
    definition:
      "Net new ARR for each unit of sales and marketing spend of the period before (Scale Venture Partners, 2008; ARR in the place of four times a quarter’s revenue). All spend that was given counts.",
    formula: "12 × net new MRR ÷ spend of the period before",
  },
};

/** The definition under a policy: where a toggle changes what is added up, the formula says so. */
export function definitionOf(
  name: MetricName,
  policy: Pick<
    PolicySettings,
    "new_and_churn" | "churn_denominator" | "net_churn_reactivation" | "quick_ratio_reactivation"
  >,
): MetricDefinition {
  const definition = metricDefinitions[name];
  if (name === "net_mrr_churn_rate" && !policy.net_churn_reactivation)
    return { ...definition, formula: "(churn + contraction − expansion) ÷ MRR at start" };
  if (name === "quick_ratio" && policy.quick_ratio_reactivation)
    return { ...definition, formula: "(new + expansion + reactivation) ÷ (contraction + churn)" };
  if (name === "customer_churn_rate") {
    const joined = policy.new_and_churn === "both" ? "" : " − joined and churned";
    const start = policy.churn_denominator === "start" ? "customers at start" : "(customers at start + new)";
    return { ...definition, formula: `(churned${joined} − churned and back) ÷ ${start}` };
  }
  return definition;
}
