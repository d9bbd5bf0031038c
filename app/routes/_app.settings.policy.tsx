import { type MetaFunction, redirect } from "@remix-run/node";
import { Link, useActionData, useLoaderData } from "@remix-run/react";
import { policyTitle } from "#contracts/policy-names.ts";
import { Callout } from "../components/callout.tsx";
import { Card } from "../components/card.tsx";
import { FormFailure } from "../components/form-failure.tsx";
import { loadPolicy } from "../features/policy/load-policy.server.ts";
import { findPolicyChoice } from "../features/policy/policy-choice.ts";
import { PolicyForm } from "../features/policy/policy-form.tsx";
import { PresetTable } from "../features/policy/preset-table.tsx";
import { ProposalCard } from "../features/policy/proposal-card.tsx";
import { RuleList } from "../features/policy/rule-list.tsx";
import { VersionList } from "../features/policy/version-list.tsx";
import { failureIn } from "../lib/failure.ts";
import { fieldText } from "../lib/form-fields.ts";
import { guarded, submitted } from "../lib/guard.server.ts";
import { useCan, useMe } from "../lib/me.ts";

export const meta: MetaFunction = () => [{ title: "Metric policy · Jarvis360" }];

export const loader = guarded(loadPolicy);

export const action = submitted(async ({ request, context }) => {
  const form = await request.formData();
  const policy = findPolicyChoice(form);
  // nothing that this page sent
  if (!policy) throw redirect("/settings/policy");
  await context.trpc.org.update({ policy });
  throw redirect(`/settings/policy?switched=${encodeURIComponent(fieldText(form, "recompute"))}`);
});

const switchedWords: Record<string, string> = {
  none: "Every number follows its rules from now on.",
  at_once: "Every number has been computed again, also those of the past.",
  in_background:
    "Every number is being computed again in the background; until that is done, some are still those of the old rules.",
};

export default function PolicySettings() {
  const { policy, version, versions, proposal, switched } = useLoaderData<typeof loader>();
  const failure = failureIn(useActionData<typeof action>());
  const mayEdit = useCan("org.update");
  const { organisation } = useMe();
  const done = switched === null ? undefined : switchedWords[switched];
  return (
    <div className="grid grid-cols-1 gap-5">
      <FormFailure failure={failure} />
      {done && !proposal ? (
        <Callout tone="positive" live title={`${policyTitle(policy, version)} is in force`}>
          {done}{" "}
          <Link to="/restatements" className="link">
            See which closed months moved
          </Link>
        </Callout>
      ) : null}
      {proposal ? <ProposalCard proposal={proposal} inForce={policy} maySwitch={mayEdit} /> : null}
      <Card title={policyTitle(policy, version)} subtitle="in force">
        <div className="grid gap-5">
          <p className="max-w-2xl text-sm text-ink-2">
            Where vendors disagree on what counts, you decide. Every number, file and answer names the policy
            that it follows.
          </p>
          {mayEdit ? (
            <PolicyForm policy={policy} key={version} />
          ) : (
            <>
              <Callout>Owners and admins can change this.</Callout>
              <RuleList policy={policy} />
            </>
          )}
        </div>
      </Card>
      <Card title="Which preset sets what" flush>
        <PresetTable />
      </Card>
      <Card title="Versions" subtitle="newest first" flush>
        <VersionList versions={versions} timezone={organisation.timezone} />
      </Card>
    </div>
  );
}
