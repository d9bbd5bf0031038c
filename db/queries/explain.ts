import { type MetricName, metricNames } from "#contracts/analytics.ts";
import type { ExplainInput, ExplainOutput, ExplainPartOutput } from "#contracts/explain.ts";
import { earlierDay, yearBefore } from "#metrics/day.ts";
import { definitionOf } from "#metrics/definitions.ts";
import { bridgeMetrics, explanationOf, mrrBridge } from "#metrics/explain.ts";
import { shapingRules } from "#metrics/explain-policy.ts";
import type { ExplainPart, Explanation } from "#metrics/explanation.ts";
import {
  findGrain,
  type Observation,
  type Period,
  periodEnd,
  periodStart,
  shiftPeriod,
} from "#metrics/period.ts";
import { AppError } from "#root/errors.ts";
import { type AnalyticsSettings, getAnalyticsSettings } from "./analytics-settings.ts";
import { answerOf, asksOf, readList, readSources } from "./explain-answer.ts";
import { explainCell } from "./explain-cohort.ts";
import { explainSlice } from "./explain-composition.ts";
import { spendList, trialList, usageList } from "./explain-facts.ts";
import { findFinanceInputs } from "./explain-finance.ts";
import type { ItemList } from "./explain-items.ts";
import { type ListSpan, movementList } from "./explain-movements.ts";
import { type PartSources, partOf } from "./explain-parts.ts";
import type { LedgerTx } from "./ledger.ts";
import { findLedgerSource, type LedgerSource } from "./ledger-source.ts";
import { getMetrics } from "./metrics.ts";
import { observationOf, requirePeriod } from "./ranges.ts";

/**
 * A number followed down to the rows it came from: its value exactly as `/metrics`, `/cohorts` and `/composition` answer it, its
 * formula with the numbers in it, the rules that shaped it, the movements or states that make it up and the file rows behind
 * them, a page at a time.
 * @throws AppError BAD_REQUEST: `unknown_metric`, `missing_period`, `missing_cell`, `bad_period`, `bad_cursor`, and what the
 * queries of the numbers throw
 */
export async function getExplanation(tx: LedgerTx, query: ExplainInput): Promise<ExplainOutput> {
  const settings = await getAnalyticsSettings(tx);
  if (query.metric === "cohort") return explainCell(tx, settings, query);
  if (query.metric === "composition") return explainSlice(tx, settings, query);
  return explainMetric(tx, settings, query);
}

const isMetricName = (name: string): name is MetricName => (metricNames as readonly string[]).includes(name);

async function explainMetric(
  tx: LedgerTx,
  settings: AnalyticsSettings,
  query: ExplainInput,
): Promise<ExplainOutput> {
  const { metric: name, filter } = query;
  if (!isMetricName(name))
    throw new AppError("BAD_REQUEST", `There is no number “${name}” to explain.`, {
      reason: "unknown_metric",
      details: { name, known: [...metricNames, "cohort", "composition"] },
    });
  if (query.period === undefined)
    throw new AppError("BAD_REQUEST", "Say of which period, for example period=2026-03.", {
      reason: "missing_period",
    });
  const observation = observationOf(settings, query);
  const period = requirePeriod(query.period, observation.calendar);
  const points: PartSources["points"] = async (metric, from, to) => {
    const grain = findGrain(from) ?? "month";
    const answer = await getMetrics(tx, { names: [metric], grain, from, to, as_of: query.as_of, filter });
    return answer.metrics[metric] ?? [];
  };
  const [point] = await points(name, period, period);
  if (!point) throw new AppError("INTERNAL", "This number could not be found.");
  const { value, reason, complete } = point;
  const span = spanOf(period, observation);
  const source = await findLedgerSource(tx, settings, filter);
  const all = explanationOf(name, settings.policy, { margin: true });
  const finance = all.parts.some(({ origin }) => origin.of === "finance")
    ? await findFinanceInputs(tx, source, { period, span, calendar: observation.calendar })
    : null;
  const explanation = finance?.margin ? all : explanationOf(name, settings.policy, { margin: false });
  const list = reason === "no_data" ? null : listOf(explanation, { source, span, settings });
  const page = await readList(tx, source, list, query);
  const periodBefore = periodBeforeOf(period, observation);
  const from: PartSources = {
    ...{ tx, source, span, list, points, finance, period, periodBefore },
    ...{ policy: settings.policy, groups: page.groups },
  };
  const parts = await partsOf(explanation.parts, from);
  const isBridged = name === "mrr" && value !== null && settings.policy.usage === "out";
  const bridge = isBridged ? await findBridge(tx, query, from) : null;
  const definition = definitionOf(name, settings.policy);
  return answerOf({
    subject: {
      metric: name,
      label: definition.label,
      definition: definition.definition,
      ...{ period, period_before: periodBefore, from: span.fromDay, to: span.cutDay },
    },
    number: { value, rate: null, reason, complete },
    unit: definition.unit,
    formula: { template: explanation.formula, yields: "value", parts, bridge },
    rules: shapingRules(name),
    ...{ settings, asOf: observation.asOf, list, page },
    rows: await readSources(tx, list, page.items, {
      scope: source.scope,
      asks: asksOf(list?.type ?? "state", { end: span.cutDay, past: span.thenDay }),
    }),
  });
}

async function partsOf(parts: readonly ExplainPart[], from: PartSources): Promise<ExplainPartOutput[]> {
  const found: ExplainPartOutput[] = [];
  for (const part of parts) found.push(await partOf(part, from));
  return found;
}

/** MRR at start and what moved it; null where an exchange rate is missing on the way. */
async function findBridge(tx: LedgerTx, { as_of, filter }: ExplainInput, from: PartSources) {
  const { period } = from;
  const grain = findGrain(period) ?? "month";
  const { metrics } = await getMetrics(tx, {
    ...{ names: [...bridgeMetrics], grain, from: period, to: period, as_of, filter },
  });
  const parts = await partsOf(mrrBridge.parts, {
    ...from,
    points: (name) => Promise.resolve(metrics[name] ?? []),
  });
  return parts.some(({ value }) => value === null) ? null : { template: mrrBridge.formula, parts };
}

function spanOf(period: Period, { asOf, calendar }: Observation): ListSpan {
  const [fromDay, endDay] = [periodStart(period, calendar), periodEnd(period, calendar)];
  const cutDay = earlierDay(endDay, asOf);
  const phase = endDay < asOf ? "past" : fromDay > asOf ? "future" : "running";
  return { fromDay, endDay, cutDay, phase, asOf, thenDay: yearBefore(cutDay) };
}

/** Null where the calendar begins with the period. */
function periodBeforeOf(period: Period, { calendar }: Observation): Period | null {
  const before = shiftPeriod(period, -1, calendar);
  return findGrain(before) && before < period ? before : null;
}

function listOf(
  { rows }: Explanation,
  asked: { source: LedgerSource; span: ListSpan; settings: AnalyticsSettings },
): ItemList | null {
  switch (rows?.list) {
    case undefined:
      return null;
    case "trials":
      return trialList(asked);
    case "spend":
      return spendList(asked);
    case "usage":
      return usageList(asked);
    default:
      return movementList(rows as Parameters<typeof movementList>[0], {
        ledger: asked.source.ledger,
        span: asked.span,
        policy: asked.settings.policy,
      });
  }
}
