import { type Day, firstOfMonth, monthIndexOf } from "./day.ts";
import { type Decimal, formatDecimal, parseDecimal, sum } from "./decimal.ts";
import { findGrain } from "./period.ts";
import type { PeriodSums } from "./period-sums.ts";

/** What finance knows of months, and what that makes of a period. */

/** Amounts are in the organisation's currency; null: not given. */
export interface FinanceMonth {
  /** 'YYYY-MM' */
  month: string;
  revenue: Decimal | null;
  /** Operating profit; a loss is negative. */
  profit: Decimal | null;
  /** Cash spent less cash received. */
  netBurn: Decimal | null;
  /** '0.8' = 80 % of revenue. */
  grossMargin: Decimal | null;
  /** The month's end has no exchange rate for its amounts: they are null, though given. */
  unvalued?: boolean;
}

/** Sums over the months of a period; null: not given for every one of them. */
export interface FinanceSums {
  revenue: Decimal | null;
  profit: Decimal | null;
  netBurn: Decimal | null;
  unvalued: boolean;
}

const total = (amounts: readonly (Decimal | null)[]): Decimal | null => {
  const given = amounts.filter((amount) => amount !== null);
  return given.length < amounts.length || given.length === 0
    ? null
    : formatDecimal(sum(given.map(parseDecimal)));
};

/** What was given for a period that is made of whole months; null: nothing, and for days and weeks. */
export function sumFinance(
  months: readonly FinanceMonth[],
  { period, fromDay, endDay }: Pick<PeriodSums, "period" | "fromDay"> & { endDay: Day },
): FinanceSums | null {
  const grain = findGrain(period);
  if (grain === "day" || grain === "week") return null;
  const byMonth = new Map(months.map((one) => [one.month, one]));
  const held: (FinanceMonth | undefined)[] = [];
  for (let index = monthIndexOf(fromDay); index <= monthIndexOf(endDay); index++)
    held.push(byMonth.get(firstOfMonth(index).slice(0, 7)));
  if (held.every((one) => one === undefined)) return null;
  const of = (key: "revenue" | "profit" | "netBurn") => total(held.map((one) => one?.[key] ?? null));
  return {
    revenue: of("revenue"),
    profit: of("profit"),
    netBurn: of("netBurn"),
    unvalued: held.some((one) => one?.unvalued ?? false),
  };
}

/** The gross margin in force on a day: that of the newest month, begun by then, for which one was given. */
export function marginOn(months: readonly FinanceMonth[], day: Day): Decimal | null {
  let newest: FinanceMonth | null = null;
  for (const one of months)
    if (one.grossMargin !== null && `${one.month}-01` <= day && (newest === null || one.month > newest.month))
      newest = one;
  return newest?.grossMargin ?? null;
}
