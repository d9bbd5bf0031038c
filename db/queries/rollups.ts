import { type SQL, sql } from "drizzle-orm";
import type { Day } from "#metrics/day.ts";
import {
  cohortContributions,
  comparisonContributions,
  dayArray,
  dayContributions,
  kinds,
  monthLine,
  placeOf,
} from "./contributions.ts";
import type { LedgerTx } from "./ledger.ts";

/**
 * Rollups are sums of what each customer contributes, so a refresh takes the touched customers' old contributions out and
 * puts their new ones in. Rows in which nothing is left are removed: a rollup kept up to date equals one made afresh.
 */

interface Rollup {
  table: string;
  keys: readonly string[];
  /** Columns that add up. */
  sums: readonly string[];
}

const annuals = kinds.map((kind) => `${kind}_annual`);

const dayRollup: Rollup = {
  table: "day_rollup",
  keys: ["day"],
  sums: [...annuals, "new_customers", "reactivated_customers", "churned_customers", "rows"],
};
const monthRollup: Rollup = {
  table: "month_rollup",
  keys: ["month"],
  sums: [
    "new_customers",
    "churned_customers",
    "lost_annual",
    "lost_customers",
    "flash_customers",
    ...annuals.map((column) => `flash_${column}`),
    "kept_annual",
    "floor_annual",
  ],
};
const cohortRollup: Rollup = {
  table: "cohort_rollup",
  keys: ["cohort", "month"],
  sums: ["customers", "net_annual", "gross_annual", "left_customers"],
};
const cohortSize: Rollup = { table: "cohort_size", keys: ["cohort"], sums: ["customers", "initial_annual"] };
const rollups = [dayRollup, monthRollup, cohortRollup, cohortSize];

const names = (columns: readonly string[], write = (name: string) => name): SQL =>
  sql.raw(columns.map(write).join(", "));
const zeros = (columns: readonly string[]): SQL => names(columns, () => "0");

/**
 * Adds (or, with -1, takes out) what a query selects: the rollup's keys and sums by name. The few sums travel through this
 * process, because Postgres adds up in parallel only for a statement that writes nothing.
 */
async function addTo(tx: LedgerTx, { table, keys, sums }: Rollup, sign: 1 | -1, given: SQL): Promise<void> {
  const rows = await tx.rows(sql`
    SELECT ${names(keys, (name) => `${name}::text`)}, ${names(sums, (name) => `${name}::text`)}
    FROM (${given}) given WHERE (${names(sums)}) <> (${zeros(sums)})`);
  if (rows.length === 0) return;
  await tx.rows(sql`
    INSERT INTO ${sql.identifier(table)} AS kept (org_id, ${names(keys)}, ${names(sums)})
    SELECT ${tx.orgId}::uuid, ${names(keys)}, ${names(sums, (name) => `${sign} * ${name}`)}
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      AS given (${names(keys, (name) => `${name} date`)}, ${names(sums, (name) => `${name} numeric`)})
    ON CONFLICT (org_id, ${names(keys)}) DO UPDATE
    SET ${names(sums, (name) => `${name} = kept.${name} + excluded.${name}`)}`);
}

/** Adds what the customers of a part of the stored ledger contribute, or takes it out. */
export async function contribute(tx: LedgerTx, ledger: SQL, sign: 1 | -1): Promise<void> {
  const [range] = await tx.rows<{ first: Day | null; last: Day | null }>(
    sql`SELECT min(day) AS first, max(day) AS last FROM ${ledger} m`,
  );
  if (!range?.first || !range.last) return;
  const line = monthLine(range.first, range.last);
  const month = (place: SQL): SQL => sql`(${dayArray(line.starts)})[${place}]`;
  await addTo(tx, dayRollup, sign, dayContributions(ledger));
  await addTo(
    tx,
    monthRollup,
    sign,
    sql`SELECT ${month(sql`p`)} AS month, * FROM (${comparisonContributions(ledger, line)}) c`,
  );
  await addTo(
    tx,
    cohortRollup,
    sign,
    sql`SELECT ${month(sql`c.cohort`)} AS cohort, ${month(sql`c.p`)} AS month, customers, net_annual, gross_annual, left_customers
      FROM (${cohortContributions(ledger, line)}) c`,
  );
  await addTo(
    tx,
    cohortSize,
    sign,
    sql`SELECT ${month(placeOf(sql`m.day`, line))} AS cohort, count(*) AS customers, sum(m.annual) AS initial_annual
      FROM ${ledger} m WHERE m.kind = 'new' AND m.day = m.cohort_day GROUP BY 1`,
  );
}

/** Removes the rows in which nothing is left, or every row. */
export async function clearRollups(tx: LedgerTx, which: "empty" | "all"): Promise<void> {
  for (const { table, sums } of rollups)
    await tx.rows(sql`DELETE FROM ${sql.identifier(table)} WHERE org_id = ${tx.orgId}
      ${which === "all" ? sql`` : sql`AND (${names(sums)}) = (${zeros(sums)})`}`);
}
