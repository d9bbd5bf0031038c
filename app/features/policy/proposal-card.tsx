import { Form, Link, useNavigation } from "@remix-run/react";
import { useEffect, useRef } from "react";
import { hasOwnRules, presetNames } from "#contracts/policy-names.ts";
import type { Policy } from "#metrics/policy.ts";
import { Button, ButtonLink } from "../../components/button.tsx";
import { Callout } from "../../components/callout.tsx";
import { Card } from "../../components/card.tsx";
import { DifferenceTable } from "./difference-table.tsx";
import type { PolicyComparison, PolicyPage } from "./load-policy.server.ts";
import { differingRules, RuleChanges } from "./rule-changes.tsx";

const afterwards: Record<PolicyComparison["recompute"], string> = {
  none: "Every number follows the new rules at once, also those of the past; nothing has to be computed again.",
  at_once: "Every number is computed again at once, also those of the past.",
  in_background:
    "Every number is computed again in the background, also those of the past; until that is done, the old ones are shown.",
};

/** What a switch would change, before it does: rule by rule, and on the organisation's own numbers. */
export function ProposalCard({
  proposal,
  inForce,
  maySwitch,
}: {
  proposal: NonNullable<PolicyPage["proposal"]>;
  inForce: Policy;
  maySwitch: boolean;
}) {
  const { policy, fields, comparison } = proposal;
  const place = useRef<HTMLDivElement>(null);
  const asked = JSON.stringify(fields);
  // the form that asked is further down
  useEffect(() => {
    place.current?.scrollIntoView({ block: "start" });
    place.current?.focus({ preventScroll: true });
  }, [asked]);
  const pending = useNavigation().formData?.get("intent") === "switch";
  const computed = comparison && "rows" in comparison ? comparison : null;
  if (differingRules(inForce, policy).length === 0 && policy.preset === inForce.preset)
    return (
      <div ref={place} tabIndex={-1} className="scroll-mt-20 outline-none">
        <Callout>These are the rules in force: choose other ones to see what they would change.</Callout>
      </div>
    );
  const whose = presetNames[policy.preset];
  const name = hasOwnRules(policy) ? `${whose}’s rules with your own changes` : `${whose}’s rules`;
  return (
    <div ref={place} tabIndex={-1} className="min-w-0 scroll-mt-20 outline-none">
      <Card title={`What ${name} would change`} subtitle="nothing has changed yet" flush>
        <div className="grid gap-4 px-5 pb-4">
          <RuleChanges from={inForce} to={policy} />
          {comparison && "refused" in comparison ? (
            <Callout tone="warning">{comparison.refused}</Callout>
          ) : null}
        </div>
        {computed ? <DifferenceTable comparison={computed} /> : null}
        <footer className="grid gap-3 border-t border-line px-5 py-4">
          {maySwitch ? (
            <>
              <p className="max-w-2xl text-sm text-ink-2">
                {afterwards[computed?.recompute ?? "in_background"]} Months that move are listed in the
                restatement log, and every dashboard and export names the new version. You can switch back.
              </p>
              <Form method="post" className="flex flex-wrap gap-2">
                {Object.entries(fields).map(([field, value]) => (
                  <input key={field} type="hidden" name={field} value={value} />
                ))}
                <input type="hidden" name="recompute" value={computed?.recompute ?? "in_background"} />
                <Button type="submit" name="intent" value="switch" variant="primary" pending={pending}>
                  Switch to {name}
                </Button>
                <ButtonLink to="/settings/policy" variant="ghost" preventScrollReset>
                  Keep the present rules
                </ButtonLink>
              </Form>
            </>
          ) : (
            <p className="text-sm text-ink-3">
              Owners and admins can switch.{" "}
              <Link to="/settings/policy" className="link">
                Close the comparison
              </Link>
            </p>
          )}
        </footer>
      </Card>
    </div>
  );
}
