import type { DateOrder } from "#contracts/uploads.ts";

/** Dates and months as files write them → text that Postgres takes; what could mean two days is refused, not guessed. */

export interface ParsedDate {
  /** `YYYY-MM-DD` or `YYYY-MM-DD HH:MM:SS[.ffffff]`: the wall clock of the file, or UTC where `zoned`. */
  text: string;
  /** The text named a zone or an offset. */
  zoned: boolean;
}

const months = "jan feb mar apr may jun jul aug sep oct nov dec".split(" ");
const fullMonths =
  "january february march april may june july august september october november december".split(" ");

/** 1…12 for English month names and their first three letters (also `sept`). */
function monthNumber(name: string): number | null {
  const lower = name.toLowerCase();
  const index = months.indexOf(lower === "sept" ? "sep" : lower);
  const found = index >= 0 ? index : fullMonths.indexOf(lower);
  return found < 0 ? null : found + 1;
}

const time =
  "(?:(?:[T ]|, )(\\d{1,2}):(\\d{2})(?::(\\d{2})(?:[.,](\\d{1,9}))?)?(?: ?([AaPp])\\.?[Mm]\\.?)?(?: ?(Z|z|UTC|GMT|[+-]\\d{2}(?::?\\d{2})?))?)?";
const yearFirst = new RegExp(`^(\\d{4})([-/.])(\\d{1,2})\\2(\\d{1,2})${time}$`);
const compact = new RegExp(`^(\\d{4})(\\d{2})(\\d{2})${time}$`);
const yearLast = new RegExp(`^(\\d{1,2})([-/.])(\\d{1,2})\\2(\\d{4})${time}$`);
const dayName = new RegExp(`^(\\d{1,2})[ -]([A-Za-z]{3,9})\\.?,?[ -](\\d{4})${time}$`);
const nameDay = new RegExp(`^([A-Za-z]{3,9})\\.? (\\d{1,2})(?:st|nd|rd|th)?,? (\\d{4})${time}$`);

interface Parts {
  year: number;
  month: number;
  day: number;
  /** The six captures of `time`. */
  time: (string | undefined)[];
}

const two = (value: number): string => (value < 10 ? `0${value}` : String(value));
export const daysInMonth = (year: number, month: number): number =>
  month === 2
    ? year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
      ? 29
      : 28
    : [4, 6, 9, 11].includes(month)
      ? 30
      : 31;

const isRealDay = ({ year, month, day }: Parts): boolean =>
  year >= 1900 && month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month);

function partsOf(text: string, order: DateOrder): Parts | null {
  let match = yearFirst.exec(text);
  if (match)
    return { year: Number(match[1]), month: Number(match[3]), day: Number(match[4]), time: match.slice(5) };
  match = yearLast.exec(text);
  if (match) {
    if (order === "ymd") return null;
    const [first, second] = [Number(match[1]), Number(match[3])];
    return {
      year: Number(match[4]),
      month: order === "dmy" ? second : first,
      day: order === "dmy" ? first : second,
      time: match.slice(5),
    };
  }
  match = compact.exec(text);
  if (match)
    return { year: Number(match[1]), month: Number(match[2]), day: Number(match[3]), time: match.slice(4) };
  match = dayName.exec(text);
  if (match)
    return {
      year: Number(match[3]),
      month: monthNumber(match[2]!) ?? 0,
      day: Number(match[1]),
      time: match.slice(4),
    };
  match = nameDay.exec(text);
  if (match)
    return {
      year: Number(match[3]),
      month: monthNumber(match[1]!) ?? 0,
      day: Number(match[2]),
      time: match.slice(4),
    };
  return null;
}

