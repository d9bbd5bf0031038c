/**
 * Metric policy as data (metrics.md §2): where vendors disagree, the rule is a toggle of the organisation. The first value
 * of every list is the default.
 */

export const policyPresets = ["jarvis", "chartmogul", "baremetrics", "stripe", "profitwell"] as const;
export type PolicyPreset = (typeof policyPresets)[number];

/** Every toggle that is a choice of words; `contracts/policy.ts` builds its schema from this. */
export const policyChoices = {
  discounts: ["recurring", "forever_only", "all", "none"],
  free_payer: ["churn", "active"],
  usage: ["out", "trailing3"],
  past_due: ["grace", "counts", "churn"],
  paused: ["zero", "counts"],
  pause_collection: ["counts", "zero"],
  cancel: ["period_end", "request"],
  new_and_churn: ["exclude", "both", "drop"],
  netting: ["day", "none"],
  cohort_basis: ["first_payment", "signup"],
  cohort_cell: ["end", "any"],
  cohort_average: ["weighted", "simple"],
  churn_denominator: ["start", "start_plus_new"],
} as const;

type Choices = typeof policyChoices;
export type PolicySettings = { [Key in keyof Choices]: Choices[Key][number] } & {
  past_due_days: number;
  /** A return after more than this many days is new; null: a reactivation after any gap. */
  return_after_days: number | null;
  net_churn_reactivation: boolean;
  quick_ratio_reactivation: boolean;
};
export type Policy = PolicySettings & { preset: PolicyPreset };
/** What an organisation stores, and what PATCH takes: a key at null (or absent) follows the preset. */
export type PolicyPatch = { [Key in keyof Policy]?: Policy[Key] | null };

export const defaultPolicy: PolicySettings = {
  discounts: "recurring",
  free_payer: "churn",
  usage: "out",
  past_due: "grace",
  past_due_days: 30,
  paused: "zero",
  pause_collection: "counts",
  cancel: "period_end",
  new_and_churn: "exclude",
  return_after_days: null,
  netting: "day",
  cohort_basis: "first_payment",
  cohort_cell: "end",
  cohort_average: "weighted",
  churn_denominator: "start",
  net_churn_reactivation: true,
  quick_ratio_reactivation: false,
};

/** Every rule by name, in the order in which they are told. */
export const policyKeys = Object.keys(defaultPolicy) as readonly (keyof PolicySettings)[];

/** Where a vendor's documentation differs from, or confirms, the default. */
export const presetSettings: Record<PolicyPreset, Partial<PolicySettings>> = {
  jarvis: {},
  chartmogul: {
    discounts: "all",
    free_payer: "active",
    usage: "out",
    past_due: "counts",
    paused: "counts",
    new_and_churn: "exclude",
    churn_denominator: "start",
    net_churn_reactivation: true,
  },
  baremetrics: {
    discounts: "all",
    free_payer: "churn",
    usage: "out",
    past_due: "grace",
    past_due_days: 30,
    new_and_churn: "both",
    churn_denominator: "start",
    net_churn_reactivation: false,
  },
  stripe: {
    discounts: "forever_only",
    free_payer: "churn",
    usage: "out",
    past_due: "counts",
    paused: "zero",
    new_and_churn: "both",
    churn_denominator: "start_plus_new",
  },
  profitwell: {
    discounts: "all",
    free_payer: "churn",
    usage: "trailing3",
    past_due: "counts",
    paused: "zero",
    new_and_churn: "drop",
  },
};

/** Keys that a vendor's documentation does not settle: the default stands in, and the page says so. */
export const presetGaps: Record<PolicyPreset, readonly (keyof PolicySettings)[]> = {
  jarvis: [],
  chartmogul: [],
  baremetrics: ["paused"],
  stripe: ["net_churn_reactivation"],
  profitwell: ["churn_denominator", "net_churn_reactivation"],
};

const withoutNulls = (patch: PolicyPatch): Partial<Policy> =>
  Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== null && value !== undefined));

/** The policy in force: the default, the preset's differences over it, the organisation's own choices over both. */
export function resolvePolicy(stored: PolicyPatch = {}): Policy {
  const preset = stored.preset ?? "jarvis";
  return { ...defaultPolicy, ...presetSettings[preset], ...withoutNulls(stored), preset };
}

/** What to store after a PATCH: null forgets a key, an absent key stays; a change of preset keeps the own choices. */
export const patchPolicy = (stored: PolicyPatch, patch: PolicyPatch): PolicyPatch =>
  withoutNulls({ ...stored, ...patch });
