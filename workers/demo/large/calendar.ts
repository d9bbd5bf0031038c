import { type Day, dayNumber, dayText, firstOfMonth, monthIndexOf } from "#metrics/day.ts";

/** The story's days as numbers and texts, made once: millions of dates are printed from it. Day 0 is its first. */
export interface Calendar {
  /** How many months the story has; the last is today's, and still runs. */
  months: number;
  /** Month of the year of the first month, 0 = January. */
  firstMonthOfYear: number;
  today: number;
  text(day: number): Day;
  /** A day of a month (0 = the story's first), or that month's last where it has no such day. */
  dayIn(month: number, dayOfMonth: number): number;
  /** How many days of a month have passed, today included. */
  lived(month: number): number;
}

/** Terms of a year end behind today. */
const monthsAhead = 14;

export function createCalendar(today: Day, months: number): Calendar {
  const first = monthIndexOf(today) - months + 1;
  const dayZero = dayNumber(firstOfMonth(first));
  const starts = Array.from(
    { length: months + monthsAhead + 1 },
    (_, month) => dayNumber(firstOfMonth(first + month)) - dayZero,
  );
  const texts = Array.from({ length: starts.at(-1)! }, (_, day) => dayText(dayZero + day));
  const last = dayNumber(today) - dayZero;
  return {
    months,
    firstMonthOfYear: first % 12,
    today: last,
    text: (day) => texts[day]!,
    dayIn: (month, dayOfMonth) => Math.min(starts[month]! + dayOfMonth - 1, starts[month + 1]! - 1),
    lived: (month) => Math.max(0, Math.min(starts[month + 1]! - 1, last) - starts[month]! + 1),
  };
}
