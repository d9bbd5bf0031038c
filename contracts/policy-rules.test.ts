import { expect, test } from "vitest";
import { defaultPolicy, policyChoices, policyKeys, policyPresets, resolvePolicy } from "#metrics/policy.ts";
import { hasOwnRules, policyTitle } from "./policy-names.ts";
import { ruleGroups, ruleLabel, ruleMeaning, ruleValue } from "./policy-rules.ts";

test("every rule has its place, a name, and words and a sentence of its own for every choice", () => {
  expect(ruleGroups.flatMap(({ keys }) => [...keys]).sort()).toEqual([...policyKeys].sort());
  for (const key of policyKeys) {
    const choices: readonly unknown[] =
      key in policyChoices ? policyChoices[key as keyof typeof policyChoices] : [defaultPolicy[key]];
    expect(ruleLabel(key)).toMatch(/^[A-Z][a-z ]+/);
    const meanings = choices.map((value) => ruleMeaning(key, value as never));
    for (const meaning of meanings) expect(meaning).toMatch(/^[A-Z].*\.$/);
    expect(new Set(meanings).size).toBe(choices.length);
    expect(new Set(choices.map((value) => ruleValue(key, value as never))).size).toBe(choices.length);
  }
  expect(ruleMeaning("return_after_days", 90)).toBe("Who comes back after more than 90 days is new.");
  expect(ruleValue("net_churn_reactivation", false)).toBe("Without reactivation");
});

test("a policy is called after its preset, and adapted where rules of one's own lie over it", () => {
  for (const preset of policyPresets) expect(hasOwnRules(resolvePolicy({ preset }))).toBe(false);
  expect(policyTitle(resolvePolicy(), 1)).toBe("Jarvis policy v1");
  expect(policyTitle(resolvePolicy({ preset: "chartmogul", discounts: "all" }), 3)).toBe(
    "ChartMogul policy v3",
  );
  expect(policyTitle(resolvePolicy({ preset: "stripe", paused: "counts" }), 4)).toBe(
    "Adapted Stripe policy v4",
  );
});
