import { formatDateTime } from "#charts/format-dates.ts";
import type { PolicyVersions } from "#contracts/policy.ts";
import { policyTitle } from "#contracts/policy-names.ts";
import { differingRules, RuleChanges } from "./rule-changes.tsx";

/** Every version that there has been: what changed, when, and by whom. */
export function VersionList({ versions, timezone }: { versions: PolicyVersions; timezone: string }) {
  const { items, next } = versions;
  return (
    <>
      <ol className="divide-y divide-line border-t border-line">
        {items.map((one, index) => {
          const before = items[index + 1];
          return (
            <li key={one.version} className="grid gap-1.5 px-5 py-3.5 sm:grid-cols-[15rem_1fr]">
              <div className="text-sm">
                <p className="font-medium">{policyTitle(one.policy, one.version)}</p>
                <p className="text-xs text-ink-3">
                  {formatDateTime(one.at, timezone)}
                  {one.actor ? <span className="block truncate">by {one.actor}</span> : null}
                </p>
              </div>
              {before && differingRules(before.policy, one.policy).length > 0 ? (
                <RuleChanges from={before.policy} to={one.policy} />
              ) : (
                <p className="text-sm text-ink-3">
                  {one.version === 1 ? "The organisation began with these rules." : "See the version before."}
                </p>
              )}
            </li>
          );
        })}
      </ol>
      {next ? (
        <p className="border-t border-line px-5 py-3 text-xs text-ink-3">
          The newest {items.length}; all of them are at <code>/api/v1/policy/versions</code>.
        </p>
      ) : null}
    </>
  );
}
