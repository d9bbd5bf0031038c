import type { UploadKind } from "#contracts/upload-kinds.ts";
import type { Cell, CellProblem } from "./cells.ts";
import { symbolFits } from "./numbers.ts";

/** What the cells of one row must be to each other. */

export interface RowProblem extends CellProblem {
  /** Canonical name of the column at fault. */
  column: string;
}

/** Judged cells of a row by canonical name; null where the file lacks the column or the cell is empty. */
export type CellOf = (name: string) => Cell | null;
export type RowRule = (cell: CellOf, currency: string) => RowProblem | null;

const problem = (column: string, code: string, message: string): RowProblem => ({ column, code, message });

/** Wall times compare as text; two of which only one names its zone are left to Postgres. */
const isBefore = (a: Cell, b: Cell): boolean =>
  a.zoned === b.zoned && a.text < b.text.slice(0, a.text.length);

const symbolRule =
  (...amounts: string[]): RowRule =>
  (cell, currency) => {
    for (const name of amounts) {
      const symbol = cell(name)?.symbol ?? null;
      const inForce = cell("currency")?.text || currency;
      if (symbol !== null && !symbolFits(symbol, inForce))
        return problem(name, "currency_mismatch", `is not in ${inForce}, the currency of this row.`);
    }
    return null;
  };

const subscriptionRule: RowRule = (cell) => {
  const ended = cell("ended_at");
  const started = cell("started_at");
  if (cell("status")?.text === "canceled" && !ended)
    return problem("status", "canceled_without_end", "is canceled, but ended_at does not say since when.");
  if (ended && started && isBefore(ended, started))
    return problem("ended_at", "ends_before_start", "is before started_at.");
  const amount = cell("amount");
  const quantity = cell("quantity");
  if (amount && quantity && amount.count * quantity.count >= 1e23)
    return problem("amount", "number_too_large", "times the quantity is too large.");
  if (amount && (cell("interval")?.count ?? 1) * (cell("interval_count")?.count ?? 1) > 1000)
    return problem("interval_count", "count_invalid", "makes more than 1000 intervals.");
  return null;
};

const rateRule: RowRule = (cell) => {
  const rate = cell("rate");
  if (rate && rate.count < 1e-12) return problem("rate", "rate_invalid", "must be above 0.");
  if (cell("from")?.text === cell("to")?.text)
    return problem("to", "same_currency", "is the same currency as from.");
  return null;
};

const rules: Record<UploadKind, readonly RowRule[]> = {
  subscriptions: [subscriptionRule, symbolRule("amount", "discount_amount")],
  mrr_by_month: [symbolRule("mrr")],
  transactions: [symbolRule("amount")],
  spend: [symbolRule("amount")],
  customers: [],
  fx_rates: [rateRule],
};

export const rulesOf = (kind: UploadKind): readonly RowRule[] => rules[kind];
