import type { UploadKind } from "#contracts/upload-kinds.ts";
import type { Cell, CellProblem } from "./cells.ts";
import { symbolFits } from "./numbers.ts";

/** What the cells of one row must be to each other. */

export interface RowProblem extends CellProblem {
  /** Canonical name of the column at fault. */
  column: string;
}

/** Judged cells of a row by place; null where a cell is empty or only text. */
type Cells = readonly (Cell | null)[];
export type RowRule = (cells: Cells) => RowProblem | null;
/** Where a canonical column stands; -1 where the file lacks it. */
type PlaceOf = (name: string) => number;

const problem = (column: string, code: string, message: string): RowProblem => ({ column, code, message });
const filled = (cell: Cell | null | undefined): Cell | null => (cell && cell.text !== "" ? cell : null);

/** Wall times compare as text; two of which only one names its zone are left to Postgres. */
const isBefore = (a: Cell, b: Cell): boolean =>
  a.zoned === b.zoned && a.text < b.text.slice(0, a.text.length);

function subscriptionRule(place: PlaceOf): RowRule {
  const status = place("status");
  const started = place("started_at");
  const ended = place("ended_at");
  const amount = place("amount");
  const quantity = place("quantity");
  const interval = place("interval");
  const intervals = place("interval_count");
  return (cells) => {
    const end = filled(cells[ended]);
    const start = cells[started];
    if (!end && cells[status]?.text === "canceled")
      return problem("status", "canceled_without_end", "is canceled, but ended_at does not say since when.");
    if (end && start && isBefore(end, start))
      return problem("ended_at", "ends_before_start", "is before started_at.");
    if ((cells[amount]?.count ?? 0) * (cells[quantity]?.count ?? 1) >= 1e23)
      return problem("amount", "number_too_large", "times the quantity is too large.");
    if ((cells[interval]?.count ?? 1) * (cells[intervals]?.count ?? 1) > 1000)
      return problem("interval_count", "count_invalid", "makes more than 1000 intervals.");
    return null;
  };
}

function symbolRule(place: PlaceOf, fallback: string, ...amounts: string[]): RowRule {
  const currency = place("currency");
  const places = amounts.map((name) => ({ name, at: place(name) }));
  return (cells) => {
    for (const { name, at } of places) {
      const symbol = cells[at]?.symbol ?? null;
      if (symbol === null) continue;
      const inForce = filled(cells[currency])?.text ?? fallback;
      if (!symbolFits(symbol, inForce))
        return problem(name, "currency_mismatch", `is not in ${inForce}, the currency of this row.`);
    }
    return null;
  };
}

function rateRule(place: PlaceOf): RowRule {
  const [rate, from, to] = [place("rate"), place("from"), place("to")];
  return (cells) => {
    if ((cells[rate]?.count ?? 0) < 1e-12) return problem("rate", "rate_invalid", "must be above 0.");
    if (cells[from]?.text === cells[to]?.text)
      return problem("to", "same_currency", "is the same currency as from.");
    return null;
  };
}

/** @param currency of rows that name none */
export function rulesOf(kind: UploadKind, place: PlaceOf, currency: string): RowRule[] {
  switch (kind) {
    case "subscriptions":
      return [subscriptionRule(place), symbolRule(place, currency, "amount", "discount_amount")];
    case "mrr_by_month":
      return [symbolRule(place, currency, "mrr")];
    case "transactions":
    case "spend":
      return [symbolRule(place, currency, "amount")];
    case "customers":
      return [];
    case "fx_rates":
      return [rateRule(place)];
  }
}
