import { presetNames } from "#contracts/policy-names.ts";
import { ruleGroups, ruleLabel, ruleMeaning, ruleValue } from "#contracts/policy-rules.ts";
import { type Policy, presetGaps, resolvePolicy } from "#metrics/policy.ts";
import { Badge } from "../../components/badge.tsx";

/** The rules of a policy to read: what each says, and where it comes from. */
export function RuleList({ policy }: { policy: Policy }) {
  const preset = resolvePolicy({ preset: policy.preset });
  return (
    <div className="grid gap-5">
      {ruleGroups.map(({ title, keys }) => (
        <section key={title}>
          <h3 className="mb-2 text-xs font-medium text-ink-3">{title}</h3>
          <dl className="grid gap-x-6 gap-y-3 sm:grid-cols-2">
            {keys.map((key) => (
              <div key={key} className="text-sm">
                <dt className="flex flex-wrap items-center gap-x-2 text-ink-2">
                  {ruleLabel(key)}:{" "}
                  <span className="font-medium text-ink">{ruleValue(key, policy[key])}</span>
                  {policy[key] === preset[key] ? null : <Badge tone="accent">Your own</Badge>}
                </dt>
                <dd className="text-xs text-ink-3">
                  {ruleMeaning(key, policy[key])}
                  {policy[key] === preset[key] && presetGaps[policy.preset].includes(key)
                    ? ` Not found in ${presetNames[policy.preset]}’s documentation; the default is used.`
                    : null}
                </dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </div>
  );
}
