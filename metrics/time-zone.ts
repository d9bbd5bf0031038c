import { civilNumber, type Day, dayNumber, dayPattern, dayText, pad } from "./day.ts";

/**
 * Instants and the clocks on the walls of IANA zones. An instant is milliseconds since 1970 UTC; a wall time is
 * 'YYYY-MM-DDTHH:MM:SS.mmm' text. `Intl` knows the zones; no `Date` and no clock are needed.
 */

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    calendar: "iso8601",
    numberingSystem: "latn",
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  formats.set(zone, format);
  return format;
}

const dayMs = 86_400_000;

/** Milliseconds that the wall clock of a zone is ahead of UTC at an instant. Throws RangeError for an unknown zone. */
function zoneOffset(instant: number, zone: string): number {
  const found: Record<string, number> = {};
  for (const part of formatOf(zone).formatToParts(instant)) found[part.type] = Number(part.value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = found;
  const wall = civilNumber(year, month, day) * dayMs + ((hour * 60 + minute) * 60 + second) * 1000;
  return wall - Math.floor(instant / 1000) * 1000;
}

export function isTimeZone(zone: string): boolean {
  try {
    formatOf(zone);
    return true;
  } catch {
    return false;
  }
}

/** The day on which an instant falls in a zone. */
export const dayOfInstant = (instant: number, zone: string): Day =>
  dayText(Math.floor((instant + zoneOffset(instant, zone)) / dayMs));

const wallPattern = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?)?$/;
const instantPattern = /^(.+?)(?:Z|([+-])(\d{2}):?(\d{2})?)$/i;

/** A wall time read as if it were UTC. Throws RangeError. */
function wallNumber(wall: string): number {
  const match = wallPattern.exec(wall);
  const [hour, minute, second] = [Number(match?.[2] ?? 0), Number(match?.[3] ?? 0), Number(match?.[4] ?? 0)];
  if (!match?.[1] || hour > 23 || minute > 59 || second > 59) throw new RangeError(`not a time: ${wall}`);
  const fraction = Math.trunc(Number(`0.${match[5] ?? "0"}`) * 1000);
  return dayNumber(match[1]) * dayMs + ((hour * 60 + minute) * 60 + second) * 1000 + fraction;
}

/** Reads ISO 8601 with 'Z' or an offset. Throws RangeError for a time without one. */
export function parseInstant(text: string): number {
  const match = dayPattern.test(text) ? null : instantPattern.exec(text);
  if (!match?.[1]) throw new RangeError(`not an instant: ${text}`);
  const offset = Number(match[3] ?? 0) * 60 + Number(match[4] ?? 0);
  return wallNumber(match[1]) - (match[2] === "-" ? -offset : offset) * 60_000;
}

export function formatInstant(instant: number): string {
  const rest = instant - Math.floor(instant / dayMs) * dayMs;
  const [hour, minute] = [Math.floor(rest / 3_600_000), Math.floor(rest / 60_000) % 60];
  const time = `${pad(hour, 2)}:${pad(minute, 2)}:${pad(Math.floor(rest / 1000) % 60, 2)}.${pad(rest % 1000, 3)}`;
  return `${dayText(Math.floor(instant / dayMs))}T${time}Z`;
}

/**
 * The instant at which the wall clock of a zone shows 'YYYY-MM-DD[ THH:MM[:SS[.mmm]]]'. A time that comes twice (the clock
 * goes back) is its first; a time that never comes (the clock jumps ahead) is the first instant after the jump.
 */
export function instantOfWall(wall: string, zone: string): number {
  const local = wallNumber(wall);
  const offsets = [zoneOffset(local - dayMs, zone), zoneOffset(local + dayMs, zone)];
  const candidates = offsets.map((offset) => local - offset);
  const shown = candidates.filter((instant) => instant + zoneOffset(instant, zone) === local);
  if (shown.length > 0) return Math.min(...shown);
  let before = Math.min(...candidates);
  let after = Math.max(...candidates);
  const old = zoneOffset(before, zone);
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (zoneOffset(middle, zone) === old) before = middle;
    else after = middle;
  }
  return after;
}
