import { Link } from "@remix-run/react";
import type { ExplainOutput } from "#contracts/explain.ts";
import { presetNames } from "#contracts/policy-names.ts";
import type { PolicyPreset } from "#metrics/policy.ts";
import { Card } from "../../components/card.tsx";

/** The rules that shaped the number, a sentence each. */
export function RulesCard({ policy }: { policy: ExplainOutput["policy"] }) {
  return (
    <Card
      title="Rules"
      subtitle={`${presetNames[policy.preset as PolicyPreset] ?? policy.preset} policy v${policy.version}`}
      actions={
        <Link to="/settings/policy" className="link text-sm">
          Compare policies
        </Link>
      }
    >
      {policy.toggles.length === 0 ? (
        <p className="text-sm text-ink-3">No rule changes this number.</p>
      ) : (
        <dl className="grid gap-x-6 gap-y-2.5 text-sm sm:grid-cols-[10rem_minmax(0,1fr)]">
          {policy.toggles.map(({ key, label, words }) => (
            <div key={key} className="contents">
              <dt className="text-ink-3">{label}</dt>
              <dd className="max-sm:mb-1.5">{words}</dd>
            </div>
          ))}
        </dl>
      )}
    </Card>
  );
}
