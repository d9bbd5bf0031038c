import {
  addDays,
  addMonths,
  civilNumber,
  civilOf,
  type Day,
  dayNumber,
  dayPattern,
  daysBetween,
  dayText,
  firstOfMonth,
  monthIndex,
  monthIndexOf,
  pad,
} from "./day.ts";

/** Periods of five grains, written '2026-02-07', '2026-W07', '2026-02', '2026-Q1', '2026'. */

export const grains = ["day", "week", "month", "quarter", "year"] as const;
export type Grain = (typeof grains)[number];

/** Years begin in `fiscalYearStart` (1 = January) and are named after the year in which they end; weeks on `weekStart` (1 = Monday … 7). */
export interface Calendar {
  fiscalYearStart: number;
  weekStart: number;
}
const defaultCalendar: Calendar = { fiscalYearStart: 1, weekStart: 1 };

/** '2026-02-07', '2026-W07', '2026-02', '2026-Q1', '2026' */
export type Period = string;

const grainPatterns: Record<Grain, RegExp> = {
  day: dayPattern,
  week: /^(\d{4})-W(\d{2})$/,
  month: /^(\d{4})-(\d{2})$/,
  quarter: /^(\d{4})-Q([1-4])$/,
  year: /^(\d{4})$/,
};

/** First day of week 1: weeks belong to the year of their fourth day, which for Monday weeks is ISO 8601. */
function firstWeek(year: number, weekStart: number): number {
  const fourth = civilNumber(year, 1, 4);
  return fourth - ((((fourth + 3 - (weekStart - 1)) % 7) + 7) % 7);
}

/** Index of the first month of the fiscal year named `year`. */
const fiscalYear = (year: number, { fiscalYearStart }: Calendar): number =>
  monthIndex(fiscalYearStart === 1 ? year : year - 1, fiscalYearStart);

/** Grain of a period's text, or null where it is no period. */
export function findGrain(period: Period): Grain | null {
  return grains.find((grain) => grainPatterns[grain].test(period)) ?? null;
}

/** First day of a period. Throws RangeError for text that names none (2026-13, 2026-W54, 2026-02-30). */
export function periodStart(period: Period, calendar: Calendar = defaultCalendar): Day {
  const grain = findGrain(period);
  const year = Number(period.slice(0, 4));
  if (grain === "day") return dayText(dayNumber(period));
  if (grain === "week") {
    const start = firstWeek(year, calendar.weekStart) + (Number(period.slice(6)) - 1) * 7;
    if (Number(period.slice(6)) >= 1 && start < firstWeek(year + 1, calendar.weekStart))
      return dayText(start);
  }
  if (grain === "month") {
    const month = Number(period.slice(5));
    if (month >= 1 && month <= 12) return firstOfMonth(monthIndex(year, month));
  }
  if (grain === "quarter")
    return firstOfMonth(fiscalYear(year, calendar) + (Number(period.slice(6)) - 1) * 3);
  if (grain === "year") return firstOfMonth(fiscalYear(year, calendar));
  throw new RangeError(`not a period: ${period}`);
}

/** The period of a grain that holds a day. */
export function periodOf(day: Day, grain: Grain, calendar: Calendar = defaultCalendar): Period {
  if (grain === "day") return dayText(dayNumber(day));
  if (grain === "week") {
    const number = dayNumber(day);
    const start = number - ((((number + 3 - (calendar.weekStart - 1)) % 7) + 7) % 7);
    const { year } = civilOf(start + 3);
    return `${pad(year, 4)}-W${pad((start - firstWeek(year, calendar.weekStart)) / 7 + 1, 2)}`;
  }
  const index = monthIndexOf(day);
  if (grain === "month") return firstOfMonth(index).slice(0, 7);
  // months since the start of a fiscal year; years are named after the one in which they end
  const shifted = index - (calendar.fiscalYearStart === 1 ? 0 : calendar.fiscalYearStart - 1 - 12);
  const year = pad(Math.floor(shifted / 12), 4);
  return grain === "year" ? year : `${year}-Q${Math.floor((shifted % 12) / 3) + 1}`;
}

const monthsIn: Record<"month" | "quarter" | "year", number> = { month: 1, quarter: 3, year: 12 };

const requireGrain = (period: Period): Grain => {
  const grain = findGrain(period);
  if (!grain) throw new RangeError(`not a period: ${period}`);
  return grain;
};

/** The period `steps` later (or, below 0, earlier). */
export function shiftPeriod(period: Period, steps: number, calendar: Calendar = defaultCalendar): Period {
  const grain = requireGrain(period);
  const start = periodStart(period, calendar);
  const moved =
    grain === "day" || grain === "week"
      ? addDays(start, steps * (grain === "day" ? 1 : 7))
      : addMonths(start, steps * monthsIn[grain]);
  return periodOf(moved, grain, calendar);
}

export const nextPeriod = (period: Period, calendar?: Calendar): Period => shiftPeriod(period, 1, calendar);
export const previousPeriod = (period: Period, calendar?: Calendar): Period =>
  shiftPeriod(period, -1, calendar);

/** Last day of a period. */
export function periodEnd(period: Period, calendar: Calendar = defaultCalendar): Day {
  const grain = requireGrain(period);
  const start = periodStart(period, calendar);
  if (grain === "day") return start;
  if (grain === "week") return addDays(start, 6);
  return addDays(addMonths(start, monthsIn[grain]), -1);
}

/** Periods from `a` to `b` (0 where they are one). Throws RangeError for two grains. */
export function periodsBetween(a: Period, b: Period, calendar: Calendar = defaultCalendar): number {
  const grain = requireGrain(a);
  if (grain !== requireGrain(b)) throw new RangeError(`${a} and ${b} are of two grains`);
  const [from, to] = [periodStart(a, calendar), periodStart(b, calendar)];
  if (grain === "day" || grain === "week") return daysBetween(from, to) / (grain === "day" ? 1 : 7);
  return (monthIndexOf(to) - monthIndexOf(from)) / monthsIn[grain];
}

/** The periods of a grain that touch the days from `from` to `to`, both inclusive. */
export function listPeriods(
  from: Day,
  to: Day,
  grain: Grain,
  calendar: Calendar = defaultCalendar,
): Period[] {
  const periods: Period[] = [];
  const last = periodOf(to, grain, calendar);
  let period = periodOf(from, grain, calendar);
  for (let left = periodsBetween(period, last, calendar); left >= 0; left--) {
    periods.push(period);
    period = nextPeriod(period, calendar);
  }
  return periods;
}

/** What decides whether a period is over. `coveredUntil`: any day of the last month that monthly uploads cover. */
export interface Observation {
  /** The observation day, inclusive. */
  asOf: Day;
  today: Day;
  coveredUntil: Day | null;
  calendar?: Calendar;
}

/** Complete: its last day is observed, is before today, and is not past the covered months. */
export function isComplete(period: Period, { asOf, today, coveredUntil, calendar }: Observation): boolean {
  const end = periodEnd(period, calendar);
  return end <= asOf && end < today && (coveredUntil === null || end.slice(0, 7) <= coveredUntil.slice(0, 7));
}
