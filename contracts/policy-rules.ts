import { shapingRules } from "#metrics/explain-policy.ts";
import type { MetricName } from "#metrics/metric-names.ts";
import type { PolicySettings } from "#metrics/policy.ts";
import { choiceKeys, choiceLabel, choiceWords } from "./policy-words.ts";

/** Every rule of a policy in words, whatever its values are: choices, days, yes or no. */

export type RuleKey = keyof PolicySettings;
type RuleValue = PolicySettings[RuleKey];

/** Rules in the order and under the headings in which people read them. */
export const ruleGroups = [
  { title: "What MRR holds", keys: ["discounts", "usage", "free_payer", "paused", "pause_collection"] },
  {
    title: "Late payment and leaving",
    keys: ["past_due", "past_due_days", "cancel", "return_after_days", "netting"],
  },
  {
    title: "Rates",
    keys: ["new_and_churn", "churn_denominator", "net_churn_reactivation", "quick_ratio_reactivation"],
  },
  { title: "Cohorts", keys: ["cohort_basis", "cohort_cell", "cohort_average"] },
] as const satisfies readonly { title: string; keys: readonly RuleKey[] }[];

const otherRules = {
  past_due_days: {
    label: "Grace period",
    value: (days: RuleValue) => `${days} days`,
    meaning: (days: RuleValue) => `The grace period of a late payer lasts ${days} days.`,
  },
  return_after_days: {
    label: "Coming back",
    value: (days: RuleValue) => (days === null ? "A reactivation" : `New after ${days} days`),
    meaning: (days: RuleValue) =>
      days === null
        ? "Who comes back is a reactivation, after any gap."
        : `Who comes back after more than ${days} days is new.`,
  },
  net_churn_reactivation: {
    label: "Net churn",
    value: (counts: RuleValue) => (counts ? "Less reactivation" : "Without reactivation"),
    meaning: (counts: RuleValue) =>
      counts
        ? "Reactivation lowers the net MRR churn rate."
        : "The net MRR churn rate leaves reactivation out.",
  },
  quick_ratio_reactivation: {
    label: "Quick ratio",
    value: (counts: RuleValue) => (counts ? "With reactivation" : "Without reactivation"),
    meaning: (counts: RuleValue) =>
      counts ? "Reactivation is a gain in the quick ratio." : "The quick ratio leaves reactivation out.",
  },
};
const otherOf = (key: RuleKey) => Object.entries(otherRules).find(([name]) => name === key)?.[1] ?? null;
const choiceOf = (key: RuleKey) => choiceKeys.find((one) => one === key) ?? null;

/** "Paused subscriptions" */
export function ruleLabel(key: RuleKey): string {
  const choice = choiceOf(key);
  return choice ? choiceWords[choice].label : (otherOf(key)?.label ?? key);
}

/** "Counts nothing" */
export function ruleValue(key: RuleKey, value: RuleValue): string {
  const choice = choiceOf(key);
  return choice ? choiceLabel(choice, value as never) : (otherOf(key)?.value(value) ?? String(value));
}

/** "A paused subscription is worth nothing; its resume is a reactivation." */
export function ruleMeaning(key: RuleKey, value: RuleValue): string {
  const choice = choiceOf(key);
  if (!choice) return otherOf(key)?.meaning(value) ?? "";
  return Object.entries(choiceWords[choice].meanings).find(([name]) => name === value)?.[1] ?? "";
}

/** What sets a metric apart comes first; what MRR itself holds, last. */
const telling: readonly RuleKey[] = [
  ...(["churn_denominator", "net_churn_reactivation", "quick_ratio_reactivation", "new_and_churn"] as const),
  ...(["return_after_days", "usage", "free_payer", "paused", "discounts"] as const),
];
const mostRules = 3;

/** The rules that say most about a metric, a sentence each. */
export function ownRules(metric: MetricName, policy: PolicySettings): string[] {
  const shaping = shapingRules(metric);
  const keys = telling.filter((key) => shaping.includes(key));
  return keys.slice(0, mostRules).map((key) => ruleMeaning(key, policy[key]));
}
