import { type SQL, sql } from "drizzle-orm";
import type { ColumnType, UploadKind } from "#contracts/upload-kinds.ts";

/**
 * The staging table of an import: TEMP, seen by its own connection only, one row per accepted row of the file (of wide
 * mrr_by_month: one per month). Cells are typed and checked before they come here.
 */
export interface StageShape {
  kind: UploadKind;
  /** In the order of the staged row; a null type is carried along and not used. */
  columns: readonly { name: string; type: ColumnType | null }[];
  /** A last column with the row's customer attributes as JSON text. */
  attributes: boolean;
  /** Two more columns, month and mrr. */
  wide: boolean;
  delimiter: string;
}

/** A filled stage, and what the file says of times. */
export interface Staged extends StageShape {
  /** Columns that some rows fill and others leave empty. */
  mixed: ReadonlySet<string>;
  /** Some time in the file names its zone. */
  zoned: boolean;
  /** Currency of rows that name none. */
  currency: string;
  /** The organisation's zone. */
  timezone: string;
  /** Zone of times that name none, where it is not the organisation's. */
  fileTimezone: string | null;
}

const sqlTypes: Record<ColumnType, string> = {
  key: "text",
  text: "text",
  amount: "numeric",
  positive: "numeric",
  percent: "numeric",
  count: "int",
  date: "timestamp",
  month: "date",
  currency: "text",
  interval: "text",
  status: "text",
  churned: "double precision",
};

/** `line`, `zones` (bits of the times that are UTC) and `n` (intervals per period) come first. */
export function createStage(shape: StageShape): SQL {
  const columns = shape.columns.map(
    ({ name, type }) => sql`, ${sql.identifier(name)} ${sql.raw(type === null ? "text" : sqlTypes[type])}`,
  );
  return sql`CREATE TEMP TABLE stage (line int, zones smallint, n int ${sql.join(columns)}
    ${shape.attributes ? sql`, attributes text` : sql``} ${shape.wide ? sql`, month date, mrr numeric` : sql``})`;
}

const quotedDelimiter = (delimiter: string): string => (delimiter === "\t" ? "E'\\t'" : `'${delimiter}'`);

export const copyStage = (shape: StageShape): SQL =>
  sql`COPY stage FROM STDIN (FORMAT text, NULL '', DELIMITER ${sql.raw(quotedDelimiter(shape.delimiter))})`;

export const analyseStage = sql`ANALYZE stage`;

export const has = (stage: StageShape, name: string): boolean =>
  stage.columns.some((column) => column.name === name) ||
  (stage.wide && (name === "month" || name === "mrr")) ||
  (stage.attributes && name === "attributes");

/** A staged column, or a typed null where the file has none. */
export function column(stage: StageShape, name: string, type: ColumnType): SQL {
  return has(stage, name) ? sql`s.${sql.identifier(name)}` : sql`NULL::${sql.raw(sqlTypes[type])}`;
}

/** Text columns that default to the file's or the organisation's currency. */
export const currencyColumn = (stage: Staged): SQL =>
  has(stage, "currency") ? sql`coalesce(s.currency, ${stage.currency})` : sql`${stage.currency}::text`;

/** Bits of `zones`, as workers/import/row-stager.ts sets them. */
export const zoneBits = { started_at: 1, date: 1, ended_at: 2, trial_end: 4, signup_at: 8 } as const;
export type TimeColumn = keyof typeof zoneBits;

const isZoned = (name: TimeColumn): SQL => sql`(s.zones & ${sql.raw(String(zoneBits[name]))}) <> 0`;

/** The instant of a staged time. */
export function instantOf(stage: Staged, name: TimeColumn): SQL {
  const value = column(stage, name, "date");
  if (!has(stage, name)) return sql`NULL::timestamptz`;
  const local = sql`${value} AT TIME ZONE ${stage.fileTimezone ?? stage.timezone}`;
  return stage.zoned
    ? sql`CASE WHEN ${isZoned(name)} THEN ${value} AT TIME ZONE 'UTC' ELSE ${local} END`
    : local;
}

/** The day on which a staged time falls in the organisation's zone; of a time without a zone, the day that is written. */
export function dayOf(stage: Staged, name: TimeColumn): SQL {
  const value = column(stage, name, "date");
  if (!has(stage, name)) return sql`NULL::date`;
  const converted = sql`(${instantOf(stage, name)} AT TIME ZONE ${stage.timezone})::date`;
  if (stage.fileTimezone !== null) return converted;
  return stage.zoned
    ? sql`CASE WHEN ${isZoned(name)} THEN ${converted} ELSE ${value}::date END`
    : sql`${value}::date`;
}

/** True where a staged time follows the organisation's zone, whatever that will be. */
export function isNaive(stage: Staged, name: TimeColumn): SQL {
  if (stage.fileTimezone !== null) return sql`false`;
  return stage.zoned ? sql`NOT (${isZoned(name)})` : sql`true`;
}
