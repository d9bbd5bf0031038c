import type { Interval } from "#metrics/normalise.ts";

/** Whole intervals later by the calendar, in UTC as Stripe counts them; the 31st becomes a shorter month's last day. */
export function addIntervals(at: number, interval: Interval, count: number): number {
  if (interval === "day" || interval === "week") return at + count * (interval === "day" ? 1 : 7) * 86_400;
  const from = new Date(at * 1000);
  const months = from.getUTCFullYear() * 12 + from.getUTCMonth() + count * (interval === "year" ? 12 : 1);
  const [year, month] = [Math.floor(months / 12), months % 12];
  const lastDay = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  const to = new Date(at * 1000);
  to.setUTCFullYear(year, month, Math.min(from.getUTCDate(), lastDay));
  return Math.floor(to.getTime() / 1000);
}

/** 'YYYY-MM-DDTHH:MM:SS.000Z' */
export const instantOf = (at: number): string => new Date(at * 1000).toISOString();
