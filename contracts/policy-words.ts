import { type PolicySettings, policyChoices } from "#metrics/policy.ts";

type ChoiceKey = keyof typeof policyChoices;
type ChoiceWords = {
  [Key in ChoiceKey]: {
    label: string;
    help: string;
    values: Record<(typeof policyChoices)[Key][number], string>;
    /** What each choice means, a sentence each. */
    meanings: Record<(typeof policyChoices)[Key][number], string>;
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
    meanings: {
      recurring: "Discounts that repeat lower MRR while they run; one-off ones do not.",
      forever_only: "Only discounts without an end lower MRR.",
      all: "Every discount lowers MRR, one-off ones too.",
      none: "MRR is the list price, whatever the discount.",
    },
  },
  free_payer: {
    label: "Paying nothing",
    help: "A subscription that costs nothing counts as …",
    values: { churn: "Churned", active: "An active customer" },
    meanings: {
      churn: "A customer whose price falls to nothing has churned.",
      active: "A customer whose price falls to nothing stays a customer.",
    },
  },
  usage: {
    label: "Usage revenue",
    help: "Whether metered revenue is part of MRR.",
    values: { out: "Left out", trailing3: "Average of three months" },
    meanings: {
      out: "MRR holds subscriptions alone; usage has a line of its own.",
      trailing3:
        "MRR, ARR and ARPA add the mean usage revenue of the last three complete months; movements, retention and composition leave it out.",
    },
  },
  past_due: {
    label: "Unpaid invoices",
    help: "What a late payment does to MRR.",
    values: { grace: "Counts during the grace period", counts: "Counts", churn: "Churns at once" },
    meanings: {
      grace:
        "A late payer counts during the grace period, then churns as of the end of the last paid period.",
      counts: "A late payer counts until the subscription is cancelled.",
      churn: "A late payer churns at once.",
    },
  },
  paused: {
    label: "Paused subscriptions",
    help: "Whether a paused subscription counts.",
    values: { zero: "Counts nothing", counts: "Counts in full" },
    meanings: {
      zero: "A paused subscription is worth nothing; its resume is a reactivation.",
      counts: "A paused subscription keeps its MRR.",
    },
  },
  pause_collection: {
    label: "Paused collection",
    help: "The subscription runs, invoices are not collected.",
    values: { counts: "Counts in full", zero: "Counts nothing" },
    meanings: {
      counts: "A subscription whose invoices are not collected for now keeps its MRR.",
      zero: "A subscription is worth nothing while its invoices are not collected.",
    },
  },
  cancel: {
    label: "Churn date",
    help: "When a cancelled subscription churns.",
    values: { period_end: "At the end of the paid period", request: "When it was cancelled" },
    meanings: {
      period_end: "Churn falls on the day on which the paid period ends.",
      request: "Churn falls on the day on which the customer cancelled.",
    },
  },
  new_and_churn: {
    label: "New and gone in one period",
    help: "A customer who comes and leaves within the same period.",
    values: { exclude: "In neither rate", both: "Both new and churned", drop: "Not counted at all" },
    meanings: {
      exclude: "Who comes and leaves within one period is new and churned, but in no churn rate.",
      both: "Who comes and leaves within one period is new and churned, in the churn rates as well.",
      drop: "Who comes and leaves within one period is in no number of it.",
    },
  },
  netting: {
    label: "Several changes on one day",
    help: "Whether changes of one customer on one day are added up.",
    values: { day: "Added up", none: "Each by itself" },
    meanings: {
      day: "What changes for a customer within a day is one movement.",
      none: "Each change is a movement. Amounts are kept by day: what changed within one is added up all the same.",
    },
  },
  cohort_basis: {
    label: "Cohorts by",
    help: "What puts a customer into a cohort.",
    values: { first_payment: "First payment", signup: "Sign-up" },
    meanings: {
      first_payment: "A customer belongs to the cohort of its first payment.",
      signup: "A customer belongs to the cohort of its sign-up.",
    },
  },
  cohort_cell: {
    label: "Cohort cell",
    help: "Who is retained in a period.",
    values: { end: "Active at its end", any: "Active at any time in it" },
    meanings: {
      end: "Retained is who is active at the end of the period.",
      any: "Retained is who was active at any time in the period.",
    },
  },
  cohort_average: {
    label: "Cohort average",
    help: "How the last line of the table is made.",
    values: { weighted: "Weighted by size", simple: "Every cohort equal" },
    meanings: {
      weighted: "The average weighs each cohort by its size.",
      simple: "The average counts every cohort alike.",
    },
  },
  churn_denominator: {
    label: "Churn rate divides by",
    help: "Whose losses are compared with what.",
    values: { start: "Customers at the start", start_plus_new: "Start plus new ones" },
    meanings: {
      start: "The customer churn rate divides by the customers at the start.",
      start_plus_new: "The customer churn rate divides by the customers at the start and those who joined.",
    },
  },
};

export const choiceKeys = Object.keys(policyChoices) as readonly ChoiceKey[];
export type { ChoiceKey };

/** The words of a rule's value. */
export const choiceLabel = (key: ChoiceKey, value: PolicySettings[ChoiceKey]): string =>
  Object.entries(choiceWords[key].values).find(([name]) => name === value)?.[1] ?? value;
