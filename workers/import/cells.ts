import type { ColumnType } from "#contracts/upload-kinds.ts";
import type { DateOrder } from "#contracts/uploads.ts";
import { isCurrency } from "#metrics/currency.ts";
import { parseDate, parseMonth } from "./dates.ts";
import { type ParsedNumber, parseNumber } from "./numbers.ts";

/** Typed cells: what a file says → what is staged, or why not. The same text is judged once and remembered. */

export interface CellProblem {
  code: string;
  message: string;
}

export interface Cell {
  /** As Postgres takes it; empty = null. */
  text: string;
  problem: CellProblem | null;
  /** A date that named its zone: `text` is UTC. */
  zoned: boolean;
  /** Of an interval: how many of the unit. Of a count: the count. */
  count: number;
  /** A currency symbol beside a number. */
  symbol: string | null;
}

export interface CellSettings {
  dateOrder: DateOrder;
  decimalComma: boolean;
}

export type TypedColumn = Exclude<ColumnType, "key" | "text">;
type Judge = (given: string, settings: CellSettings) => Cell;

const cell = (text: string, more: Partial<Cell> = {}): Cell => ({
  text,
  problem: null,
  zoned: false,
  count: 1,
  symbol: null,
  ...more,
});
const refused = (code: string, message: string): Cell => cell("", { problem: { code, message } });
const empty = cell("");

const number =
  (check: (value: ParsedNumber) => CellProblem | null): Judge =>
  (given, { decimalComma }) => {
    const value = parseNumber(given, decimalComma);
    if (!value)
      return refused(
        "number_invalid",
        `is not a number. Write it as ${decimalComma ? "1234,56" : "1234.56"}.`,
      );
    const problem = check(value);
    return problem
      ? { ...empty, problem }
      : cell(value.text, { symbol: value.symbol, count: Number(value.text) });
  };

const negative: CellProblem = { code: "negative", message: "is below 0." };
type Interval = readonly [unit: string, count: number];
const spelled = (words: string, interval: Interval): [string, Interval][] =>
  words.split(" ").map((word) => [word, interval]);
const intervalUnits: ReadonlyMap<string, Interval> = new Map([
  ...spelled("day daily", ["day", 1]),
  ...spelled("week weekly", ["week", 1]),
  ...spelled("month monthly mo", ["month", 1]),
  ...spelled("quarter quarterly", ["month", 3]),
  ...spelled("semiannual semiannually halfyearly", ["month", 6]),
  ...spelled("year yearly annual annually yr", ["year", 1]),
]);

/** `month`, `Monthly`, `quarterly`, `3 months`, `every 2 weeks`. */
function judgeInterval(given: string): Cell {
  const lower = given.trim().toLowerCase();
  const match = /^(?:every |per )?(\d{1,3})?[ -]?([a-z][a-z -]{1,14})$/.exec(lower);
  const word = match?.[2]?.replace(/[ -]/g, "") ?? "";
  const known = intervalUnits.get(word) ?? intervalUnits.get(word.replace(/s$/, ""));
  const count = Number(match?.[1] ?? 1) * (known?.[1] ?? 0);
  if (!known || count < 1)
    return refused("interval_unknown", "is not an interval. Use day, week, month or year.");
  return cell(known[0], { count });
}

export const isInterval = (given: string): boolean => judgeInterval(given).problem === null;

const statuses: ReadonlyMap<string, string> = new Map([
  ["active", "active"],
  ["trialing", "trialing"],
  ["trial", "trialing"],
  ["intrial", "trialing"],
  ["pastdue", "past_due"],
  ["unpaid", "unpaid"],
  ["paused", "paused"],
  ["pausecollection", "pause_collection"],
  ["canceled", "canceled"],
  ["cancelled", "canceled"],
]);
export const statusWords = [...new Set(statuses.values())];

const yes = new Set(["yes", "y", "true", "t", "churned"]);
const no = new Set(["no", "n", "false", "f", "active", "retained"]);

