import { Link } from "@remix-run/react";
import type { ExplainOutput } from "#contracts/explain.ts";
import { presetNames } from "#contracts/policy-names.ts";
import type { PolicyPreset } from "#metrics/policy.ts";
import { Card } from "../../components/card.tsx";
import { cx } from "../../components/class-names.ts";

/** The rules that shaped the number, a sentence each. */
export function RulesCard({
  policy,
  isWide,
}: {
  policy: ExplainOutput["policy"];
  /** Across the page, or beside another card. */
  isWide: boolean;
}) {
  return (
    <Card
      className={isWide ? "xl:col-span-2" : ""}
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
        <dl
          className={cx(
            "grid gap-x-6 gap-y-3 text-sm sm:grid-cols-2",
            isWide && "lg:grid-cols-3 xl:grid-cols-4",
          )}
        >
          {policy.toggles.map(({ key, label, words }) => (
            <div key={key}>
              <dt className="text-xs text-ink-3">{label}</dt>
              <dd className="text-ink-2">{words}</dd>
            </div>
          ))}
        </dl>
      )}
    </Card>
  );
}
