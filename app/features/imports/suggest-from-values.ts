import { type ColumnType, columnsOf, detectedKinds, type UploadKind } from "#contracts/upload-kinds.ts";
import type { UploadMapping } from "#contracts/uploads.ts";
import { mappingGaps, suggestMapping } from "./suggest-mapping.ts";

/** What the cells of one column look like, from the file's first rows. */
interface ColumnLook {
  column: string;
  looks: Look;
  hasBlanks: boolean;
  /** Of the cells that are not blank, how many differ: 0…1. */
  distinct: number;
}

type Look = "date" | "number" | "currency" | "interval" | "text" | "blank";

/** So many of a column's cells must look alike. */
const enough = 0.9;

const currencies: ReadonlySet<string> = new Set(Intl.supportedValuesOf("currency"));
const patterns: [Look, (cell: string) => boolean][] = [
  ["date", (cell) => /^(\d{4}[-/.]\d{1,2}([-/.]\d{1,2})?|\d{1,2}[-/.]\d{1,2}[-/.]\d{4})(\D|$)/.test(cell)],
  ["number", (cell) => /^[-+]?([A-Z]{3}|[$€£¥₹])?\s*[-+]?\d[\d.,\s'’]*([A-Z]{3}|[$€£¥₹])?$/.test(cell)],
  ["currency", (cell) => currencies.has(cell)],
  ["interval", (cell) => /^(dai|day|week|month|quarter|year|annual)/i.test(cell)],
];

function lookOf(column: string, cells: readonly string[]): ColumnLook {
  const filled = cells.map((cell) => cell.trim()).filter((cell) => cell !== "");
  const found = patterns.find(
    ([, fits]) => filled.length > 0 && filled.filter(fits).length >= enough * filled.length,
  );
  return {
    column,
    looks: filled.length === 0 ? "blank" : (found?.[0] ?? "text"),
    hasBlanks: filled.length < cells.length,
    distinct: new Set(filled).size / Math.max(1, filled.length),
  };
}

/** Of the columns that hold a whole value in each row, the one that has most different ones; the earlier of equals. */
const mostDistinct = (columns: readonly ColumnLook[]): ColumnLook | undefined =>
  columns.filter(({ hasBlanks }) => !hasBlanks).sort((a, b) => b.distinct - a.distinct)[0];

/** The column for a meaning, by what its cells must be; undefined where none or several could be it. */
function columnFor(type: ColumnType, free: readonly ColumnLook[]): ColumnLook | undefined {
  const looking = (look: Look) => free.filter(({ looks }) => looks === look);
  switch (type) {
    case "date":
    case "month":
      return looking("date").find(({ hasBlanks }) => !hasBlanks);
    case "amount":
    case "positive": {
      const numbers = looking("number").filter(({ hasBlanks }) => !hasBlanks);
      return numbers.length === 1 ? numbers[0] : undefined;
    }
    case "currency":
      return looking("currency")[0];
    case "interval":
      return looking("interval")[0];
    case "key":
      return mostDistinct(looking("text"));
    default:
      return undefined;
  }
}

/** Without these a number would be wrong rather than missing, and their cells say what they are. */
const telling = new Set(["currency", "interval"]);

/**
 * What names did not tell, by what the cells look like: the needed columns, and where a currency, an interval and an end stand. A guess
 * for a person to check, never imported unseen.
 * @param mapping what is known by name
 * @param rows the file's first rows, cells as in the file
 * @returns only what is added
 */
export function suggestFromValues(
  kind: UploadKind,
  mapping: UploadMapping,
  header: readonly string[],
  rows: readonly (readonly string[])[],
): UploadMapping {
  const known = new Set(Object.values(mapping));
  let free = header
    .map((column, index) =>
      lookOf(
        column,
        rows.map((row) => row[index] ?? ""),
      ),
    )
    .filter(({ column }) => mapping[column] === null || mapping[column]?.startsWith("attr."));
  const added: UploadMapping = {};
  const give = (name: string, found: ColumnLook | undefined): void => {
    if (!found) return;
    added[found.column] = name;
    free = free.filter((one) => one !== found);
  };
  const isWide = kind === "mrr_by_month" && known.has("mrr");
  for (const { name, type, required } of columnsOf(kind)) {
    if (known.has(name) || (isWide && name === "month")) continue;
    if (required || telling.has(name)) give(name, columnFor(type, free));
  }
  const canEnd = kind === "subscriptions" && !known.has("ended_at");
  const ends = free.filter(({ looks, hasBlanks }) => looks === "date" && hasBlanks);
  if (canEnd && ends.length === 1) give("ended_at", ends[0]);
  return added;
}

/** A list of people, each once with a day and no amount, is no list of payments or events. */
const isEachOnce = (
  mapping: UploadMapping,
  header: readonly string[],
  rows: readonly (readonly string[])[],
): boolean => {
  const index = header.findIndex((column) => mapping[column] === "customer_id");
  const isPaid = Object.values(mapping).includes("amount");
  return !isPaid && rows.length > 1 && new Set(rows.map((row) => row[index])).size === rows.length;
};

/**
 * Of the kinds whose needed columns are all found, by name or by what their cells look like, the one that needs most; subscriptions where
 * there is none.
 */
export function suggestKind(header: readonly string[], rows: readonly (readonly string[])[]): UploadKind {
  const needed = (kind: UploadKind) => columnsOf(kind).filter(({ required }) => required).length;
  const isWhole = (kind: UploadKind) => {
    const byName = suggestMapping(kind, header);
    const mapping = { ...byName, ...suggestFromValues(kind, byName, header, rows) };
    if (kind === "transactions" && isEachOnce(mapping, header, rows)) return false;
    return mappingGaps(kind, mapping).missing.length === 0;
  };
  return detectedKinds.filter(isWhole).sort((a, b) => needed(b) - needed(a))[0] ?? "subscriptions";
}
