import { type SQL, sql } from "drizzle-orm";
import type { LedgerTx } from "./ledger.ts";
import {
  asRow,
  columnsOf,
  exchangeWhole,
  inSlices,
  isAny,
  type Rollup,
  type RollupRows,
} from "./rollup-tables.ts";
import type { Exchanged } from "./rollups.ts";

/**
 * Sums that are not folded into those of their slices yet (docs/decisions/015-slices.md). A customer counts in many slices: to merge what
 * changed into each of them takes longer than anything else that a refresh does. So it merges that into the whole alone, and leaves it
 * here once for all who count in the same slices. Whoever reads a slice adds it, until a job has folded it in (fold-sums.ts).
 */

/** Rows of rollups that make up the sums of some slices, none of whose customers is in two of them. */
export function rowsOfSlices({ orgId }: Pick<LedgerTx, "orgId">, slices: readonly number[]): RollupRows {
  const ids = sql`${`{${slices.join(",")}}`}::int[]`;
  return (rollup) => sql`(
    SELECT ${columnsOf(rollup)} FROM ${sql.identifier(rollup.table)} WHERE org_id = ${orgId} AND slice = ANY (${ids})
    UNION ALL SELECT ${columnsOf(rollup, "u")} FROM pending_sums p, unnest(p.${sql.identifier(rollup.pending)}) u
    WHERE p.org_id = ${orgId} AND p.${sql.identifier(rollup.pending)} IS NOT NULL AND p.slices && ${ids})`;
}

/** FROM item (slice and a rollup's columns): what makes up the sums of each slice. */
export const rowsPerSlice = ({ orgId }: Pick<LedgerTx, "orgId">, rollup: Rollup): SQL => sql`(
  SELECT slice, ${columnsOf(rollup)} FROM ${sql.identifier(rollup.table)} WHERE org_id = ${orgId}
  UNION ALL SELECT s.slice, ${columnsOf(rollup, "u")}
  FROM pending_sums p, unnest(p.slices) s (slice), unnest(p.${sql.identifier(rollup.pending)}) u
  WHERE p.org_id = ${orgId} AND p.${sql.identifier(rollup.pending)} IS NOT NULL)`;

/** FROM item (member, slice). @param members FROM item (member, slices) */
export const tagsOf = (members: SQL): SQL => sql`(
  SELECT member, unnest(slices) AS slice FROM (SELECT DISTINCT ON (member) member, slices FROM ${members} m) d)`;

/**
 * Leaves sums of members pending, and adds to the whole what they come to of those who count in it.
 * @param members FROM item (member, slices)
 */
export const leavePending =
  (members: SQL): Exchanged["write"] =>
  (rollup, orgId, given) =>
    sql`
    WITH given AS MATERIALIZED (SELECT * FROM (${given}) every WHERE ${isAny(rollup)}),
    member AS (SELECT DISTINCT ON (member) member, slices FROM ${members} m),
    added AS (
      INSERT INTO pending_sums (org_id, slices, ${sql.identifier(rollup.pending)})
      SELECT ${orgId}::uuid, array_remove(slices, 0), rows FROM member JOIN (
        SELECT slice AS member, array_agg(${asRow(rollup, orgId)}) AS rows FROM given GROUP BY slice) r USING (member)
      WHERE slices <> '{0}'
    ),
    whole AS MATERIALIZED (SELECT * FROM (${inSlices(
      rollup,
      sql`SELECT * FROM given`,
      sql`(SELECT member, 0 AS slice FROM member WHERE 0 = ANY (slices))`,
    )}) every WHERE ${isAny(rollup)})
    ${exchangeWhole(rollup, orgId, sql`whole`)}`;
