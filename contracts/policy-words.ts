import { type PolicyPreset, type PolicySettings, policyChoices } from "#metrics/policy.ts";

/** The presets by name: our default, and the conventions of others. */
export const presetWords = {
  jarvis: "Jarvis default",
  chartmogul: "As ChartMogul counts",
  baremetrics: "As Baremetrics counts",
  stripe: "As Stripe Billing counts",
  profitwell: "As ProfitWell counts",
} as const satisfies Record<PolicyPreset, string>;

type ChoiceKey = keyof typeof policyChoices;
type ChoiceWords = {
  [Key in ChoiceKey]: {
    label: string;
    help: string;
    values: Record<(typeof policyChoices)[Key][number], string>;
  };
};

/** Every rule on which vendors disagree, in words. */
export const choiceWords: ChoiceWords = {
  discounts: {
    label: "Discounts",
    help: "Which discounts lower MRR.",
    values: {
      recurring: "Recurring ones",
      forever_only: "Only those that last forever",
      all: "All of them",
      none: "None",
    },
  },
  free_payer: {
    label: "Paying nothing",
    help: "A subscription that costs nothing counts as …",
    values: { churn: "Churned", active: "An active customer" },
  },
  usage: {
    label: "Usage revenue",
    help: "Whether metered revenue is part of MRR.",
    values: { out: "Left out", trailing3: "Average of three months" },
  },
  past_due: {
    label: "Unpaid invoices",
    help: "What a late payment does to MRR.",
    values: { grace: "Counts during the grace period", counts: "Counts", churn: "Churns at once" },
  },
  paused: {
    label: "Paused subscriptions",
    help: "Whether a paused subscription counts.",
    values: { zero: "Counts nothing", counts: "Counts in full" },
  },
  pause_collection: {
    label: "Paused collection",
    help: "The subscription runs, invoices are not collected.",
    values: { counts: "Counts in full", zero: "Counts nothing" },
  },
  cancel: {
    label: "Churn date",
    help: "When a cancelled subscription churns.",
    values: { period_end: "At the end of the paid period", request: "When it was cancelled" },
  },
  new_and_churn: {
    label: "New and gone in one period",
    help: "A customer who comes and leaves within the same period.",
    values: { exclude: "In neither rate", both: "Both new and churned", drop: "Not counted at all" },
  },
  netting: {
    label: "Several changes on one day",
    help: "Whether changes of one customer on one day are added up.",
    values: { day: "Added up", none: "Each by itself" },
  },
  cohort_basis: {
    label: "Cohorts by",
    help: "What puts a customer into a cohort.",
    values: { first_payment: "First payment", signup: "Sign-up" },
  },
  cohort_cell: {
    label: "Cohort cell",
    help: "Who is retained in a period.",
    values: { end: "Active at its end", any: "Active at any time in it" },
  },
  cohort_average: {
    label: "Cohort average",
    help: "How the last line of the table is made.",
    values: { weighted: "Weighted by size", simple: "Every cohort equal" },
  },
  churn_denominator: {
    label: "Churn rate divides by",
    help: "Whose losses are compared with what.",
    values: { start: "Customers at the start", start_plus_new: "Start plus new ones" },
  },
};

export const choiceKeys = Object.keys(policyChoices) as readonly ChoiceKey[];
export type { ChoiceKey };

/** The words of a rule's value. */
export const choiceLabel = (key: ChoiceKey, value: PolicySettings[ChoiceKey]): string =>
  Object.entries(choiceWords[key].values).find(([name]) => name === value)?.[1] ?? value;
