import type { Day } from "./day.ts";
import { toUnits } from "./decimal.ts";
import type { Ledger, Movement } from "./ledger.ts";

/** The ledger of one customer, ready for "how much on that day?". Amounts are annual, in units of 10^-12. */
export interface CustomerHistory {
  customerId: string;
  cohortDay: Day;
  initial: bigint;
  rows: readonly Movement[];
  /** After each row. */
  states: readonly { day: Day; amount: bigint; active: boolean }[];
}

/** Histories of all customers of a ledger, in its order. */
export function listHistories(ledger: Ledger): CustomerHistory[] {
  const byCustomer = new Map<string, Movement[]>();
  for (const row of ledger.movements) {
    const rows = byCustomer.get(row.customerId);
    if (rows) rows.push(row);
    else byCustomer.set(row.customerId, [row]);
  }
  return [...byCustomer].map(([customerId, given]) => {
    // stable: rows of one day keep the ledger's order
    const rows = given.toSorted((a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : 0));
    let [amount, active] = [0n, false];
    const states = rows.map((row) => {
      amount += toUnits(row.annual);
      if (row.kind !== "fx") active = row.kind !== "churn";
      return { day: row.day, amount, active };
    });
    const first = rows[0];
    return {
      customerId,
      cohortDay: first?.cohortDay ?? "",
      initial: first ? toUnits(first.initialAnnual) : 0n,
      rows,
      states,
    };
  });
}

const before = { amount: 0n, active: false };

/** The state at the end of a day. */
export function stateAt(history: CustomerHistory, day: Day): { amount: bigint; active: boolean } {
  return history.states.findLast((state) => state.day <= day) ?? before;
}
