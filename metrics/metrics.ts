import type { Day } from "./day.ts";
import { type Decimal, formatDecimal, parseDecimal, sum } from "./decimal.ts";
import { type FinanceMonth, marginOn, sumFinance } from "./finance.ts";
import { type FormulaPolicy, type PeriodFacts, trailingMonths } from "./formula-parts.ts";
import { metricValue } from "./formulas.ts";
import { listHistories } from "./history.ts";
import type { Ledger } from "./ledger.ts";
import type { MetricName, MetricValue } from "./metric-names.ts";
import {
  findGrain,
  isComplete,
  type Observation,
  type Period,
  periodEnd,
  periodOf,
  periodStart,
  shiftPeriod,
} from "./period.ts";
import { type PeriodSums, sumPeriod } from "./period-sums.ts";

/** Every metric of metrics.md §4 over a ledger. */

export interface Spend {
  /** 'YYYY-MM' */
  month: string;
  amount: Decimal;
}
export interface Usage {
  day: Day;
  /** In the organisation's currency; null without an exchange rate. */
  amount: Decimal | null;
}
export interface Trial {
  startDay: Day;
  /** The first paid day, or null. */
  convertedDay: Day | null;
}

export interface MetricsInput extends Observation {
  ledger: Ledger;
  /** Of one grain, e.g. from `listPeriods`. */
  periods: readonly Period[];
  policy: FormulaPolicy;
  spend?: readonly Spend[];
  usage?: readonly Usage[];
  trials?: readonly Trial[];
  finance?: readonly FinanceMonth[];
}

export type MetricPoint = MetricValue & { period: Period; complete: boolean };

const total = (amounts: readonly Decimal[]): Decimal => formatDecimal(sum(amounts.map(parseDecimal)));

/** The six calendar months before the month of a day: those whose mean churn LTV divides by. */
export function monthsBefore(day: Day): Period[] {
  const month = periodOf(day, "month");
  return [-6, -5, -4, -3, -2, -1].map((steps) => shiftPeriod(month, steps));
}

/** The last three calendar months that are over at the end of a day: those whose usage revenue is averaged. */
export function usageMonths(day: Day): Period[] {
  const month = periodOf(day, "month");
  const last = periodEnd(month) === day ? month : shiftPeriod(month, -1);
  return Array.from({ length: trailingMonths }, (_, i) => shiftPeriod(last, i + 1 - trailingMonths));
}

function trailingUsageOf(
  { cutDay }: PeriodSums,
  { usage, policy }: MetricsInput,
): PeriodFacts["trailingUsage"] {
  if (policy.usage === "out" || !usage?.length) return null;
  const months = new Set(usageMonths(cutDay));
  const held = usage.filter(({ day }) => months.has(periodOf(day, "month")));
  return {
    amount: total(held.flatMap(({ amount }) => amount ?? [])),
    unvalued: held.some(({ amount }) => amount === null),
  };
}

/** A month's spend belongs to the periods that hold the whole month: days and weeks have none. */
function spendOf(period: Period, { spend = [], calendar }: MetricsInput): Decimal | null {
  const grain = findGrain(period);
  if (grain === "day" || grain === "week") return null;
  const held = spend.filter(
    ({ month }) =>
      `${month}-01` >= periodStart(period, calendar) && `${month}-01` <= periodEnd(period, calendar),
  );
  return held.length === 0 ? null : total(held.map(({ amount }) => amount));
}

function factsOf(
  sums: PeriodSums,
  input: MetricsInput,
  monthSums: ((month: Period) => PeriodSums) | null,
): PeriodFacts {
  const within = (day: Day): boolean => day >= sums.fromDay && day <= sums.cutDay;
  const usage = input.usage?.filter(({ day }) => within(day)) ?? [];
  const trials = input.trials?.filter(({ startDay }) => within(startDay));
  return {
    sums,
    history: monthSums ? monthsBefore(sums.cutDay).map(monthSums) : [],
    spend: spendOf(sums.period, input),
    usage: input.usage?.length ? total(usage.flatMap(({ amount }) => amount ?? [])) : null,
    usageUnvalued: usage.some(({ amount }) => amount === null),
    trailingUsage: trailingUsageOf(sums, input),
    trials: trials
      ? {
          started: trials.length,
          converted: trials.filter(({ convertedDay }) => convertedDay !== null && convertedDay <= input.asOf)
            .length,
        }
      : null,
    margin: marginOn(input.finance ?? [], sums.cutDay),
    finance: sumFinance(input.finance ?? [], { ...sums, endDay: periodEnd(sums.period, input.calendar) }),
    spendBefore: spendOf(shiftPeriod(sums.period, -1, input.calendar), input),
  };
}

/** Values of the named metrics for each period, as observed at the end of `asOf`. */
export function computeMetrics<Name extends MetricName>(
  names: readonly Name[],
  input: MetricsInput,
): Record<Name, MetricPoint[]> {
  const histories = listHistories(input.ledger);
  const months = new Map<Period, PeriodSums>();
  const monthSums = (month: Period): PeriodSums => {
    const known = months.get(month) ?? sumPeriod(histories, input.ledger.unvalued, month, input.asOf);
    months.set(month, known);
    return known;
  };
  const needsMonths = names.some((name) => name === "ltv" || name === "ltv_cac");
  const answers = input.periods.map((period) => {
    const sums = sumPeriod(histories, input.ledger.unvalued, period, input.asOf, input.calendar);
    const facts = factsOf(sums, input, needsMonths ? monthSums : null);
    return { period, complete: isComplete(period, input), facts };
  });
  const points = {} as Record<Name, MetricPoint[]>;
  for (const name of names)
    points[name] = answers.map(({ period, complete, facts }) => ({
      period,
      complete,
      ...metricValue(name, facts, input.policy),
    }));
  return points;
}