/** @returns null for what is no date, or none of this order */
export function parseDate(given: string, order: DateOrder): ParsedDate | null {
  const parts = partsOf(given.trim(), order);
  if (!parts || !isRealDay(parts)) return null;
  const day = `${parts.year}-${two(parts.month)}-${two(parts.day)}`;
  const [hours, minutes, seconds, fraction, half, zone] = parts.time;
  if (hours === undefined) return { text: day, zoned: false };
  const hour = clockHour(Number(hours), half);
  const [minute, second] = [Number(minutes), Number(seconds ?? 0)];
  if (hour === null || minute > 59 || second > 59) return null;
  const rest = fraction ? `.${fraction.slice(0, 6)}` : "";
  if (zone === undefined)
    return { text: `${day} ${two(hour)}:${two(minute)}:${two(second)}${rest}`, zoned: false };
  const offset = offsetMinutes(zone);
  if (offset === null) return null;
  const utc = new Date(Date.UTC(parts.year, parts.month - 1, parts.day, hour, minute - offset, second));
  return { text: `${utc.toISOString().slice(0, 19).replace("T", " ")}${rest}`, zoned: true };
}

function clockHour(hour: number, half: string | undefined): number | null {
  if (half === undefined) return hour <= 23 ? hour : null;
  if (hour < 1 || hour > 12) return null;
  return (hour % 12) + (half.toLowerCase() === "p" ? 12 : 0);
}

/** Minutes east of UTC. */
function offsetMinutes(zone: string): number | null {
  const match = /^([+-])(\d{2}):?(\d{2})?$/.exec(zone);
  if (!match) return 0;
  const [hours, minutes] = [Number(match[2]), Number(match[3] ?? 0)];
  if (hours > 18 || minutes > 59) return null;
  return (match[1] === "-" ? -1 : 1) * (hours * 60 + minutes);
}

const monthForms: readonly { pattern: RegExp; year: number; month: number }[] = [
  { pattern: /^(\d{4})[-/.](\d{1,2})$/, year: 1, month: 2 },
  { pattern: /^(\d{4})(\d{2})$/, year: 1, month: 2 },
  { pattern: /^(\d{1,2})[-/.](\d{4})$/, year: 2, month: 1 },
  { pattern: /^(\d{4})[- ]?M(\d{1,2})$/i, year: 1, month: 2 },
  { pattern: /^([A-Za-z]{3,9})\.?[ '/_-]{0,2}(\d{4}|\d{2})$/, year: 2, month: 1 },
  { pattern: /^(\d{4})[ /_-]([A-Za-z]{3,9})\.?$/, year: 1, month: 2 },
];

/**
 * `2024-01`, `Jan 2024`, `01/2024`, or any day of the month.
 * @returns the month's first day, or null
 */
export function parseMonth(given: string, order: DateOrder): string | null {
  const text = given.trim();
  for (const form of monthForms) {
    const match = form.pattern.exec(text);
    if (!match) continue;
    const yearText = match[form.year]!;
    const monthText = match[form.month]!;
    const year = Number(yearText) + (yearText.length === 2 ? 2000 : 0);
    const month = /^\d/.test(monthText) ? Number(monthText) : (monthNumber(monthText) ?? 0);
    if (year >= 1900 && month >= 1 && month <= 12) return `${year}-${two(month)}-01`;
  }
  const date = parseDate(text, order);
  return date ? `${date.text.slice(0, 8)}01` : null;
}

/** A column name that stands for a month: the wide form of mrr_by_month. A bare year or number is none. */
export const headerMonth = (name: string): string | null =>
  /^\d{1,5}$/.test(name.trim()) ? null : parseMonth(name, "ymd");

/** What one value says about the order of day and month. */
export type OrderEvidence = "dmy" | "mdy" | "either" | "none";

export function orderEvidence(given: string): OrderEvidence {
  const match = yearLast.exec(given.trim());
  if (!match) return "none";
  const [first, second] = [Number(match[1]), Number(match[3])];
  if (first > 12 && second <= 12) return "dmy";
  if (second > 12 && first <= 12) return "mdy";
  return first === second || first > 12 ? "none" : "either";
}
