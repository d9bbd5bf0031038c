import { addDays, type Day, monthsBetween } from "./day.ts";
import { type Decimal, exact, mrrFromUnits, toNumber } from "./decimal.ts";
import { listHistories, stateAt } from "./history.ts";
import type { Ledger } from "./ledger.ts";

/** Who pays most: by MRR with share, cumulative share, change and tenure (metrics.md §4). */
export interface TopCustomer {
  customerId: string;
  mrr: Decimal;
  /** Of all MRR; null where that is 0. */
  share: number | null;
  /** Of this customer and all before it. */
  cumulativeShare: number | null;
  /** MRR now against 90 days ago; null where it was 0. */
  change90d: number | null;
  firstPaid: Day;
  /** Whole months since the first paid day. */
  tenureMonths: number;
}

export const changeDays = 90;

/** Customers that have paid by the end of `at`, the largest first, of equals by id; at most `limit`. */
export function topCustomers(ledger: Ledger, at: Day, limit = Number.POSITIVE_INFINITY): TopCustomer[] {
  const before = addDays(at, -changeDays);
  const customers = listHistories(ledger)
    .filter(({ cohortDay }) => cohortDay <= at)
    .map((history) => ({
      history,
      now: stateAt(history, at).amount,
      past: stateAt(history, before).amount,
    }))
    .sort((a, b) =>
      a.now === b.now ? (a.history.customerId < b.history.customerId ? -1 : 1) : a.now > b.now ? -1 : 1,
    );
  const total = customers.reduce((all, { now }) => all + now, 0n);
  const shareOf = (part: bigint): number | null => (total === 0n ? null : toNumber(exact(part, total)));
  let cumulative = 0n;
  return customers.slice(0, limit).map(({ history, now, past }) => {
    cumulative += now;
    return {
      customerId: history.customerId,
      mrr: mrrFromUnits(now),
      share: shareOf(now),
      cumulativeShare: shareOf(cumulative),
      change90d: past === 0n ? null : toNumber(exact(now - past, past)),
      firstPaid: history.cohortDay,
      tenureMonths: monthsBetween(history.cohortDay, at),
    };
  });
}
