import type { Day } from "./day.ts";
import { earlierDay } from "./day.ts";
import { isZero, parseDecimal } from "./decimal.ts";
import type { Exchange } from "./exchange.ts";
import type { SubscriptionState, UnvaluedSpan } from "./ledger.ts";

/** A customer's spans without an exchange rate, per currency, overlapping and touching ones merged. */
export function unvaluedSpans(
  customerId: string,
  states: readonly SubscriptionState[],
  exchange: Exchange,
): UnvaluedSpan[] {
  const spans = states.flatMap(({ currency, annual, fromDay, toDay }): UnvaluedSpan[] => {
    if (isZero(parseDecimal(annual)) || exchange.findRate(currency, fromDay) !== null) return [];
    const firstRate: Day | null = exchange.changeDays(currency)[0] ?? null;
    const end = firstRate === null ? toDay : toDay === null ? firstRate : earlierDay(firstRate, toDay);
    return end === null || end > fromDay ? [{ customerId, currency, fromDay, toDay: end }] : [];
  });
  spans.sort((a, b) =>
    a.currency === b.currency ? (a.fromDay < b.fromDay ? -1 : 1) : a.currency < b.currency ? -1 : 1,
  );
  const merged: UnvaluedSpan[] = [];
  for (const span of spans) {
    const last = merged.at(-1);
    if (last?.currency === span.currency && (last.toDay === null || span.fromDay <= last.toDay))
      last.toDay = later(last.toDay, span.toDay);
    else merged.push({ ...span });
  }
  return merged;
}

const later = (a: Day | null, b: Day | null): Day | null =>
  a === null || b === null ? null : a >= b ? a : b;
