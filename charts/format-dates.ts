import { absent } from "./format.ts";

/**
 * Days, periods and instants as text. Month names are our own: browsers and Node disagree (Sep, Sept), and a page that reads one
 * way on the server and another in the browser jumps.
 */

const months = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
] as const;

const monthName = (number: string | undefined): string => months[Number(number) - 1] ?? "";
const monthShort = (number: string | undefined): string => monthName(number).slice(0, 3);

const dayText = /^(\d{4})-(\d{2})-(\d{2})$/;
const periodText = /^(\d{4})(?:-(?:(\d{2})|W(\d{2})|Q([1-4])))?$/;

/** `2026-02-07` → `7 Feb 2026`; anything else comes back as it is. */
export function formatDay(day: string | null | undefined): string {
  if (!day) return absent;
  const match = dayText.exec(day);
  return match ? `${Number(match[3])} ${monthShort(match[2])} ${match[1]}` : day;
}

/**
 * A period as people say it: `2026-02` → `Feb 2026`, `2026-W07` → `W7 2026`, `2026-Q1` → `Q1 2026`, a day → `7 Feb 2026`.
 * `short` leaves the year out where the reader knows it: `Feb`, `W7`, `Q1`, `7 Feb`. `long` spells months: `February 2026`.
 */
export function formatPeriod(
  period: string | null | undefined,
  style: "medium" | "short" | "long" = "medium",
): string {
  if (!period) return absent;
  const day = dayText.exec(period);
  if (day) return style === "short" ? `${Number(day[3])} ${monthShort(day[2])}` : formatDay(period);
  const match = periodText.exec(period);
  if (!match) return period;
  const [, year, month, week, quarter] = match;
  const name = month
    ? style === "long"
      ? monthName(month)
      : monthShort(month)
    : week
      ? `W${Number(week)}`
      : quarter
        ? `Q${quarter}`
        : null;
  if (!name) return year ?? period;
  return style === "short" ? name : `${name} ${year}`;
}

/** `Nov 2025 – Nov 2026`; one period alone where both are the same. */
export const formatPeriodRange = (from: string, to: string): string =>
  from === to ? formatPeriod(from) : `${formatPeriod(from)} – ${formatPeriod(to)}`;

interface Parts {
  year: string;
  month: string;
  day: string;
  hour: string;
  minute: string;
}

const zones = new Map<string, Intl.DateTimeFormat>();

function partsIn(instant: Date, timezone: string): Parts {
  let format = zones.get(timezone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-GB", {
      timeZone: timezone,
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      hourCycle: "h23",
    });
    zones.set(timezone, format);
  }
  const found = Object.fromEntries(format.formatToParts(instant).map(({ type, value }) => [type, value]));
  return {
    year: found.year ?? "",
    month: found.month ?? "",
    day: found.day ?? "",
    hour: found.hour ?? "",
    minute: found.minute ?? "",
  };
}

/** An instant (ISO text or Date) in the zone: `22 Nov 2026, 10:24`. */
export function formatDateTime(instant: string | Date | null | undefined, timezone: string): string {
  if (!instant) return absent;
  const at = partsIn(new Date(instant), timezone);
  return `${Number(at.day)} ${monthShort(at.month)} ${at.year}, ${at.hour}:${at.minute}`;
}

/** The day of an instant in the zone: `22 Nov 2026`. */
export function formatDate(instant: string | Date | null | undefined, timezone: string): string {
  if (!instant) return absent;
  const at = partsIn(new Date(instant), timezone);
  return `${Number(at.day)} ${monthShort(at.month)} ${at.year}`;
}

const relative: readonly (readonly [limit: number, seconds: number, singular: string])[] = [
  [60 * 60, 60, "minute"],
  [24 * 60 * 60, 60 * 60, "hour"],
  [30 * 24 * 60 * 60, 24 * 60 * 60, "day"],
  [365 * 24 * 60 * 60, 30 * 24 * 60 * 60, "month"],
  [Number.POSITIVE_INFINITY, 365 * 24 * 60 * 60, "year"],
];

/** `just now`, `5 minutes ago`, `in 3 days`. `now` in milliseconds, so that server and browser can agree. */
export function formatRelative(instant: string | Date, now: number): string {
  const seconds = (new Date(instant).getTime() - now) / 1000;
  const distance = Math.abs(seconds);
  if (distance < 45) return "just now";
  for (const [limit, unit, name] of relative) {
    if (distance >= limit) continue;
    const count = Math.max(1, Math.round(distance / unit));
    const text = `${count} ${name}${count === 1 ? "" : "s"}`;
    return seconds < 0 ? `${text} ago` : `in ${text}`;
  }
  return formatDay(new Date(instant).toISOString().slice(0, 10));
}

/** 8 s, 2 min 5 s, 1 h 4 min. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600)
    return whole % 60 === 0 ? `${whole / 60} min` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.floor((whole % 3600) / 60);
  return minutes === 0 ? `${Math.floor(whole / 3600)} h` : `${Math.floor(whole / 3600)} h ${minutes} min`;
}
