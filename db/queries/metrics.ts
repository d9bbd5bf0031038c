import type { z } from "zod";
import {
  type MetricPoint,
  type MetricsOutput,
  metricNames,
  type metricsInput,
} from "#contracts/analytics.ts";
import { marginOn, sumFinance } from "#metrics/finance.ts";
import type { FormulaPolicy, PeriodFacts } from "#metrics/formula-parts.ts";
import { metricValue } from "#metrics/formulas.ts";
import type { MetricName } from "#metrics/metric-names.ts";
import { monthsBefore } from "#metrics/metrics.ts";
import {
  findGrain,
  isComplete,
  type Observation,
  type Period,
  periodEnd,
  periodStart,
  shiftPeriod,
} from "#metrics/period.ts";
import type { PeriodSums } from "#metrics/period-sums.ts";
import { AppError } from "#root/errors.ts";
import { type AnalyticsSettings, getAnalyticsSettings } from "./analytics-settings.ts";
import type { LedgerTx } from "./ledger.ts";
import { findFinance, findSpend, findTrailingUsage, findTrials, findUsage } from "./period-facts.ts";
import { findPeriodSource, type PeriodSource } from "./period-source.ts";
import type { SumsRequest } from "./period-sums.ts";
import { observationOf, periodsOf } from "./ranges.ts";

export type MetricsQuery = z.output<typeof metricsInput>;

/** Metrics that look at a customer more than once in a period; with `new_and_churn: drop` the flows do as well. */
const losing: ReadonlySet<MetricName> = new Set([
  ...(["new_customers", "churned_customers", "customer_churn_rate", "gross_mrr_churn_rate"] as const),
  ...(["net_mrr_churn_rate", "nrr_flow", "grr_flow", "asp", "ltv", "cac"] as const),
  ...(["cac_payback", "ltv_cac"] as const),
]);
/** Metrics that compare with twelve months before. */
const retaining: ReadonlySet<MetricName> = new Set(["nrr", "grr", "rule_of_40"]);
const flowing: ReadonlySet<MetricName> = new Set([
  ...(["new_mrr", "expansion_mrr", "reactivation_mrr", "contraction_mrr", "churned_mrr"] as const),
  ...(["fx_mrr", "net_new_mrr", "quick_ratio", "burn_multiple", "magic_number"] as const),
]);
const spending: ReadonlySet<MetricName> = new Set(["cac", "cac_payback", "ltv_cac"]);
const financed: ReadonlySet<MetricName> = new Set([
  ...(["ltv", "cac_payback", "ltv_cac", "rule_of_40", "burn_multiple"] as const),
]);
/** Metrics that hold the MRR of a day: with `usage: trailing3` they hold usage as well. */
const recurring: ReadonlySet<MetricName> = new Set([
  ...(["mrr", "arr", "arpa", "ltv", "cac_payback", "ltv_cac"] as const),
]);

const isMetricName = (name: string): name is MetricName => (metricNames as readonly string[]).includes(name);

/** @throws AppError BAD_REQUEST, reason `unknown_metric` */
function requireMetricNames(names: readonly string[] | undefined): MetricName[] {
  if (names === undefined || names.length === 0) return [...metricNames];
  return [...new Set(names)].map((name) => {
    if (isMetricName(name)) return name;
    throw new AppError("BAD_REQUEST", `There is no metric “${name}”.`, {
      reason: "unknown_metric",
      details: { name, known: metricNames },
    });
  });
}

/**
 * Values of metrics per period. Money is a decimal string, everything else a number; null has a reason.
 * @throws AppError BAD_REQUEST: `unknown_metric`, `bad_period`, `bad_range`, `too_many_periods`
 */
export async function getMetrics(tx: LedgerTx, query: MetricsQuery): Promise<MetricsOutput> {
  return getMetricsWith(tx, await getAnalyticsSettings(tx), query);
}

/** The same under given settings; `stored` are those that the stored ledger was made under. */
export async function getMetricsWith(
  tx: LedgerTx,
  settings: AnalyticsSettings,
  query: MetricsQuery,
  stored: AnalyticsSettings = settings,
): Promise<MetricsOutput> {
  const names = requireMetricNames(query.names);
  const observation = observationOf(settings, query);
  const periods = periodsOf(query, query.grain, observation);
  const source = await findPeriodSource(tx, settings, query.filter, stored);
  const facts = await listFacts(tx, { names, settings, source, observation, periods });
  const policy: FormulaPolicy = settings.policy;
  const complete = facts.map((one) => isComplete(one.sums.period, observation));
  const metrics: Record<string, MetricPoint[]> = {};
  for (const name of names)
    metrics[name] = facts.map((one, i) => ({
      period: one.sums.period,
      ...((spending.has(name) && one.spendUnvalued) || (name === "magic_number" && one.spendBeforeUnvalued)
        ? ({ value: null, reason: "fx_rate_missing" } as const)
        : metricValue(name, one, policy)),
      complete: complete[i] ?? false,
    }));
  return {
    currency: settings.currency,
    timezone: settings.timezone,
    policy: { preset: settings.policy.preset, version: settings.policyVersion },
    as_of: observation.asOf,
    version: settings.version,
    metrics,
  };
}

