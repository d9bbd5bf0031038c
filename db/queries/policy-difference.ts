import { sql } from "drizzle-orm";
import type { MetricPoint } from "#contracts/analytics.ts";
import {
  type ComparablePolicy,
  comparedMetrics,
  type PolicyDiff,
  type PolicyDiffInput,
} from "#contracts/policy.ts";
import { formatDecimal, parseDecimal, subtract } from "#metrics/decimal.ts";
import { isComplete, type Observation, periodOf, shiftPeriod } from "#metrics/period.ts";
import {
  type Policy,
  type PolicyPatch,
  type PolicySettings,
  patchPolicy,
  policyKeys,
  presetGaps,
  resolvePolicy,
} from "#metrics/policy.ts";
import { AppError } from "#root/errors.ts";
import type { OrgTx } from "../database.ts";
import { type AnalyticsSettings, getAnalyticsSettings, observe } from "./analytics-settings.ts";
import { reshapesLedger } from "./ledger-rules.ts";
import { getMetricsWith } from "./metrics.ts";
import { getOrganisation } from "./organisations.ts";
import { isRebuildQuick } from "./rebuild.ts";

/** Two policies side by side, on an organisation's own numbers. Nothing that is stored changes. */

/** The longest that one statement of a comparison may take: somebody is waiting for a preview. */
const longestMs = 10_000;
/** Months before the one that is compared. */
const monthsBefore = 12;

/**
 * Which rules differ between `a` and `b` (with `patch` over it), and what the metrics are under each, for thirteen months.
 * @throws AppError UNAVAILABLE, reason `comparison_too_slow`, where the history is too large to be counted again meanwhile
 */
export async function comparePolicies(
  tx: OrgTx,
  input: PolicyDiffInput,
  patienceMs = longestMs,
): Promise<PolicyDiff> {
  const [settings, { policy: stored }] = [await getAnalyticsSettings(tx), await getOrganisation(tx)];
  const [a, b] = [policyOf(input.a, stored), policyOf(input.b, stored, input.patch)];
  const period = input.period ?? lastComplete(observe(settings));
  const points = await thirteenMonths(tx, { settings, period, policies: [a, b], patienceMs });
  return {
    a: { name: input.a, policy: a },
    b: { name: input.b, policy: b },
    rules: differingRules(a, b),
    recompute: !reshapesLedger(settings.policy, b, settings.sourced)
      ? "none"
      : (await isRebuildQuick(tx))
        ? "at_once"
        : "in_background",
    currency: settings.currency,
    as_of: settings.today,
    version: settings.version,
    period,
    metrics: points,
  };
}

function policyOf(name: ComparablePolicy, stored: PolicyPatch, patch: PolicyPatch = {}): Policy {
  return resolvePolicy(patchPolicy(name === "current" ? stored : { preset: name }, patch));
}

function differingRules(a: Policy, b: Policy): PolicyDiff["rules"] {
  const unsettled = (policy: Policy, key: keyof PolicySettings) =>
    presetGaps[policy.preset].includes(key) && policy[key] === resolvePolicy({ preset: policy.preset })[key];
  return policyKeys
    .filter((key) => a[key] !== b[key])
    .map((key) => ({
      key,
      a: a[key],
      b: b[key],
      a_unsettled: unsettled(a, key),
      b_unsettled: unsettled(b, key),
    }));
}

/** The last month that is over and that the facts cover. */
function lastComplete(observation: Observation): string {
  const { asOf, coveredUntil } = observation;
  const month = periodOf(asOf, "month");
  const candidates = [
    month,
    shiftPeriod(month, -1),
    coveredUntil === null ? month : periodOf(coveredUntil, "month"),
  ];
  const complete = candidates.filter((one) => isComplete(one, observation)).sort();
  return complete.at(-1) ?? shiftPeriod(month, -1);
}

interface Comparison {
  settings: AnalyticsSettings;
  period: string;
  policies: readonly [a: Policy, b: Policy];
  patienceMs: number;
}

async function thirteenMonths(tx: OrgTx, comparison: Comparison): Promise<PolicyDiff["metrics"]> {
  const { settings, period, policies, patienceMs } = comparison;
  const query = {
    names: [...comparedMetrics],
    grain: "month" as const,
    from: shiftPeriod(period, -monthsBefore),
    to: period,
    filter: {},
  };
  await tx.rows(sql`SELECT set_config('statement_timeout', ${String(patienceMs)}, true)`);
  const answers = new Map<Policy, Record<string, MetricPoint[]>>();
  // what is stored comes first: deriving turns the planner's habits for the rest of the transaction
  const derives = (policy: Policy) => reshapesLedger(settings.policy, policy, settings.sourced);
  try {
    for (const policy of policies.toSorted((x, y) => Number(derives(x)) - Number(derives(y)))) {
      const same = policies.find((other) => answers.has(other) && differingRules(other, policy).length === 0);
      const { metrics } = same
        ? { metrics: answers.get(same) ?? {} }
        : await getMetricsWith(tx, { ...settings, policy }, query, settings);
      answers.set(policy, metrics);
    }
  } catch (error) {
    if (!wasStopped(error)) throw error;
    throw new AppError(
      "UNAVAILABLE",
      "There is too much history to count it again under other rules while you wait. The rules themselves can be compared, and a switch recomputes everything in the background.",
      { reason: "comparison_too_slow", cause: error },
    );
  }
  const [a, b] = policies.map((policy) => answers.get(policy) ?? {});
  return Object.fromEntries(comparedMetrics.map((name) => [name, pairs(a?.[name] ?? [], b?.[name] ?? [])]));
}

const pairs = (a: readonly MetricPoint[], b: readonly MetricPoint[]): PolicyDiff["metrics"][string] =>
  a.map((point, i) => {
    const other = b[i] ?? { value: null, reason: null };
    return {
      period: point.period,
      complete: point.complete,
      a: { value: point.value, reason: point.reason },
      b: { value: other.value, reason: other.reason },
      change: difference(point.value, other.value),
    };
  });

type Value = MetricPoint["value"];
function difference(a: Value, b: Value): string | number | null {
  if (a === null || b === null) return null;
  if (typeof a === "string" || typeof b === "string")
    return formatDecimal(subtract(parseDecimal(String(b)), parseDecimal(String(a))));
  // of two floats: no more digits than they have
  return Number((b - a).toPrecision(12));
}

/** The statement timeout's SQLSTATE, anywhere in what the query builder wraps around it. */
function wasStopped(error: unknown): boolean {
  for (let current = error; current instanceof Error; current = current.cause)
    if ("code" in current && current.code === "57014") return true;
  return false;
}
