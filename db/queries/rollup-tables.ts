import { type SQL, sql } from "drizzle-orm";
import { kinds } from "./contributions.ts";
import type { LedgerTx } from "./ledger.ts";
import { lossSums } from "./loss-changes.ts";

/** The tables of rollups as they are written: what is added, merged and forgotten. What their sums are of: rollups.ts. */

export interface Rollup {
  table: string;
  /** After org_id and slice. */
  keys: readonly string[];
  /** Columns that add up. */
  sums: readonly string[];
}

const annuals = kinds.map((kind) => `${kind}_annual`);

export const dayRollup: Rollup = {
  table: "day_rollup",
  keys: ["day"],
  sums: [...annuals, "new_customers", "reactivated_customers", "churned_customers", "rows"],
};
export const monthRollup: Rollup = {
  table: "month_rollup",
  keys: ["day"],
  sums: lossSums,
};
export const levelRollup: Rollup = {
  table: "level_rollup",
  keys: ["day"],
  sums: ["then_annual", "then_customers", "kept_annual", "floor_annual"],
};
export const cohortRollup: Rollup = {
  table: "cohort_rollup",
  keys: ["cohort", "day"],
  sums: ["customers", "net_annual", "gross_annual", "left_customers"],
};
export const cohortSize: Rollup = {
  table: "cohort_size",
  keys: ["cohort"],
  sums: ["customers", "initial_annual"],
};
const rollups = [dayRollup, monthRollup, levelRollup, cohortRollup, cohortSize];

export const names = (columns: readonly string[], write = (name: string) => name): SQL =>
  sql.raw(columns.map(write).join(", "));
const zeros = (columns: readonly string[]): SQL => names(columns, () => "0");

/** SELECT slice, keys and sums, of which some are not 0. */
const select = ({ keys, sums }: Rollup, given: SQL): SQL => sql`
  SELECT slice, ${names(keys, (name) => `${name}::text`)}, ${names(sums, (name) => `${name}::text`)}
  FROM (${given}) given WHERE (${names(sums)}) <> (${zeros(sums)})`;

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
 */
export const inSlices = ({ keys, sums }: Rollup, given: SQL, tags: SQL): SQL => sql`
  SELECT tag.slice, ${names(keys, (name) => `own.${name}`)}, ${names(sums, (name) => `coalesce(sum(own.${name}), 0) AS ${name}`)}
  FROM (
    SELECT slice, ${names(keys)}, ${names(sums, (name) => `nullif(${name}, 0) AS ${name}`)} FROM (${given}) every
    WHERE (${names(sums)}) <> (${zeros(sums)})
    -- looked at once per row, and not once per slice
    OFFSET 0
  ) own JOIN ${tags} tag ON tag.member = own.slice
  GROUP BY tag.slice, ${names(keys, (name) => `own.${name}`)}`;

/**
 * Adds what `given` selects: slice, the rollup's keys and its sums, one row each; rows in which nothing is left go.
 */
export const exchange = ({ table, keys, sums }: Rollup, orgId: string, given: SQL): SQL => sql`
  MERGE INTO ${sql.identifier(table)} kept
  -- an array of rows, which the planner takes for short: it looks each up, and does not read the whole rollup
  USING unnest(ARRAY(
    SELECT ROW(${orgId}::uuid, ${names(["slice", ...keys, ...sums])})::${sql.identifier(table)} FROM (${given}) given
    WHERE (${names(sums)}) <> (${zeros(sums)})
  )) given
  ON kept.org_id = ${orgId} AND (${names(["slice", ...keys], (name) => `kept.${name}`)}) = (${names(["slice", ...keys], (name) => `given.${name}`)})
  WHEN MATCHED AND (${names(sums, (name) => `kept.${name} + given.${name}`)}) = (${zeros(sums)}) THEN DELETE
  WHEN MATCHED THEN UPDATE SET ${names(sums, (name) => `${name} = kept.${name} + given.${name}`)}
  WHEN NOT MATCHED THEN INSERT (org_id, slice, ${names(keys)}, ${names(sums)})
    VALUES (${orgId}, ${names(["slice", ...keys, ...sums], (name) => `given.${name}`)})`;

/** What was added up in several parts may have come to nothing; kept up to date, such a row would be gone. */
export async function dropEmptied(tx: LedgerTx): Promise<void> {
  for (const { table, sums } of rollups)
    await tx.rows(
      sql`DELETE FROM ${sql.identifier(table)} WHERE org_id = ${tx.orgId} AND (${names(sums)}) = (${zeros(sums)})`,
    );
}

/** Forgets the sums of everything, of all slices and not of the whole, or of one slice. */
export async function clearRollups(tx: LedgerTx, which: "all" | "slices" | number): Promise<void> {
  const some = { all: sql``, slices: sql`AND slice > 0` };
  for (const { table } of rollups)
    await tx.rows(sql`DELETE FROM ${sql.identifier(table)} WHERE org_id = ${tx.orgId}
      ${typeof which === "number" ? sql`AND slice = ${which}` : some[which]}`);
}
