import { type SQL, sql } from "drizzle-orm";
import type { Day } from "#metrics/day.ts";
import {
  cohortContributions,
  dayContributions,
  kinds,
  leftContributions,
  levelContributions,
  lossContributions,
  sizeContributions,
  type Tagging,
  thenContributions,
  untagged,
} from "./contributions.ts";
import type { LedgerTx } from "./ledger.ts";
import { bucketLine, monthLine, placeOf, startOf } from "./timeline.ts";

/**
 * Rollups are sums of what each customer contributes, so a refresh takes the touched customers' old contributions out and
 * puts their new ones in. Rows in which nothing is left are removed: a rollup kept up to date equals one made afresh.
 */

interface Rollup {
  table: string;
  /** After org_id and slice. */
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
  ],
};
const levelRollup: Rollup = {
  table: "level_rollup",
  keys: ["day"],
  sums: ["then_annual", "then_customers", "kept_annual", "floor_annual"],
};
const cohortRollup: Rollup = {
  table: "cohort_rollup",
  keys: ["cohort", "day"],
  sums: ["customers", "net_annual", "gross_annual", "left_customers"],
};
const cohortSize: Rollup = { table: "cohort_size", keys: ["cohort"], sums: ["customers", "initial_annual"] };
const rollups = [dayRollup, monthRollup, levelRollup, cohortRollup, cohortSize];

const names = (columns: readonly string[], write = (name: string) => name): SQL =>
  sql.raw(columns.map(write).join(", "));
const zeros = (columns: readonly string[]): SQL => names(columns, () => "0");

const select = ({ keys, sums }: Rollup, given: SQL, write: (key: string) => string): SQL => sql`
  SELECT slice, ${names(keys, write)}, ${names(sums, (name) => `${name}::text`)}
  FROM (${given}) given WHERE (${names(sums)}) <> (${zeros(sums)})`;

const insert = ({ table, keys, sums }: Rollup, orgId: string, from: SQL): SQL => sql`
  INSERT INTO ${sql.identifier(table)} AS kept (org_id, slice, ${names(keys)}, ${names(sums)})
  SELECT ${orgId}::uuid, slice, ${names(keys)}, ${names(sums, (name) => `${name}::numeric`)} FROM ${from}
  ON CONFLICT (org_id, slice, ${names(keys)}) DO UPDATE
  SET ${names(sums, (name) => `${name} = kept.${name} + excluded.${name}`)}`;

const records = ({ keys, sums }: Rollup, rows: readonly unknown[]): SQL => sql`
  jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
    AS given (slice int, ${names(keys, (name) => `${name} date`)}, ${names(sums, (name) => `${name} numeric`)})`;

/**
 * Adds what a query selects: slice, the rollup's keys and its sums by name. The few sums travel through this process, because
 * Postgres adds up in parallel only for a statement that writes nothing.
 */
async function addTo(tx: LedgerTx, rollup: Rollup, given: SQL): Promise<void> {
  const rows = await tx.rows(select(rollup, given, (name) => `${name}::text`));
  if (rows.length > 0) await tx.rows(insert(rollup, tx.orgId, records(rollup, rows)));
}

/** Adds, of few customers, what may take out as much as there was: rows in which nothing is left go. */
async function addSigned(tx: LedgerTx, rollup: Rollup, given: SQL): Promise<void> {
  const { table, keys, sums } = rollup;
  const own = ["slice", ...keys];
  const empty = await tx.rows(sql`
    WITH added AS (
      ${insert(rollup, tx.orgId, sql`(${select(rollup, given, (name) => name)}) given`)}
      RETURNING ${names(own, (name) => `kept.${name}`)}, (${names(sums, (name) => `kept.${name}`)}) = (${zeros(sums)}) AS empty)
    SELECT slice, ${names(keys, (name) => `${name}::text`)} FROM added WHERE empty`);
  if (empty.length === 0) return;
  await tx.rows(sql`
    DELETE FROM ${sql.identifier(table)} kept USING ${records(rollup, empty)}
    WHERE kept.org_id = ${tx.orgId} AND (${names(own, (name) => `kept.${name}`)}) = (${names(own, (name) => `given.${name}`)})`);
}

