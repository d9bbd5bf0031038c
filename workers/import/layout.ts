import {
  type CanonicalColumn,
  type ColumnType,
  columnsOf,
  type UploadKind,
} from "#contracts/upload-kinds.ts";
import type { Dialect } from "#contracts/uploads.ts";
import { headerMonth } from "./dates.ts";
import { isWide } from "./mapping.ts";

/** Where the cells of a file go in the staging table. */

/** A column of the staging table. */
export interface StageColumn {
  /** Column of the file, counted from 0. */
  index: number;
  /** Canonical name, or `skipped_N` for what only stands between. */
  name: string;
  /** Null: skipped. */
  type: ColumnType | null;
  required: boolean;
}

export interface Layout {
  kind: UploadKind;
  /** File columns by name, for messages. */
  names: readonly string[];
  columns: StageColumn[];
  /** File columns that become customer attributes. */
  attributes: { index: number; name: string }[];
  /** Wide mrr_by_month: file column → month. Then `columns` leave out month and mrr, which come last. */
  months: { index: number; month: string }[];
  /** Columns lie as in the file and hold nothing else: a plain record may be passed on as it stands. */
  verbatim: boolean;
  /** Between the columns of a staged row: the file's own where rows may be passed on. */
  delimiter: string;
  quote: string | null;
}

/** What COPY takes for a delimiter, and no cell needs to be checked for. */
const copyDelimiters = new Set([",", ";", "\t", "|"]);
/** So many ignored columns are carried along rather than cut out. */
const maxSkipped = 8;

export function layoutOf(
  kind: UploadKind,
  names: readonly string[],
  targets: readonly (string | null)[],
  dialect: Pick<Dialect, "delimiter" | "quote">,
): Layout {
  const known = new Map(columnsOf(kind).map((column): [string, CanonicalColumn] => [column.name, column]));
  const wide = isWide(kind, targets, names);
  const attributes: Layout["attributes"] = [];
  const months: Layout["months"] = [];
  const columns: StageColumn[] = [];
  const skipped: StageColumn[] = [];
  targets.forEach((target, index) => {
    const column = target === null ? undefined : known.get(target);
    if (wide && target === "mrr") months.push({ index, month: headerMonth(names[index]!) ?? "" });
    else if (target?.startsWith("attr.")) attributes.push({ index, name: target.slice(5) });
    else if (column) columns.push({ index, name: column.name, type: column.type, required: column.required });
    else skipped.push({ index, name: `skipped_${index}`, type: null, required: false });
  });
  const verbatim =
    !wide &&
    attributes.length === 0 &&
    skipped.length <= maxSkipped &&
    !columns.some(({ type }) => type === "churned") &&
    copyDelimiters.has(dialect.delimiter);
  return {
    kind,
    names,
    columns: verbatim ? [...columns, ...skipped].sort((a, b) => a.index - b.index) : columns,
    attributes,
    months,
    verbatim,
    delimiter: verbatim ? dialect.delimiter : "\t",
    quote: dialect.quote,
  };
}
