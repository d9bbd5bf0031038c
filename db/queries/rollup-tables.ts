import { type SQL, sql } from "drizzle-orm";
import { kinds } from "./contributions.ts";
import type { LedgerTx } from "./ledger.ts";
import { lossSums } from "./loss-changes.ts";

/** The tables of rollups as they are written: what is added, merged and forgotten. What their sums are of: rollups.ts. */

export interface Rollup {
  table: string;
  /** The column of pending_sums that holds rows of it. */
  pending: string;
  /** After org_id and slice. */
  keys: readonly string[];
  /** Columns that add up. */
  sums: readonly string[];
}

const annuals = kinds.map((kind) => `${kind}_annual`);

export const dayRollup: Rollup = {
  table: "day_rollup",
  pending: "days",
  keys: ["day"],
  sums: [...annuals, "new_customers", "reactivated_customers", "churned_customers", "rows"],
};
export const monthRollup: Rollup = {
  table: "month_rollup",
  pending: "months",
  keys: ["day"],
  sums: lossSums,
};
export const levelRollup: Rollup = {
  table: "level_rollup",
  pending: "levels",
  keys: ["day"],
  sums: ["then_annual", "then_customers", "kept_annual", "floor_annual"],
};
export const cohortRollup: Rollup = {
  table: "cohort_rollup",
  pending: "cohorts",
  keys: ["cohort", "day"],
  sums: ["customers", "net_annual", "gross_annual", "left_customers"],
};
export const cohortSize: Rollup = {
  table: "cohort_size",
  pending: "sizes",
  keys: ["cohort"],
  sums: ["customers", "initial_annual"],
};
export const rollups: readonly Rollup[] = [dayRollup, monthRollup, levelRollup, cohortRollup, cohortSize];

export const names = (columns: readonly string[], write = (name: string) => name): SQL =>
  sql.raw(columns.map(write).join(", "));
const zeros = (columns: readonly string[]): SQL => names(columns, () => "0");

/** The columns of a rollup's row that say something of its slice. @param alias of the FROM item that they are of */
export const columnsOf = ({ keys, sums }: Rollup, alias?: string): SQL =>
  names([...keys, ...sums], (name) => (alias === undefined ? name : `${alias}.${name}`));

/** A row of `slice` and these columns as one of the table. */
export const asRow = (rollup: Rollup, orgId: string): SQL =>
  sql`ROW(${orgId}::uuid, slice, ${columnsOf(rollup)})::${sql.identifier(rollup.table)}`;

/** Whether anything is left in a row. */
export const isAny = ({ sums }: Rollup): SQL => sql`(${names(sums)}) <> (${zeros(sums)})`;

/** FROM item with rows of a rollup, without their slices. */
export type RollupRows = (rollup: Rollup) => SQL;

/** SELECT slice, keys and sums, of which some are not 0. */
const select = (rollup: Rollup, given: SQL): SQL => sql`
  SELECT slice, ${names([...rollup.keys, ...rollup.sums], (name) => `${name}::text`)} FROM (${given}) given WHERE ${isAny(rollup)}`;

const insert = ({ table, keys, sums }: Rollup, orgId: string, rows: readonly unknown[]): SQL => sql`
  INSERT INTO ${sql.identifier(table)} AS kept (org_id, slice, ${names(keys)}, ${names(sums)})
  SELECT ${orgId}::uuid, slice, ${names(keys)}, ${names(sums)} FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
    AS given (slice int, ${names(keys, (name) => `${name} date`)}, ${names(sums, (name) => `${name} numeric`)})
  ON CONFLICT (org_id, slice, ${names(keys)}) DO UPDATE
  SET ${names(sums, (name) => `${name} = kept.${name} + excluded.${name}`)}`;

/**
 * Adds what a query selects: slice, the rollup's keys and its sums by name. The few sums travel through this process, because
 * Postgres adds up in parallel only for a statement that writes nothing.
 */
export async function addTo(tx: LedgerTx, rollup: Rollup, given: SQL): Promise<void> {
  const rows = await tx.rows(select(rollup, given));
  if (rows.length > 0) await tx.rows(insert(rollup, tx.orgId, rows));
}

