import { type SQL, sql } from "drizzle-orm";
import type { FilterOptions } from "#contracts/analytics.ts";
import { sizeBands } from "#metrics/composition.ts";
import type { Day } from "#metrics/day.ts";
import { subscriptionKeys } from "#metrics/segments.ts";
import { tenureBands } from "#metrics/tenure.ts";
import { holdsToday, type Measure, measures } from "./filter-condition.ts";
import { type LedgerTx, notExcluded } from "./ledger.ts";
import { rowsPerSlice } from "./pending-sums.ts";
import { cohortSize } from "./rollup-tables.ts";
import { listSliceKeys, type SliceKey } from "./slices.ts";

const labels: Record<string, string> = {
  plan: "Plan",
  interval: "Billing interval",
  currency: "Currency",
  source: "Source",
  country: "Country",
  size: "Size",
  tenure: "Tenure",
};
/** The fixed keys come first, in this order; attributes follow by name. */
const order = Object.keys(labels);
/** Bands come in their own order, values by how many have them. */
const bandOrder: Record<string, readonly string[]> = {
  size: sizeBands.map(({ key }) => key),
  tenure: tenureBands.map(({ key }) => key),
};
const mostValues = 100;
const mostAttributes = 100;

/** Looking at every customer of more than this takes longer than a page may. */
const mostCounted = 1_000;

/** How many customers have a value. */
export interface ValueCount extends Record<string, unknown> {
  key: string;
  value: string;
  customers: string;
}

/** Gives what was counted lately under a name, or counts. */
export type KeepCounts = (name: string, count: () => Promise<ValueCount[]>) => Promise<ValueCount[]>;

/**
 * Values that exist per filter key with how many customers have them, most first; at most 100 values of a key. Of a large
 * organisation the customers that have ever paid are counted: their slices know.
 * @param keep of a large organisation, what a look at every customer would have to tell
 */
export async function listFilterOptions(
  tx: LedgerTx,
  keep: KeepCounts = (_, count) => count(),
  most = mostCounted,
): Promise<FilterOptions> {
  const [[size], span] = await Promise.all([
    tx.rows<{ large: boolean; sliced: boolean }>(sql`
      SELECT slices_built AS sliced, (SELECT count(*) > ${most} FROM (
        SELECT FROM customer WHERE org_id = ${tx.orgId} LIMIT ${most + 1}) first) AS large
      FROM organisation WHERE id = ${tx.orgId}`),
    findSpan(tx),
  ]);
  const count = (...counted: SQL[]) => tx.rows<ValueCount>(mostFirst(sql.join(counted, union)));
  const countAll = () => count(customersOf(tx.orgId), ...bands(tx.orgId));
  const countSliced = async () => {
    const keys = await listSliceKeys(tx);
    return [
      ...(await count(sliced(tx))),
      ...(await keep("beside slices", () => count(...bands(tx.orgId), ...tagged(keys, tx.orgId)))),
    ];
  };
  const counts = await (!size?.large ? countAll() : size.sliced ? countSliced() : keep("all", countAll));
  const byKey = new Map<string, FilterOptions["options"][number]>();
  for (const { key, value, customers } of counts) {
    const option = byKey.get(key) ?? { key, label: labels[key] ?? key.slice("attr.".length), values: [] };
    byKey.set(key, option);
    option.values.push({ value, customers: Number(customers) });
  }
  for (const [key, bands] of Object.entries(bandOrder))
    byKey.get(key)?.values.sort((a, b) => bands.indexOf(a.value) - bands.indexOf(b.value));
  const fixed = order.flatMap((key) => byKey.get(key) ?? []);
  const attributes = [...byKey.values()]
    .filter(({ key }) => !order.includes(key))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .slice(0, mostAttributes);
  return { options: [...fixed, ...attributes], ...span };
}

/** The first and the last day with a movement, null without data. */
export async function findSpan(tx: LedgerTx): Promise<Span> {
  const [span] = await tx.rows<Span>(sql`
    SELECT min(day)::text AS first_day, max(day)::text AS last_day FROM day_rollup WHERE org_id = ${tx.orgId} AND slice = 0`);
  return span ?? { first_day: null, last_day: null };
}
interface Span extends Record<"first_day" | "last_day", Day | null> {}

const union = sql` UNION ALL `;

/** Of SELECTs of key, value and customers: most first per key, not too many. */
const mostFirst = (counted: SQL): SQL => sql`
  WITH counted AS (${counted}), ranked AS (
    SELECT *, row_number() OVER (PARTITION BY key ORDER BY customers DESC, value) AS nth FROM counted
  )
  SELECT key, value, customers::text AS customers FROM ranked WHERE nth <= ${mostValues} ORDER BY key, nth`;

/** Who is in each band today. */
const bands = (orgId: string): SQL[] =>
  Object.entries(measures).map(
    ([key, { known, band }]: [string, Measure]) => sql`
      SELECT ${key} AS key, ${band} AS value, count(*) AS customers FROM movement s
      WHERE s.org_id = ${orgId} AND ${holdsToday} AND ${known} GROUP BY 2`,
  );

/** SELECT key, value, customers: who has a value now. */
const customersOf = (orgId: string): SQL => sql`
  ${sql.join(
    subscriptionKeys.map((key) => {
      const column = sql.identifier(key);
      return sql`SELECT ${key} AS key, value, count(*) AS customers FROM (
        SELECT DISTINCT v.customer_id, v.${column} AS value FROM subscription_version v
        WHERE v.org_id = ${orgId} AND v.superseded_by IS NULL AND v.${column} <> '' AND v.customer_id NOT IN (
          SELECT id FROM customer WHERE org_id = ${orgId} AND excluded_reason IS NOT NULL) ${notExcluded(orgId)}
      ) v GROUP BY value`;
    }),
    union,
  )}
  UNION ALL
  SELECT 'country', country, count(*) FROM customer WHERE org_id = ${orgId} AND country <> ''
    AND excluded_reason IS NULL GROUP BY country
  UNION ALL
  SELECT 'attr.' || a.key, a.value, count(*) FROM customer c, LATERAL jsonb_each_text(c.attributes) a
  WHERE c.org_id = ${orgId} AND a.value <> '' AND c.excluded_reason IS NULL GROUP BY 1, 2`;

/** The same of who has ever paid, of keys that have rollups. */
const sliced = (tx: LedgerTx): SQL => sql`
  SELECT s.key AS key, s.value, sum(z.customers)::bigint AS customers FROM slice s
  JOIN ${rowsPerSlice(tx, cohortSize)} z ON z.slice = s.id
  WHERE s.org_id = ${tx.orgId} AND s.value <> '' GROUP BY s.key, s.value HAVING sum(z.customers) > 0`;

/** The same of keys that have none. */
const tagged = (keys: readonly SliceKey[], orgId: string): SQL[] =>
  keys
    .filter(({ kept }) => kept === "tags")
    .map(
      ({ position }) => sql`SELECT s.key AS key, s.value, t.customers FROM slice s JOIN (
        SELECT slices[${sql.raw(String(position))}] AS id, count(*) AS customers FROM customer_slice
        WHERE org_id = ${orgId} GROUP BY 1) t ON t.id = s.id WHERE s.org_id = ${orgId} AND s.value <> ''`,
    );
