import { type SQL, sql } from "drizzle-orm";
import { addDays, addMonths, type Day, firstOfMonth, monthIndexOf } from "#metrics/day.ts";
import { type Calendar, type Grain, listPeriods, periodEnd, periodOf, periodStart } from "#metrics/period.ts";

/**
 * Consecutive periods, numbered from 1; before the first is 0. The last may be cut short by the observation day. Days become
 * places in it by binary search (`width_bucket`), so that the calendar stays in metrics/period.ts.
 */
export interface Timeline {
  starts: readonly Day[];
  /** Last observed day of the last period; rows after it do not count. */
  cut: Day;
  /** Where consecutive periods are days, a place is counted and not searched: a statement would carry each of them many times. */
  daily?: Daily;
}

interface Daily {
  /** How many periods come before the first day. */
  after: number;
  from: Day;
  days: number;
}

/** Written once: a statement names its days many times. */
const written = new WeakMap<readonly Day[], string>();

export function dayArray(days: readonly Day[]): SQL {
  const text = written.get(days) ?? `{${days.join(",")}}`;
  written.set(days, text);
  return sql`${text}::date[]`;
}

/** The number of the period that holds a day. */
export function placeOf(day: SQL, { starts, daily }: Timeline): SQL {
  if (!daily) return sql`width_bucket(${day}, ${dayArray(starts)})`;
  const { after, from, days } = daily;
  return sql`CASE WHEN ${day} < ${from}::date THEN width_bucket(${day}, ${dayArray(starts.slice(0, after))})
    WHEN ${day} < ${addDays(from, days)}::date THEN ${day} - ${from}::date + ${after + 1}::int
    ELSE width_bucket(${day}, ${dayArray(starts.slice(after + days))}) + ${after + days}::int END`;
}

/** The day on which the period of a number begins; null: there is none of that number. */
export function startOf(place: SQL, { starts, daily }: Timeline): SQL {
  if (!daily) return sql`(${dayArray(starts)})[${place}]`;
  const { after, from, days } = daily;
  return sql`CASE WHEN ${place} <= ${after}::int THEN (${dayArray(starts.slice(0, after))})[${place}]
    WHEN ${place} <= ${after + days}::int THEN ${from}::date + (${place} - ${after + 1}::int)
    ELSE (${dayArray(starts.slice(after + days))})[${place} - ${after + days}::int] END`;
}

/** The first period at whose end a change of this day shows; one past the last where it never does. */
export const shows = (day: SQL, line: Timeline): SQL =>
  sql`CASE WHEN ${day} IS NULL OR ${day} > ${line.cut}::date THEN ${line.starts.length + 1}::int ELSE greatest(${placeOf(day, line)}, 1) END`;

/** How many periods end less than twelve months after the end of a day: `yearBefore` their end, it was not there yet. */
export const endsWithinYear = (day: SQL, { starts, cut }: Timeline): SQL => {
  const nexts = [...starts.slice(1), addDays(cut, 1)];
  return sql`width_bucket(${day}, ${dayArray(nexts.map((next) => addMonths(next, -12)))})`;
};

/** The first period whose end lies twelve months or more after a day. */
export const showsYearLater = (day: SQL, line: Timeline): SQL =>
  sql`CASE WHEN ${day} IS NULL THEN ${line.starts.length + 1}::int ELSE ${endsWithinYear(day, line)} + 1 END`;

/** What sums are kept by: periods of one grain until `daysFrom`, which is the first day of one, and days from then on. */
export interface Buckets {
  grain: Grain;
  /** Undefined: of months it says nothing. */
  calendar?: Calendar;
  daysFrom: Day;
}

/** Buckets of a grain that are of days from the period on in which `day` is. */
export const bucketsOf = (day: Day, grain: Grain, calendar?: Calendar): Buckets => ({
  ...{ grain, calendar },
  daysFrom: periodStart(periodOf(day, grain, calendar), calendar),
});

/** The periods of a grain between two days, and a year more for what compares with it. */
export function periodLine(first: Day, last: Day, { grain, calendar }: Buckets): Timeline {
  const until = addMonths(firstOfMonth(monthIndexOf(last)), 13);
  const periods = listPeriods(first, until, grain, calendar);
  return {
    starts: periods.map((period) => periodStart(period, calendar)),
    cut: periodEnd(periods.at(-1) ?? periodOf(until, grain, calendar), calendar),
  };
}

/** The periods of a line that are over before a day, the first of one; at least one, which may be empty. */
export function periodsUntil({ starts }: Timeline, until: Day): Timeline {
  const before = starts.filter((start) => start < until);
  return { starts: before.length === 0 ? [addMonths(until, -1)] : before, cut: addDays(until, -1) };
}

/** So far rollups are kept by day; a full refresh comes long before. */
const daysKept = 3 * 366;
const longestPeriod = 366;

/** `periodLine` until `daysFrom`, by day for three years, and by period after that: rollups by this line can be cut at the end of any. */
export function bucketLine(first: Day, last: Day, buckets: Buckets): Timeline {
  const { grain, calendar, daysFrom } = buckets;
  const { starts, cut } = periodLine(first < daysFrom ? first : daysFrom, last, buckets);
  const daysUntil = periodStart(periodOf(addDays(daysFrom, daysKept), grain, calendar), calendar);
  const days: Day[] = [];
  for (let day = daysFrom; day < daysUntil && day <= cut; day = addDays(day, 1)) days.push(day);
  const before = starts.filter((start) => start < daysFrom);
  return {
    starts: [...before, ...days, ...starts.filter((start) => start >= daysUntil)],
    cut,
    daily: { after: before.length, from: daysFrom, days: days.length },
  };
}

export const isPeriodEnd = (day: Day, { grain, calendar }: Pick<Buckets, "grain" | "calendar">): boolean =>
  periodEnd(periodOf(day, grain, calendar), calendar) === day;

/** Whether rollups by `bucketLine` can be cut at the end of a day. */
export const isBucketEnd = (day: Day, buckets: Buckets): boolean =>
  isPeriodEnd(day, buckets) ||
  (day >= buckets.daysFrom && day < addDays(buckets.daysFrom, daysKept - longestPeriod));
