import { type Policy, type PolicyPreset, policyKeys, resolvePolicy } from "#metrics/policy.ts";

/** What a policy is called wherever a number names it. */

/** Whose conventions a preset follows. */
export const presetNames = {
  jarvis: "Jarvis",
  chartmogul: "ChartMogul",
  baremetrics: "Baremetrics",
  stripe: "Stripe",
  profitwell: "ProfitWell",
} as const satisfies Record<PolicyPreset, string>;

/** Whether rules were chosen that the preset does not have. */
export function hasOwnRules(policy: Policy): boolean {
  const preset = resolvePolicy({ preset: policy.preset });
  return policyKeys.some((key) => policy[key] !== preset[key]);
}

/** "Jarvis policy v3", or with rules of one's own "Adapted Jarvis policy v3". */
export const policyTitle = (policy: Policy, version: number): string =>
  `${hasOwnRules(policy) ? "Adapted " : ""}${presetNames[policy.preset]} policy v${version}`;
