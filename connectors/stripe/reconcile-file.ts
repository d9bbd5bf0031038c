import { isCurrency } from "#metrics/currency.ts";
import type { Decimal } from "#metrics/decimal.ts";

/**
 * The report "MRR per subscriber per month" that Stripe's dashboard lets people download. As known of its files: "Customer ID",
 * names and addresses, "Currency", and a column per month (`2026-03`) with amounts in major units. Files that people saved again
 * are taken as well: other words for a month, or one month per row.
 */

/** Where what stands; counted from 0. */
export interface ReportColumns {
  customer: number;
  /** Null: all amounts are in one currency that the file does not name. */
  currency: number | null;
  /** A column per month, or null where each row names its month. */
  months: { at: number; month: string }[] | null;
  row: { month: number; mrr: number } | null;
}

export interface ReportFigure {
  customerId: string;
  /** '2026-03' */
  month: string;
  mrr: Decimal;
  /** ISO 4217, upper case; null: the file does not say. */
  currency: string | null;
}

/** The message is for whoever chose the file. */
export class UnknownReport extends Error {
  override readonly name = "UnknownReport";
}

const plain = (text: string): string =>
  text
    .replace(/^\ufeff/, "")
    .trim()
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, " ")
    .trim();

const customerNames = ["customer id", "subscriber id", "customer", "subscriber"];
const currencyNames = ["currency", "subscription currency", "customer currency"];
const monthColumnNames = ["month", "date", "period", "month end", "month ending"];
const mrrNames = ["mrr", "monthly recurring revenue", "amount", "mrr amount"];

const monthNames =
  "january february march april may june july august september october november december".split(" ");

/** '2026-03', '2026/03/31', 'Mar 2026', 'March 2026', '03/2026', each also after "MRR" → '2026-03'; null: no month. */
export function monthIn(text: string): string | null {
  const words = plain(text).replace(/^mrr (in |for |at |as of )?/, "");
  const named = /^([a-z]{3,9}) (\d{4})$|^(\d{4}) ([a-z]{3,9})$/.exec(words);
  if (named) {
    const name = named[1] ?? named[4] ?? "";
    const at = monthNames.findIndex((known) => known.startsWith(name));
    return at < 0 ? null : monthOf(named[2] ?? named[3], at + 1);
  }
  const yearFirst = /^(\d{4}) (\d{1,2})( \d{1,2}( .*)?)?$/.exec(words);
  if (yearFirst) return monthOf(yearFirst[1], Number(yearFirst[2]));
  const yearLast = /^(\d{1,2}) (\d{4})$/.exec(words);
  return yearLast ? monthOf(yearLast[2], Number(yearLast[1])) : null;
}

const monthOf = (year: string | undefined, month: number): string | null =>
  month >= 1 && month <= 12 ? `${year}-${String(month).padStart(2, "0")}` : null;

/**
 * Finds the columns by the header.
 * @throws UnknownReport that says which column is missing
 */
export function reportColumns(header: readonly string[]): ReportColumns {
  const names = header.map(plain);
  const find = (known: readonly string[]): number => {
    const found = known.map((name) => names.indexOf(name)).find((at) => at >= 0);
    return found ?? -1;
  };
  const customer = find(customerNames);
  if (customer < 0)
    throw new UnknownReport(
      "The file has no column “Customer ID”. Download “MRR per subscriber per month” in Stripe’s billing overview.",
    );
  const currency = find(currencyNames);
  const months = header.flatMap((name, at) => {
    const month = monthIn(name);
    return month === null ? [] : [{ at, month }];
  });
  const row = { month: find(monthColumnNames), mrr: find(mrrNames) };
  if (months.length === 0 && (row.month < 0 || row.mrr < 0))
    throw new UnknownReport(
      "The file has no column of a month, such as “2026-03”. Choose the report “MRR per subscriber per month”, not the summary.",
    );
  return {
    customer,
    currency: currency < 0 ? null : currency,
    months: months.length > 0 ? months : null,
    row: months.length > 0 ? null : row,
  };
}

/** '$1,234.50' → '1234.50'; null: no amount. */
export function amountIn(text: string): Decimal | null {
  const bare = text.trim().replace(/^(-?)\s*[^\d\s.,+-]{1,4}\s*/, "$1");
  const grouped = /^-?\d{1,3}(,\d{3})+(\.\d+)?$/.test(bare) ? bare.replaceAll(",", "") : bare;
  return /^-?\d{1,24}(\.\d{1,12})?$/.test(grouped) ? grouped : null;
}

/**
 * The figures of one record. Empty cells are no figure; a record without a customer (a total) has none.
 * @throws UnknownReport where a cell holds no amount, month or currency
 */
export function reportFigures(columns: ReportColumns, cells: readonly string[]): ReportFigure[] {
  const cell = (at: number): string => (cells[at] ?? "").trim();
  const customerId = cell(columns.customer);
  if (customerId === "") return [];
  const code = columns.currency === null ? "" : cell(columns.currency).toUpperCase();
  if (code !== "" && !isCurrency(code)) throw new UnknownReport(`“${code.slice(0, 40)}” is no currency.`);
  const currency = code === "" ? null : code;
  const figure = (month: string, text: string): ReportFigure[] => {
    if (text === "") return [];
    const mrr = amountIn(text);
    if (mrr === null) throw new UnknownReport(`“${text.slice(0, 40)}” is no amount.`);
    return [{ customerId, month, mrr, currency }];
  };
  if (columns.months) return columns.months.flatMap(({ at, month }) => figure(month, cell(at)));
  const { row } = columns;
  if (!row) return [];
  const month = monthIn(cell(row.month));
  if (month === null) throw new UnknownReport(`“${cell(row.month).slice(0, 40)}” is no month.`);
  return figure(month, cell(row.mrr));
}
