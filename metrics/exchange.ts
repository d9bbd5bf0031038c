import type { Day } from "./day.ts";
import { type Decimal, divide, type Exact, multiply, one, parseDecimal, toStored } from "./decimal.ts";
import type { FxRate } from "./ledger.ts";

/** Amounts of any currency in the organisation's, at the rate of a day. */
export interface Exchange {
  /** The rate of a day, or null where none is known yet. */
  findRate(currency: string, day: Day): Exact | null;
  /** An amount at the rate of a day, with at most 12 decimals; null without a rate. */
  findValue(amount: Decimal, currency: string, day: Day): Decimal | null;
  /** The days on which a currency's rate changes, ascending. */
  changeDays(currency: string): readonly Day[];
}

interface Timeline {
  days: readonly Day[];
  rates: readonly Exact[];
}

const none: Timeline = { days: [], rates: [] };

function timelineOf(rates: readonly FxRate[], from: string, to: string): Timeline {
  const direct = rates.filter((rate) => rate.from === from && rate.to === to);
  const inverse = direct.length > 0 ? [] : rates.filter((rate) => rate.from === to && rate.to === from);
  const byDay = new Map<Day, Exact>();
  for (const { day, rate } of direct) byDay.set(day, parseDecimal(rate));
  for (const { day, rate } of inverse) byDay.set(day, divide(one, parseDecimal(rate)));
  const days = [...byDay.keys()].sort();
  return { days, rates: days.map((day) => byDay.get(day) ?? one) };
}

/**
 * The rate of a day is the newest on or before it. The inverse pair is used only where the pair itself has no rate on any
 * day; rates are never chained over a third currency.
 */
export function createExchange(rates: readonly FxRate[], base: string): Exchange {
  const timelines = new Map<string, Timeline>();
  const timeline = (currency: string): Timeline => {
    const known = timelines.get(currency);
    if (known) return known;
    const made = currency === base ? none : timelineOf(rates, currency, base);
    timelines.set(currency, made);
    return made;
  };
  const findRate = (currency: string, day: Day): Exact | null => {
    if (currency === base) return one;
    const { days, rates: known } = timeline(currency);
    const index = days.findLastIndex((from) => from <= day);
    return known[index] ?? null;
  };
  return {
    findRate,
    findValue(amount, currency, day) {
      if (currency === base) return amount;
      const rate = findRate(currency, day);
      return rate && toStored(multiply(parseDecimal(amount), rate));
    },
    changeDays: (currency) => timeline(currency).days,
  };
}
