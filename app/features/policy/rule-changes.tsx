import { ArrowRight } from "lucide-react";
import { ruleLabel, ruleValue } from "#contracts/policy-rules.ts";
import { type Policy, policyKeys } from "#metrics/policy.ts";

/** Rule by rule, what one policy says and the other does not. */
export const differingRules = (a: Policy, b: Policy) => policyKeys.filter((key) => a[key] !== b[key]);

/** "Paused subscriptions: counts nothing → counts in full" */
export function RuleChanges({ from, to }: { from: Policy; to: Policy }) {
  return (
    <ul className="grid gap-1 text-sm">
      {differingRules(from, to).map((key) => (
        <li key={key} className="flex flex-wrap items-center gap-x-1.5">
          <span className="text-ink-3">{ruleLabel(key)}</span>
          <span>{ruleValue(key, from[key])}</span>
          <ArrowRight aria-hidden="true" className="size-3.5 shrink-0 text-ink-3" />
          <span className="sr-only">becomes</span>
          <span className="font-medium">{ruleValue(key, to[key])}</span>
        </li>
      ))}
    </ul>
  );
}
