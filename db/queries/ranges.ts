import { type Day, dayNumber } from "#metrics/day.ts";
import {
  findGrain,
  type Grain,
  type Observation,
  type Period,
  periodEnd,
  periodOf,
  periodStart,
  periodsBetween,
  shiftPeriod,
} from "#metrics/period.ts";
import { AppError } from "#root/errors.ts";
import { type AnalyticsSettings, observe } from "./analytics-settings.ts";

/** What a request says of time, as the wire has it. */
export interface RangeInput {
  from?: string | undefined;
  to?: string | undefined;
  as_of?: string | undefined;
}

/** As many points as one answer may hold. */
const mostPeriods = 1500;

const badPeriod = (text: string): AppError =>
  new AppError(
    "BAD_REQUEST",
    `“${text}” is not a period: write 2026-02-07, 2026-W07, 2026-02, 2026-Q1 or 2026.`,
    {
      reason: "bad_period",
      details: { period: text },
    },
  );

/** Years whose neighbours can still be written with four digits: numbers look a year back and a period ahead. */
const hasNeighbours = (text: string): boolean => text >= "0003" && text < "9997";

/** @throws AppError BAD_REQUEST, reason `bad_period`, for a day that is in no calendar */
export function requireDay(text: string): Day {
  try {
    dayNumber(text);
    if (!hasNeighbours(text)) throw badPeriod(text);
    return text;
  } catch {
    throw badPeriod(text);
  }
}

/**
 * A period that there is, of any grain, with some years on either side of it.
 * @throws AppError BAD_REQUEST, reason `bad_period`
 */
export function requirePeriod(text: string, calendar: Observation["calendar"]): Period {
  boundOf(text, calendar);
  if (text < "0010" || text >= "9990") throw badPeriod(text);
  return text;
}

/** First and last day of what a bound names. @throws AppError BAD_REQUEST, reason `bad_period` */
function boundOf(text: string, calendar: Observation["calendar"]): { first: Day; last: Day } {
  try {
    if (!findGrain(text) || !hasNeighbours(text)) throw badPeriod(text);
    return { first: periodStart(text, calendar), last: periodEnd(text, calendar) };
  } catch {
    throw badPeriod(text);
  }
}

/** The observation that a request asks for. */
export const observationOf = (settings: AnalyticsSettings, { as_of }: RangeInput) =>
  observe(settings, as_of === undefined ? undefined : requireDay(as_of));

/** Inclusive days; null: no bound was given. @throws AppError BAD_REQUEST: `bad_period`, `bad_range` */
export function daysOf({ from, to }: RangeInput, calendar: Observation["calendar"]) {
  const first = from === undefined ? null : boundOf(from, calendar).first;
  const last = to === undefined ? null : boundOf(to, calendar).last;
  if (first !== null && last !== null && first > last)
    throw new AppError("BAD_REQUEST", "The range ends before it begins.", { reason: "bad_range" });
  return { first, last };
}

/**
 * The periods of a grain that a request covers: by default the twelve before the last one and that one; the last is by
 * default the one that holds the observation day.
 * @throws AppError BAD_REQUEST: `bad_period`, `bad_range`, `too_many_periods`
 */
export function periodsOf(input: RangeInput, grain: Grain, observation: Observation): Period[] {
  const { calendar, asOf } = observation;
  const { first, last } = daysOf(input, calendar);
  const end = periodOf(last ?? (first !== null && first > asOf ? first : asOf), grain, calendar);
  const begin = first === null ? shiftPeriod(end, -12, calendar) : periodOf(first, grain, calendar);
  const count = periodsBetween(begin, end, calendar) + 1;
  if (count > mostPeriods)
    throw new AppError(
      "BAD_REQUEST",
      `At most ${mostPeriods} periods at once: choose a coarser grain or a shorter range.`,
      {
        reason: "too_many_periods",
        details: { periods: count, most: mostPeriods },
      },
    );
  return Array.from({ length: count }, (_, i) => shiftPeriod(begin, i, calendar));
}
