import type { PolicySettings } from "#metrics/policy.ts";
import type { ExplainOutput } from "./explain.ts";
import { choiceKeys, choiceLabel, choiceWords } from "./policy-words.ts";

type Toggle = ExplainOutput["policy"]["toggles"][number];

/** Rules that are no choice of words. */
const otherWords = {
  past_due_days: {
    label: "Grace period",
    words: (days: PolicySettings["past_due_days"]) => `${days} days`,
  },
  return_after_days: {
    label: "Coming back",
    words: (days: PolicySettings["return_after_days"]) =>
      days === null ? "A reactivation after any gap" : `New after more than ${days} days`,
  },
  net_churn_reactivation: {
    label: "Net churn",
    words: (counts: boolean) => (counts ? "Less reactivation" : "Reactivation left out"),
  },
  quick_ratio_reactivation: {
    label: "Quick ratio",
    words: (counts: boolean) => (counts ? "Reactivation is a gain" : "Reactivation left out"),
  },
} as const;

/** Rules of a policy by key, with their values in words. A grace period says something only where there is one. */
export const togglesOf = (keys: readonly (keyof PolicySettings)[], policy: PolicySettings): Toggle[] =>
  keys.flatMap((key): Toggle[] => {
    const value = String(policy[key]);
    if (key === "past_due_days")
      return policy.past_due === "grace"
        ? [{ key, value, label: otherWords[key].label, words: otherWords[key].words(policy[key]) }]
        : [];
    if (key === "return_after_days")
      return [{ key, value, label: otherWords[key].label, words: otherWords[key].words(policy[key]) }];
    if (key === "net_churn_reactivation" || key === "quick_ratio_reactivation")
      return [{ key, value, label: otherWords[key].label, words: otherWords[key].words(policy[key]) }];
    const choice = choiceKeys.find((one) => one === key);
    return choice
      ? [{ key, value, label: choiceWords[choice].label, words: choiceLabel(choice, policy[choice]) }]
      : [];
  });