/**
 * SELECT slice, the rollup's keys and its sums, of rows of `given` in each slice that their member has a tag of. Most sums of a row are
 * 0, and each row counts in many slices: what is null is not added at all.
 * @param day on which a row `own` counts in a slice `tag`; default: its own
 */
export const inSlices = (rollup: Rollup, given: SQL, tags: SQL, day = sql`own.day`): SQL => sql`
  SELECT tag.slice, ${sql.join(
    rollup.keys.map((name) => (name === "day" ? sql`${day} AS day` : sql.raw(`own.${name}`))),
    sql`, `,
  )}, ${names(rollup.sums, (name) => `coalesce(sum(own.${name}), 0) AS ${name}`)}
  FROM (
    SELECT slice, ${names(rollup.keys)}, ${names(rollup.sums, (name) => `nullif(${name}, 0) AS ${name}`)} FROM (${given}) every
    WHERE ${isAny(rollup)}
    -- looked at once per row, and not once per slice
    OFFSET 0
  ) own JOIN ${tags} tag ON tag.member = own.slice
  GROUP BY ${sql.raw(["slice", ...rollup.keys].map((_, i) => i + 1).join(", "))}`;

/**
 * Adds what `given` selects: slice, the rollup's keys and its sums, one row each; rows in which nothing is left go.
 */
export const exchange = (rollup: Rollup, orgId: string, given: SQL): SQL =>
  // an array of rows, which the planner takes for short: it looks each up, and does not read the whole rollup
  merge(
    rollup,
    orgId,
    sql`unnest(ARRAY(SELECT ${asRow(rollup, orgId)} FROM (${given}) given WHERE ${isAny(rollup)}))`,
  );

/** The same of few rows of slice 0 alone, whatever joins the planner may use. @param given name of a CTE with such rows */
export function exchangeWhole(rollup: Rollup, orgId: string, given: SQL): SQL {
  const key = sql.identifier(rollup.keys[0] ?? "");
  return merge(
    rollup,
    orgId,
    given,
    sql`AND kept.slice = 0 AND kept.${key} = ANY (ARRAY(SELECT ${key} FROM ${given}))`,
  );
}

/** @param rows FROM item @param among which rows of `kept` they are */
function merge(rollup: Rollup, orgId: string, rows: SQL, among = sql``): SQL {
  const { table, keys, sums } = rollup;
  const risen = names(sums, (name) => `kept.${name} + given.${name}`);
  const named = ["slice", ...keys];
  return sql`
  MERGE INTO ${sql.identifier(table)} kept
  USING ${rows} given
  ON kept.org_id = ${orgId} ${among} AND (${names(named, (name) => `kept.${name}`)}) = (${names(named, (name) => `given.${name}`)})
  WHEN MATCHED AND (${risen}) = (${zeros(sums)}) THEN DELETE
  WHEN MATCHED THEN UPDATE SET ${names(sums, (name) => `${name} = kept.${name} + given.${name}`)}
  WHEN NOT MATCHED THEN INSERT (org_id, slice, ${columnsOf(rollup)})
    VALUES (${orgId}, given.slice, ${columnsOf(rollup, "given")})`;
}

/** What was added up in several parts may have come to nothing; kept up to date, such a row would be gone. */
export async function dropEmptied(tx: LedgerTx): Promise<void> {
  for (const { table, sums } of rollups)
    await tx.rows(
      sql`DELETE FROM ${sql.identifier(table)} WHERE org_id = ${tx.orgId} AND (${names(sums)}) = (${zeros(sums)})`,
    );
}

/** Forgets the sums of everything, of all slices and not of the whole (nothing of them may be pending, for both), or of one slice. */
export async function clearRollups(tx: LedgerTx, which: "all" | "slices" | number): Promise<void> {
  if (typeof which === "number")
    await tx.rows(sql`UPDATE pending_sums SET slices = array_remove(slices, ${which}::int)
      WHERE org_id = ${tx.orgId} AND ${which}::int = ANY (slices)`);
  const some = { all: sql``, slices: sql`AND slice > 0` };
  for (const { table } of rollups)
    await tx.rows(sql`DELETE FROM ${sql.identifier(table)} WHERE org_id = ${tx.orgId}
      ${typeof which === "number" ? sql`AND slice = ${which}` : some[which]}`);
}