/** yes/no, a probability 0…1 (or percent), or a date (churned: 1). Anything else is kept as text, not refused. */
export function churnValue(given: string, settings: CellSettings): string | null {
  const lower = given.trim().toLowerCase();
  if (yes.has(lower)) return "1";
  if (no.has(lower)) return "0";
  const percent = lower.endsWith("%");
  const value = parseNumber(percent ? lower.slice(0, -1) : lower, settings.decimalComma);
  if (value && value.symbol === null) {
    const share = Number(value.text) / (percent ? 100 : 1);
    return share >= 0 && share <= 1 ? String(share) : null;
  }
  // on whichever day: churned
  return parseDate(given, "dmy") || parseDate(given, "mdy") ? "1" : null;
}

/** How databases and spreadsheets write "no date". */
const noDate = /^(null|\\n|none|n\/a|na|-|–|—)$/i;

const judges: Record<TypedColumn, Judge> = {
  amount: number(() => null),
  positive: number((value) => (value.negative ? negative : null)),
  percent: (given, settings) => {
    const judged = judges.positive(given.trim().replace(/\s*%$/, ""), settings);
    return judged.problem === null && judged.count > 100
      ? refused("percent_invalid", "is not a percentage between 0 and 100.")
      : judged;
  },
  count: (given) => {
    const trimmed = given.trim();
    const value = /^\d{1,4}$/.test(trimmed) ? Number(trimmed) : 0;
    return value >= 1 && value <= 1000
      ? cell(String(value), { count: value })
      : refused("count_invalid", "is not a whole number from 1 to 1000.");
  },
  date: (given, { dateOrder }) => {
    if (noDate.test(given.trim())) return empty;
    const date = parseDate(given, dateOrder);
    if (!date) return refused("date_invalid", "is not a date. Write it as 2024-01-31.");
    return cell(date.text, { zoned: date.zoned });
  },
  month: (given, { dateOrder }) => {
    const month = parseMonth(given, dateOrder);
    return month ? cell(month) : refused("month_invalid", "is not a month. Write it as 2024-01.");
  },
  currency: (given) => {
    const code = given.trim().toUpperCase();
    return isCurrency(code)
      ? cell(code)
      : refused("currency_unknown", "is not a currency. Use a code such as USD.");
  },
  interval: judgeInterval,
  status: (given) => {
    const known = statuses.get(given.toLowerCase().replace(/[^a-z]/g, ""));
    return known
      ? cell(known)
      : refused("status_unknown", `is not a status. Use one of ${statusWords.join(", ")}.`);
  },
  churned: (given, settings) => cell(churnValue(given, settings) ?? ""),
};

/** Remembered texts per column type; forgotten together when there are too many to be worth it. */
const remembered = 20_000;

/** One judge per column type, for one import. Blank text is empty. */
export function createJudges(settings: CellSettings): Record<TypedColumn, (given: string) => Cell> {
  const withMemory = (judge: Judge): ((given: string) => Cell) => {
    const known = new Map<string, Cell>();
    return (given) => {
      const before = known.get(given);
      if (before !== undefined) return before;
      const judged = given.trim() === "" ? empty : judge(given, settings);
      if (known.size >= remembered) known.clear();
      known.set(detached(given), judged);
      return judged;
    };
  };
  return {
    amount: withMemory(judges.amount),
    positive: withMemory(judges.positive),
    percent: withMemory(judges.percent),
    count: withMemory(judges.count),
    date: withMemory(judges.date),
    month: withMemory(judges.month),
    currency: withMemory(judges.currency),
    interval: withMemory(judges.interval),
    status: withMemory(judges.status),
    churned: withMemory(judges.churned),
  };
}

/** A copy that does not hold on to the megabyte of text that it was cut from (V8 shares from 13 characters on). */
const detached = (text: string): string =>
  text.length < 13 ? text : Buffer.from(text, "utf16le").toString("utf16le");
