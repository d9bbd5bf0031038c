import type { LoaderFunctionArgs } from "@remix-run/node";
import type { PolicyDiff } from "#contracts/policy.ts";
import { metricDefinitions } from "#metrics/definitions.ts";
import { metricNames } from "#metrics/metric-names.ts";
import { resolvePolicy } from "#metrics/policy.ts";
import { failureOf } from "../../lib/guard.server.ts";
import { findPolicyChoice, policyFields } from "./policy-choice.ts";

const shownVersions = 20;

/** The policy in force, what it was before, and, where the address proposes another, what that would change. */
export async function loadPolicy({ request, context: { trpc } }: LoaderFunctionArgs) {
  const search = new URL(request.url).searchParams;
  const choice = findPolicyChoice(search);
  const [organisation, versions, comparison] = await Promise.all([
    trpc.org.get(),
    trpc.policy.versions({ limit: shownVersions }),
    choice === null
      ? null
      : trpc.policy
          .diff({ a: "current", b: "current", patch: JSON.stringify(choice) })
          .then(shapeComparison)
          .catch(tooSlow),
  ]);
  return {
    policy: organisation.policy,
    version: organisation.policy_version,
    versions,
    proposal:
      choice === null ? null : { policy: resolvePolicy(choice), fields: policyFields(choice), comparison },
    switched: search.get("switched"),
  };
}
export type PolicyPage = Awaited<ReturnType<typeof loadPolicy>>;

/** A history that is too large to be counted twice is said on the page; the rules are compared all the same. */
function tooSlow(error: unknown): { refused: string } {
  const failure = failureOf(error);
  if (failure?.status !== 503) throw error;
  return { refused: failure.message };
}

const shapeComparison = ({ metrics, currency, period, recompute }: PolicyDiff) => ({
  currency,
  period,
  recompute,
  rows: Object.entries(metrics).flatMap(([name, points]) => {
    const metric = metricNames.find((one) => one === name);
    const last = points.at(-1);
    if (!metric || !last) return [];
    const { label, unit, better } = metricDefinitions[metric];
    return [
      {
        ...{ metric, label, unit, better },
        now: last.a,
        proposed: last.b,
        change: last.change,
        differs: last.a.value !== last.b.value,
        /** In so many of the thirteen months. */
        months: points.filter(({ a, b }) => a.value !== b.value).length,
        of: points.length,
      },
    ];
  }),
});
export type PolicyComparison = ReturnType<typeof shapeComparison>;
export type ComparedRow = PolicyComparison["rows"][number];