/**
 * Adds what the customers of a part of the stored ledger contribute.
 * @param options.daysFrom organisation.rollup_days_from
 * @param options.signed `tags` sign it, and the customers are few
 */
export async function contribute(
  tx: LedgerTx,
  ledger: SQL,
  { daysFrom, tags = untagged, signed = false }: { daysFrom: Day; tags?: Tagging; signed?: boolean },
): Promise<void> {
  const [range] = await tx.rows<{ first: Day | null; last: Day | null }>(
    sql`SELECT min(day)::text AS first, max(day)::text AS last FROM ${ledger} m`,
  );
  if (!range?.first || !range.last) return;
  const months = monthLine(range.first, range.last);
  const buckets = bucketLine(range.first, range.last, daysFrom);
  const cohort = placeOf(sql`m.cohort_day`, months);
  const add = (rollup: Rollup, given: SQL) => (signed ? addSigned : addTo)(tx, rollup, given);
  await add(
    dayRollup,
    dayContributions(
      ledger,
      tags,
      sql`CASE WHEN ${tags.slice("m")} = 0 THEN m.day ELSE ${startOf(placeOf(sql`m.day`, buckets), buckets)} END`,
    ),
  );
  await add(
    monthRollup,
    sql`SELECT ${startOf(sql`p`, months)} AS month, * FROM (${lossContributions(ledger, months, tags)}) c`,
  );
  await add(
    levelRollup,
    sql`SELECT slice, ${startOf(sql`p`, buckets)} AS day, sum(then_annual) AS then_annual,
        sum(then_customers)::bigint AS then_customers, sum(kept_annual) AS kept_annual, sum(floor_annual) AS floor_annual
      FROM (
        SELECT slice, p, 0 AS then_annual, 0 AS then_customers, kept_annual, floor_annual
        FROM (${levelContributions(ledger, buckets, tags)}) c
        UNION ALL SELECT slice, p, then_annual, then_customers, 0, 0 FROM (${thenContributions(ledger, buckets, tags)}) c) parts
      GROUP BY slice, p`,
  );
  await add(
    cohortRollup,
    sql`SELECT slice, cohort, day, sum(customers)::bigint AS customers, sum(net_annual) AS net_annual,
        sum(gross_annual) AS gross_annual, sum(left_customers)::bigint AS left_customers
      FROM (
        SELECT slice, ${startOf(sql`c.cohort`, months)} AS cohort, ${startOf(sql`c.p`, buckets)} AS day, customers,
          net_annual, gross_annual, 0 AS left_customers
        FROM (${cohortContributions(ledger, buckets, cohort, tags)}) c
        UNION ALL
        SELECT slice, ${startOf(sql`c.cohort`, months)}, ${startOf(sql`c.p`, months)}, 0, 0, 0, left_customers
        FROM (${leftContributions(ledger, months, cohort, tags)}) c) parts
      GROUP BY 1, 2, 3`,
  );
  await add(
    cohortSize,
    sql`SELECT slice, ${startOf(sql`c.cohort`, buckets)} AS cohort, customers, initial_annual
      FROM (${sizeContributions(ledger, buckets, tags)}) c`,
  );
}

/** Forgets the sums of everything, or of all slices and not of the whole. */
export async function clearRollups(tx: LedgerTx, which: "all" | "slices"): Promise<void> {
  for (const { table } of rollups)
    await tx.rows(sql`DELETE FROM ${sql.identifier(table)} WHERE org_id = ${tx.orgId}
      ${which === "all" ? sql`` : sql`AND slice > 0`}`);
}
