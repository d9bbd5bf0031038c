import { createContext, useContext } from "react";
import { formatMoney } from "#charts/format.ts";
import { formatDate, formatPeriod } from "#charts/format-dates.ts";
import type { RestatedMonth } from "#contracts/restatements.ts";

/** A closed month that is another than it was a while ago. */
export interface Restated {
  /** `2026-03` */
  month: string;
  /** Of its MRR. */
  change: string;
  currency: string;
  /** When it moved last; `on`: that day as text. */
  at: string;
  on: string;
}

/** For how long the dashboard says that a month was restated. */
export const shownDays = 30;

export function restatedOf(
  answer: { currency: string; months: readonly Pick<RestatedMonth, "month" | "change" | "last_at">[] },
  timezone: string,
): Restated[] {
  return answer.months
    .filter(({ change }) => change !== "0")
    .map(({ month, change, last_at }) => ({
      month,
      change,
      currency: answer.currency,
      at: last_at,
      on: formatDate(last_at, timezone),
    }));
}

/** What the page around a chart knows of restated months. */
export const RestatedMonths = createContext<readonly Restated[]>([]);

/** The restated months that end in a period: a month itself, or those of a quarter or year; days and weeks have none. */
export function restatedIn(restated: readonly Restated[], period: string): readonly Restated[] {
  const match = /^(\d{4})(?:-(?:(\d{2})|Q([1-4])))?$/.exec(period);
  if (!match) return [];
  const [, year, month, quarter] = match;
  return restated.filter((one) => {
    if (month) return one.month === period;
    if (!one.month.startsWith(`${year}-`)) return false;
    return !quarter || Math.ceil(Number(one.month.slice(5)) / 3) === Number(quarter);
  });
}

/** `Restated on 20 Nov 2026: MRR −$420`, one line per month. */
export const restatedLines = (restated: readonly Restated[], period: string): string[] =>
  restatedIn(restated, period).map(
    ({ month, change, currency, on }) =>
      `${month === period ? "Restated" : `${formatPeriod(month, "short")} restated`} on ${on}: MRR ${formatMoney(change, currency, { signed: true })}`,
  );

export const useRestatedMonths = (): readonly Restated[] => useContext(RestatedMonths);
