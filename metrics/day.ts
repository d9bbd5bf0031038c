/** Calendar days as 'YYYY-MM-DD' text, which sorts as text, and the arithmetic on them. No clock, no `Date`. */

/** 'YYYY-MM-DD' */
export type Day = string;

export const dayPattern = /^(\d{4})-(\d{2})-(\d{2})$/;
export const pad = (value: number, width: number): string => String(value).padStart(width, "0");

/** Days since 1970-01-01 of a civil date (Howard Hinnant, "chrono-compatible low-level date algorithms"). */
export function civilNumber(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

export interface Civil {
  year: number;
  month: number;
  day: number;
}

export function civilOf(number: number): Civil {
  const z = number + 719_468;
  const era = Math.floor(z / 146_097);
  const dayOfEra = z - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shifted = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1,
  };
}

const civilText = ({ year, month, day }: Civil): Day => `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;

/** Days since 1970-01-01. Throws RangeError for a day that is in no calendar. */
export function dayNumber(day: Day): number {
  if (dayPattern.test(day)) {
    const [year, month, date] = [Number(day.slice(0, 4)), Number(day.slice(5, 7)), Number(day.slice(8))];
    if (month >= 1 && month <= 12 && date >= 1) {
      const number = civilNumber(year, month, date);
      if (civilOf(number).day === date) return number;
    }
  }
  throw new RangeError(`not a day: ${day}`);
}

export const dayText = (number: number): Day => civilText(civilOf(number));

export function isDay(text: string): boolean {
  try {
    dayNumber(text);
    return true;
  } catch {
    return false;
  }
}

export const addDays = (day: Day, days: number): Day => dayText(dayNumber(day) + days);
/** Days from `a` to `b`. */
export const daysBetween = (a: Day, b: Day): number => dayNumber(b) - dayNumber(a);
/** 1 = Monday … 7 = Sunday. */
export const weekday = (day: Day): number => ((((dayNumber(day) + 3) % 7) + 7) % 7) + 1;
export const laterDay = (a: Day, b: Day): Day => (a >= b ? a : b);
export const earlierDay = (a: Day, b: Day): Day => (a <= b ? a : b);

/** Months since year 0: what month arithmetic counts in. */
export const monthIndex = (year: number, month: number): number => year * 12 + month - 1;
export const firstOfMonth = (index: number): Day =>
  civilText({ year: Math.floor(index / 12), month: (((index % 12) + 12) % 12) + 1, day: 1 });
export const monthIndexOf = (day: Day): number => {
  const { year, month } = civilOf(dayNumber(day));
  return monthIndex(year, month);
};

/** The same day of the month `months` later, or that month's last day where it has no such day. */
export function addMonths(day: Day, months: number): Day {
  const { year, month, day: date } = civilOf(dayNumber(day));
  const index = monthIndex(year, month) + months;
  const first = firstOfMonth(index);
  // every month has so many days
  if (date <= 28) return `${first.slice(0, -2)}${pad(date, 2)}`;
  return earlierDay(addDays(first, date - 1), addDays(firstOfMonth(index + 1), -1));
}

/** Whole months from `from` to `to`, as Postgres' `age` counts them. */
export function monthsBetween(from: Day, to: Day): number {
  const whole = monthIndexOf(to) - monthIndexOf(from);
  return civilOf(dayNumber(to)).day < civilOf(dayNumber(from)).day ? whole - 1 : whole;
}

/**
 * The day at whose end twelve months remain until the end of `day`; the end of a month meets the end of a month
 * (2025-02-28 → 2024-02-29). In SQL: `(day + 1 - interval '12 months')::date - 1`.
 */
export const yearBefore = (day: Day): Day => addDays(addMonths(addDays(day, 1), -12), -1);
