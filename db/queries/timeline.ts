import { type SQL, sql } from "drizzle-orm";
import { addDays, addMonths, type Day, firstOfMonth, monthIndexOf, yearBefore } from "#metrics/day.ts";

/**
 * Consecutive periods, numbered from 1; before the first is 0. The last may be cut short by the observation day. Days become
 * places in it by binary search (`width_bucket`), so that the calendar stays in metrics/period.ts.
 */
export interface Timeline {
  starts: readonly Day[];
  /** Last observed day of the last period; rows after it do not count. */
  cut: Day;
  /** Twelve months before the end of each period (`yearBefore`). */
  thens: readonly Day[];
}

/** Written once: a statement names its days many times. */
const written = new WeakMap<readonly Day[], string>();

export function dayArray(days: readonly Day[]): SQL {
  const text = written.get(days) ?? `{${days.join(",")}}`;
  written.set(days, text);
  return sql`${text}::date[]`;
}

/** The number of the period that holds a day. */
export const placeOf = (day: SQL, { starts }: Timeline): SQL =>
  sql`width_bucket(${day}, ${dayArray(starts)})`;

/** The day on which the period of a number begins. */
export const startOf = (place: SQL, { starts }: Timeline): SQL => sql`(${dayArray(starts)})[${place}]`;

/** The first period at whose end a change of this day shows; one past the last where it never does. */
export const shows = (day: SQL, line: Timeline): SQL =>
  sql`CASE WHEN ${day} IS NULL OR ${day} > ${line.cut}::date THEN ${line.starts.length + 1}::int ELSE greatest(${placeOf(day, line)}, 1) END`;

/** The first period whose end lies twelve months or more after a day. */
export const showsYearLater = (day: SQL, { thens, starts }: Timeline): SQL =>
  sql`CASE WHEN ${day} IS NULL THEN ${starts.length + 1}::int
    ELSE width_bucket(${day}, ${dayArray(thens.map((then) => addDays(then, 1)))}) + 1 END`;

/** Calendar months between two days, and a year more for what compares with it. */
export function monthLine(first: Day, last: Day): Timeline {
  const from = monthIndexOf(first);
  const starts = Array.from({ length: monthIndexOf(last) - from + 14 }, (_, i) => firstOfMonth(from + i));
  return lineOf(starts, addDays(addMonths(starts.at(-1) ?? first, 1), -1));
}

/** The months of a line that are over before a day, the first of a month; at least one, which may be empty. */
export function monthsUntil({ starts }: Timeline, until: Day): Timeline {
  const before = starts.filter((month) => month < until);
  return lineOf(before.length === 0 ? [addMonths(until, -1)] : before, addDays(until, -1));
}

/** So far rollups are kept by day; a full refresh comes long before. */
const daysKept = 3 * 366;

/**
 * The same by month until `daysFrom` (the first of a month), by day for three years, and by month after that: rollups by
 * this line can be cut at the end of any of these.
 */
export function bucketLine(first: Day, last: Day, daysFrom: Day): Timeline {
  const { starts: months, cut } = monthLine(first < daysFrom ? first : daysFrom, last);
  const daysUntil = firstOfMonth(monthIndexOf(addDays(daysFrom, daysKept)));
  const days: Day[] = [];
  for (let day = daysFrom; day < daysUntil && day <= cut; day = addDays(day, 1)) days.push(day);
  return lineOf(
    [...months.filter((month) => month < daysFrom), ...days, ...months.filter((month) => month >= daysUntil)],
    cut,
  );
}

export const isMonthEnd = (day: Day): boolean => addDays(day, 1).endsWith("-01");

/** Whether rollups by `bucketLine` can be cut at the end of a day. */
export const isBucketEnd = (day: Day, daysFrom: Day): boolean =>
  isMonthEnd(day) || (day >= daysFrom && day < addDays(daysFrom, daysKept - 31));

const lineOf = (starts: readonly Day[], cut: Day): Timeline => ({
  starts,
  cut,
  thens: starts.map((_, i) => yearBefore(i + 1 < starts.length ? addDays(starts[i + 1]!, -1) : cut)),
});
