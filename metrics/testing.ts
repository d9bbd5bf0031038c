import type { Ledger, Movement, MovementKind, SubscriptionState } from "./ledger.ts";
import { buildLedger } from "./movements.ts";
import { resolvePolicy } from "./policy.ts";

/** Short ways to write down states and ledgers in tests. */

/** A subscription in USD: `annual` from `fromDay` on. */
export const state = (
  given: Pick<SubscriptionState, "fromDay" | "annual"> & Partial<SubscriptionState>,
): SubscriptionState => ({
  customerId: "c1",
  subscriptionId: "s1",
  plan: "Gold",
  currency: "USD",
  interval: "month",
  source: "upload",
  toDay: null,
  ...given,
});

/** The ledger of states in USD under the default policy. */
export const ledgerOf = (...states: SubscriptionState[]): Ledger =>
  buildLedger({ states, rates: [], currency: "USD", policy: resolvePolicy() });

/** 'day kind amount' per row, the annual amount as it is. */
export const lines = (movements: readonly Movement[]): string[] =>
  movements.map(({ day, kind, annual }) => `${day} ${kind} ${annual}`);

const losing: ReadonlySet<MovementKind> = new Set(["contraction", "churn"]);

/** A ledger written by hand: one customer's rows of monthly amounts, losses given as positive. */
export function handLedger(
  rows: readonly { customer: string; day: string; kind: MovementKind; mrr: number }[],
): Ledger {
  const customers = new Map<string, { amount: number; cohortDay: string; initial: string }>();
  const movements = rows.map(({ customer, day, kind, mrr }): Movement => {
    const known = customers.get(customer) ?? { amount: 0, cohortDay: day, initial: String(mrr * 12) };
    const change = (losing.has(kind) ? -mrr : mrr) * 12;
    customers.set(customer, { ...known, amount: known.amount + change });
    return {
      customerId: customer,
      day,
      kind,
      annual: String(change),
      beforeAnnual: String(known.amount),
      cohortDay: known.cohortDay,
      initialAnnual: known.initial,
      cause: null,
      subscriptionId: null,
    };
  });
  return { movements, unvalued: [] };
}
