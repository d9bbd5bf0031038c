import { type SQL, sql } from "drizzle-orm";
import { isSubscriptionKey } from "#metrics/segments.ts";
import type { FilterValues } from "./filters.ts";
import { findKeptSums, noteWanted, singleValues } from "./kept-sums.ts";
import type { LedgerTx } from "./ledger.ts";
import { rowsOfSlices } from "./pending-sums.ts";
import type { RollupRows } from "./rollup-tables.ts";
import { listSliceKeys } from "./slices.ts";

/** What the slices hold of a filter. */
export interface FilterSlices {
  /** SELECT of the rows that make the filter's ledger. */
  ledger: SQL;
  /** Rows of rollups whose sums are the filter's; null: they do not add up to it. */
  rolled: RollupRows | null;
  /** Of all values that are asked for, as far as anybody has them. */
  ids: number[];
}

const columns = sql.raw(
  "customer_id, day, until_day, kind, annual, before_annual, cohort_day, initial_annual, cause, recent",
);

/**
 * The slices of a filter: of any customer keys with any values, and of at most one value of one subscription key, for a
 * swap between two values that both match is no movement. Null where the slices do not tell.
 */
export async function findSlices(tx: LedgerTx, filter: FilterValues): Promise<FilterSlices | null> {
  const asked = Object.entries(filter).filter(([, values]) => values.length > 0);
  const ofSubscriptions = asked.filter(([key]) => isSubscriptionKey(key));
  const [one] = ofSubscriptions;
  if (ofSubscriptions.length > 1 || (one && new Set(one[1]).size > 1)) return null;
  // asked in one breath: whoever filters waits for one answer of the database less
  const single = singleValues(filter);
  const question = single && { filter: single, grain: "month" as const };
  const [kept, found, own] = await Promise.all([
    listSliceKeys(tx),
    tx.rows<{ key: string; id: number }>(sql`
    SELECT s.key, s.id FROM slice s JOIN jsonb_to_recordset(${JSON.stringify(
      asked.flatMap(([key, values]) => values.map((value) => ({ key, value }))),
    )}::jsonb) AS a (key text, value text) ON a.key = s.key AND a.value = s.value WHERE s.org_id = ${tx.orgId}`),
    question && findKeptSums(tx, question),
  ]);
  const known = new Map(kept.map((key) => [key.key, key]));
  if (question && own !== null) noteWanted(tx, question);
  const keys = asked.flatMap(([key]) => known.get(key) ?? []);
  if (keys.length < asked.length) return null;
  const listIds = (key: string): number[] => found.flatMap((slice) => (slice.key === key ? slice.id : []));
  const idsOf = (key: string): SQL => sql`${`{${listIds(key).join(",")}}`}::int[]`;
  /** Of many rows: to compare with one number takes less than to look in an array. */
  const isAmong = (slice: SQL, key: string): SQL => {
    const [id, ...more] = listIds(key);
    return id === undefined || more.length > 0
      ? sql`${slice} = ANY (${idsOf(key)})`
      : sql`${slice} = ${id}::int`;
  };
  const isTagged = (some: typeof keys): SQL =>
    sql.join(
      some.map(({ key, position }) => isAmong(sql`s.slices[${sql.raw(String(position))}]`, key)),
      sql` AND `,
    );
  /** SELECT of the customers `s` that have all of some keys. Few have a value that is one of very many: those are looked up. */
  const taggedBy = (some: typeof keys): SQL => {
    const [rare] = some.filter(({ kept }) => kept === "tags");
    if (!rare)
      return sql`SELECT s.customer_id FROM customer_slice s WHERE s.org_id = ${tx.orgId} AND ${isTagged(some)}`;
    const found = sql`SELECT s.customer_id FROM slice_member s WHERE s.org_id = ${tx.orgId} AND s.slice = ANY (${idsOf(rare.key)})`;
    const others = some.filter((key) => key !== rare);
    return others.length === 0
      ? found
      : sql`SELECT s.customer_id FROM customer_slice s WHERE s.org_id = ${tx.orgId} AND s.customer_id = ANY (ARRAY(${found})) AND ${isTagged(others)}`;
  };
  const [only] = keys.length === 1 ? keys : [];
  const isRolled = own !== null || only?.kept === "rollups";
  const others = keys.filter(({ key }) => !isSubscriptionKey(key));
  const members = (of: typeof keys, id: SQL): SQL =>
    // few rows are asked of a ledger that has rollups: those are looked up; else all rows of the customers that match
    isRolled
      ? sql`EXISTS (${taggedBy(of)} AND s.customer_id = ${id})`
      : sql`${id} = ANY (ARRAY(${taggedBy(of)}))`;
  const whole = sql`SELECT ${columns} FROM movement m WHERE m.org_id = ${tx.orgId} AND ${members(keys, sql`m.customer_id`)}`;
  const parts =
    one &&
    sql`SELECT ${columns} FROM movement_part p WHERE p.org_id = ${tx.orgId} AND p.slice = ANY (${idsOf(one[0])})
      ${others.length > 0 ? sql`AND ${members(others, sql`p.customer_id`)}` : sql``}`;
  const ofValues = only?.kept === "rollups" ? listIds(only.key) : null;
  const rolled = own === null ? ofValues : [own];
  return {
    ledger: parts ? sql`${whole} UNION ALL ${parts}` : whole,
    rolled: rolled && rowsOfSlices(tx, rolled),
    ids: found.map(({ id }) => id),
  };
}