interface FactsRequest {
  names: readonly MetricName[];
  settings: AnalyticsSettings;
  source: PeriodSource;
  observation: Observation;
  periods: readonly Period[];
}

async function listFacts(
  tx: LedgerTx,
  request: FactsRequest,
): Promise<(PeriodFacts & { spendUnvalued: boolean; spendBeforeUnvalued: boolean })[]> {
  const { names, settings, observation } = request;
  const source = request.source.ledger;
  const asks = (some: ReadonlySet<MetricName>): boolean => names.some((name) => some.has(name));
  const { sums, months } = await sumBoth(request, {
    losses: asks(losing) || (settings.policy.new_and_churn === "drop" && asks(flowing)),
    levels: asks(retaining),
    months: asks(new Set(["ltv", "ltv_cac"])),
  });
  const usage = names.includes("usage_revenue") ? await findUsage(tx, source, sums) : null;
  const trailing =
    settings.policy.usage === "trailing3" && asks(recurring)
      ? await findTrailingUsage(tx, source, sums)
      : null;
  const trials = names.includes("trial_conversion")
    ? await findTrials(tx, source, sums, { timezone: settings.timezone, asOf: observation.asOf })
    : null;
  const ends = sums.map((one) => ({ ...one, endDay: periodEnd(one.period, observation.calendar) }));
  const spend = asks(spending) ? await findSpend(tx, source, ends) : null;
  const spendBefore = names.includes("magic_number")
    ? await findSpend(
        tx,
        source,
        ends.map(({ period }) => spanBefore(period, observation)),
      )
    : null;
  const finance = asks(financed) ? await findFinance(tx, source) : [];
  return sums.map((one, i) => ({
    sums: one,
    history: months ? monthsBefore(one.cutDay).flatMap((month) => months.get(month) ?? []) : [],
    spend: spend?.[i]?.amount ?? null,
    spendUnvalued: spend?.[i]?.unvalued ?? false,
    usage: usage?.[i]?.amount ?? null,
    usageUnvalued: usage?.[i]?.unvalued ?? false,
    trailingUsage: trailing?.[i] ?? null,
    trials: trials?.[i] ?? null,
    margin: marginOn(finance, one.cutDay),
    finance: sumFinance(finance, ends[i] ?? { ...one, endDay: one.cutDay }),
    spendBefore: spendBefore?.[i]?.amount ?? null,
    spendBeforeUnvalued: spendBefore?.[i]?.unvalued ?? false,
  }));
}

function spanBefore(period: Period, { calendar }: Observation) {
  const before = shiftPeriod(period, -1, calendar);
  const endDay = periodEnd(before, calendar);
  return { period: before, fromDay: periodStart(before, calendar), cutDay: endDay, endDay };
}

interface BothSums {
  sums: readonly PeriodSums[];
  /** The calendar months that LTV looks back to; null: it was not asked for. */
  months: ReadonlyMap<Period, PeriodSums> | null;
}

/** The periods, and for LTV the months before: of months that is one question, from six months earlier. */
async function sumBoth(
  { source, observation, periods }: FactsRequest,
  wants: Pick<SumsRequest, "losses" | "levels"> & { months: boolean },
): Promise<BothSums> {
  const { losses, levels } = wants;
  const byPeriod = (sums: readonly PeriodSums[]) => new Map(sums.map((one) => [one.period, one]));
  const first = periods[0];
  const areMonths =
    first !== undefined && findGrain(first) === "month" && periodStart(first) <= observation.asOf;
  if (wants.months && areMonths) {
    const before = monthsBefore(periodStart(first));
    const all = await source.sum({ periods: [...before, ...periods], observation, losses, levels });
    return { sums: all.slice(before.length), months: byPeriod(all) };
  }
  const sums = await source.sum({ periods, observation, losses, levels });
  return { sums, months: wants.months ? byPeriod(await sumMonths(source, observation, sums)) : null };
}

/** The calendar months that LTV looks back to, whatever the grain. */
async function sumMonths(
  source: PeriodSource,
  observation: Observation,
  sums: readonly PeriodSums[],
): Promise<PeriodSums[]> {
  const [first, last] = [sums[0], sums.at(-1)];
  if (!first || !last) return [];
  const periods: Period[] = [];
  const end = monthsBefore(last.cutDay).at(-1) ?? "";
  for (let month = monthsBefore(first.cutDay)[0] ?? end; month <= end; month = shiftPeriod(month, 1))
    periods.push(month);
  return source.sum({
    periods,
    observation: { ...observation, calendar: undefined },
    ...{ losses: true, levels: false },
  });
}
