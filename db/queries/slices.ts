import { type SQL, sql } from "drizzle-orm";
import type { Day } from "#metrics/day.ts";
import { isSubscriptionKey, subscriptionKeys } from "#metrics/segments.ts";
import { partMember, taggedBy, taggedByPart } from "./contributions.ts";
import { foldSums } from "./fold-sums.ts";
import { enqueueKeptSums, forgetKeptSums } from "./kept-sums.ts";
import {
  findShape,
  type LedgerScope,
  type LedgerShape,
  type LedgerTx,
  ledgerQuery,
  versionsFrom,
} from "./ledger.ts";
import { partVersionStage, valueStage } from "./refresh-stages.ts";
import { clearRollups, dropEmptied } from "./rollup-tables.ts";
import { contribute } from "./rollups.ts";
import { sourceColumns } from "./settled-versions.ts";
import { ownStage, type Stage, stageTable } from "./stage-table.ts";

/**
 * Slices: the parts of an organisation that have rollups of their own, one per value of what people filter by
 * (docs/decisions/015-slices.md). A customer whose subscriptions agree on a key has the same ledger in that slice as as a
 * whole; of those with several plans (intervals, …) each slice's ledger is kept in movement_part.
 */

/** More values than this have no rollups: few customers have each, and they are found by their tags. */
const mostRolled = 100;
/** With more values than this a key tells customers apart rather than together. */
const mostTagged = 20_000;
const mostKeys = 28;
/** An organisation with more keys than this has stopped naming them. */
const mostKnown = 1_000;

export interface SliceKey extends Record<string, unknown> {
  position: number;
  key: string;
  kept: "rollups" | "tags" | "nothing";
}

/** The keys of which anything is kept. */
export const listSliceKeys = (tx: LedgerTx): Promise<SliceKey[]> =>
  tx.rows<SliceKey>(
    sql`SELECT position, key, kept FROM slice_key WHERE org_id = ${tx.orgId} AND kept <> 'nothing' ORDER BY position`,
  );

/** Whether some customers have an attribute that nobody had when the slices were made. `which`: on a customer's id. */
export async function hasNewKeys(tx: LedgerTx, which: SQL): Promise<boolean> {
  const [found] = await tx.rows<{ found: boolean }>(sql`
    SELECT EXISTS (SELECT FROM customer c, jsonb_object_keys(c.attributes) a WHERE c.org_id = ${tx.orgId} AND c.id ${which}
      AND 'attr.' || a NOT IN (SELECT key FROM slice_key WHERE org_id = ${tx.orgId}))
      AND (SELECT count(*) < ${mostKnown} FROM slice_key WHERE org_id = ${tx.orgId}) AS found`);
  return found?.found === true;
}

/** Forgets the organisation's slices, their ledgers and their rollups. */
export async function clearSlices(tx: LedgerTx): Promise<void> {
  await foldSums(tx);
  await clearRollups(tx, "slices");
  await forgetKeptSums(tx);
  for (const table of ["movement_part", "slice_member", "customer_slice", "slice", "slice_key"])
    await tx.rows(sql`DELETE FROM ${sql.identifier(table)} WHERE org_id = ${tx.orgId}`);
  await tx.rows(sql`UPDATE organisation SET slices_built = false WHERE id = ${tx.orgId}`);
}

/**
 * How many slices a customer counts in is more than the planner guesses: it would tag rows before it joins them, and compare each with
 * each. Until the transaction ends it joins and groups by hash, in the order that is written.
 */
const asWritten = sql`SELECT set_config('enable_nestloop', 'off', true), set_config('join_collapse_limit', '1', true), set_config('enable_sort', 'off', true)`;

/** Makes the slices of an organisation that has none, and their rollups. `scope`: the whole ledger's. */
export async function buildSlices(
  tx: LedgerTx,
  scope: Omit<LedgerScope, "shape">,
  daysFrom: Day,
): Promise<void> {
  await tx.rows(sql`SELECT analyse_facts()`);
  const keys = await chooseKeys(tx);
  await tagCustomers(tx, keys, scope, null);
  await writeParts(tx, keys, { scope, which: null, daysFrom });
  await tx.rows(sql`SELECT analyse_facts()`);
  await tx.rows(asWritten);
  await contribute(tx, sql`(SELECT * FROM movement WHERE org_id = ${tx.orgId})`, {
    by: { grain: "month", daysFrom },
    tags: taggedBy(tagsOf(keys, "rollups", sql`org_id = ${tx.orgId}`)),
  });
  const parts = sql`(
    SELECT ${partMember(sql`customer_id`, sql`slice`)} AS customer_id, day, until_day, kind, annual, before_annual, cohort_day,
      initial_annual
    FROM movement_part WHERE org_id = ${tx.orgId} AND ${isRolled(tx)})`;
  await contribute(tx, parts, { by: { grain: "month", daysFrom }, tags: taggedByPart });
  await dropEmptied(tx);
  await tx.rows(sql`UPDATE organisation SET slices_built = true WHERE id = ${tx.orgId}`);
  await enqueueKeptSums(tx);
}

/** int[] of a row `alias` of customer_slice: where the customer's whole ledger counts, of the keys of which so much is kept; with nulls. */
export const slicesOf = (keys: readonly SliceKey[], kept: SliceKey["kept"], alias: string): SQL => {
  const some = keys.filter((key) => key.kept === kept);
  return sql.raw(`ARRAY[${some.map(({ position }) => `${alias}.slices[${position}]`).join(", ")}]::int[]`);
};

/** FROM item (customer_id, slice): where the whole ledgers of customers count. */
const tagsOf = (keys: readonly SliceKey[], kept: SliceKey["kept"], which: SQL): SQL => sql`(
  SELECT s.customer_id, u.slice FROM (SELECT customer_id, slices FROM customer_slice WHERE ${which}) s,
    unnest(${slicesOf(keys, kept, "s")}) u (slice)
  WHERE u.slice IS NOT NULL)`;

/** Whether a row of movement_part counts in rollups. */
export const isRolled = (tx: LedgerTx): SQL => sql`slice IN (
  SELECT s.id FROM slice s JOIN slice_key k ON k.org_id = s.org_id AND k.key = s.key AND k.kept = 'rollups'
  WHERE s.org_id = ${tx.orgId})`;

/** The keys of subscriptions, then country and the attributes, those with the fewest values first. @returns those that keep anything */
async function chooseKeys(tx: LedgerTx): Promise<SliceKey[]> {
  const counts = await tx.rows<{ key: string; values: number }>(sql`
    SELECT key, count(*)::int AS values FROM (
      ${sql.join(
        subscriptionKeys.map(
          (key) => sql`SELECT DISTINCT ${key} AS key, coalesce(${sql.identifier(key)}, '') AS value
            FROM subscription_version WHERE org_id = ${tx.orgId} AND superseded_by IS NULL`,
        ),
        sql` UNION ALL `,
      )}
      UNION ALL SELECT DISTINCT 'country', coalesce(country, '') FROM customer WHERE org_id = ${tx.orgId}
      UNION ALL SELECT DISTINCT 'attr.' || a.key, a.value FROM customer c, jsonb_each_text(c.attributes) a
      WHERE c.org_id = ${tx.orgId}) v GROUP BY key`);
  const found = new Map(counts.map(({ key, values }) => [key, values]));
  const ofCustomers = counts
    .filter(({ key }) => key === "country" || key.startsWith("attr."))
    .toSorted((a, b) => a.values - b.values || (a.key < b.key ? -1 : 1))
    .slice(0, mostKnown);
  const keys = [...subscriptionKeys, ...ofCustomers.map(({ key }) => key)].map((key, i): SliceKey => {
    const values = found.get(key) ?? 0;
    const tooMany = i >= mostKeys || values > mostTagged;
    // subscriptions always have tags: the first positions are theirs, and what keeps nothing comes last
    const kept =
      tooMany && i >= subscriptionKeys.length ? "nothing" : values > mostRolled ? "tags" : "rollups";
    return { position: i + 1, key, kept };
  });
  await tx.rows(sql`INSERT INTO slice_key (org_id, position, key, kept)
    SELECT ${tx.orgId}::uuid, position, key, kept
    FROM jsonb_to_recordset(${JSON.stringify(keys)}::jsonb) AS k (position int, key text, kept text)`);
  return keys.filter(({ kept }) => kept !== "nothing");
}

/** (customer_id, v): values by the position of their key; and versions by the slice that they are in. */
const stagesOf = (which: SQL | null): { values: Stage; versions: Stage } =>
  which === null
    ? { values: ownStage("slice_value"), versions: ownStage("slice_version") }
    : { values: valueStage, versions: partVersionStage };

const customerValue = (key: string): SQL =>
  key === "country"
    ? sql`coalesce(c.country, '')`
    : sql`coalesce(c.attributes ->> ${key.slice("attr.".length)}, '')`;

/**
 * Writes customer_slice and slice_member of some customers (`which`: a condition on a customer_id, null: all), of those that
 * have a ledger, and the slices that they name. Keeps their values aside.
 */
export async function tagCustomers(
  tx: LedgerTx,
  keys: readonly SliceKey[],
  scope: Omit<LedgerScope, "shape">,
  which: SQL | null,
): Promise<void> {
  const of = (column: SQL): SQL => (which === null ? sql`` : sql`AND ${column} ${which}`);
  // versions that were looked up are theirs: comparing each with each customer would cost the square
  const ofVersions = scope.from ? sql`` : of(sql`v.customer_id`);
  const agreed = subscriptionKeys.map((name) => {
    const value = sql`coalesce(v.${sql.identifier(name)}, '') COLLATE "C"`;
    return sql`CASE WHEN min(${value}) = max(${value}) THEN min(${value}) END AS ${sql.identifier(name)}`;
  });
  const value = (key: string): SQL =>
    isSubscriptionKey(key) ? sql`h.${sql.identifier(key)}` : customerValue(key);
  const { values } = stagesOf(which);
  await values.fill(
    tx,
    sql`SELECT c.id AS customer_id, ARRAY[${sql.join(
      keys.map(({ key }) => value(key)),
      sql`, `,
    )}] AS v
      FROM customer c JOIN (
        SELECT v.customer_id, ${sql.join(agreed, sql`, `)} ${versionsFrom(scope)} ${ofVersions} GROUP BY v.customer_id
      ) h ON h.customer_id = c.id
      WHERE c.org_id = ${tx.orgId} ${of(sql`c.id`)}`,
  );
  await tx.rows(sql`
    INSERT INTO slice (org_id, key, value)
    SELECT ${tx.orgId}::uuid, key, value FROM (
      ${sql.join(
        keys.map(({ key, position }) => {
          const at = sql.raw(`v[${position}]`);
          return sql`SELECT DISTINCT ${key} AS key, ${at} AS value FROM ${values.table} WHERE ${at} IS NOT NULL`;
        }),
        sql` UNION `,
      )}
      UNION SELECT k.key, k.value FROM (SELECT DISTINCT v.plan, v.interval, v.currency, v.source
        ${versionsFrom(scope)} ${ofVersions} AND v.customer_id IN (SELECT x.customer_id FROM ${values.table} x
          WHERE num_nulls(x.v[1], x.v[2], x.v[3], x.v[4]) > 0)) v,
        LATERAL (VALUES ('plan', coalesce(v.plan, '')), ('interval', v.interval), ('currency', v.currency), ('source', v.source)) k (key, value)
    ) named
    -- mostly all of them: each attempt would take a number
    WHERE NOT EXISTS (SELECT FROM slice s WHERE s.org_id = ${tx.orgId} AND s.key = named.key AND s.value = named.value)
    ON CONFLICT DO NOTHING`);
  await tx.rows(sql`
    INSERT INTO customer_slice (org_id, customer_id, slices, standing_annual)
    SELECT ${tx.orgId}::uuid, x.customer_id, ARRAY[${sql.join(
      keys.map(({ position }) => sql.raw(`s${position}.id`)),
      sql`, `,
    )}], m.before_annual + m.annual
    FROM ${values.table} x
    LEFT JOIN movement m ON m.org_id = ${tx.orgId} AND m.customer_id = x.customer_id AND m.until_day IS NULL AND m.kind <> 'churn'
      ${of(sql`m.customer_id`)}
    ${sql.join(
      keys.map(({ key, position }) => {
        const s = sql.raw(`s${position}`);
        return sql`LEFT JOIN slice ${s} ON ${s}.org_id = ${tx.orgId} AND ${s}.key = ${key} AND ${s}.value = x.${sql.raw(`v[${position}]`)}`;
      }),
      sql` `,
    )}`);
  if (keys.some(({ kept }) => kept === "tags"))
    await tx.rows(sql`INSERT INTO slice_member (org_id, slice, customer_id)
      SELECT ${tx.orgId}::uuid, slice, customer_id
      FROM ${tagsOf(keys, "tags", sql`org_id = ${tx.orgId} ${of(sql`customer_id`)}`)} t`);
}

interface Parts {
  scope: Omit<LedgerScope, "shape">;
  which: SQL | null;
  daysFrom: Day;
  /** Of all versions of these customers; default: it is looked at. */
  shape?: LedgerShape;
  /** Runs an INSERT INTO movement_part. */
  put?: (insert: SQL) => Promise<unknown>;
}

/** Writes the ledgers of customers that hold several values of a key: one per value. Needs what `tagCustomers` keeps aside. */
export async function writeParts(
  tx: LedgerTx,
  keys: readonly SliceKey[],
  { scope, which, daysFrom, shape, put = (insert) => tx.rows(insert) }: Parts,
): Promise<void> {
  const of = which === null || scope.from ? sql`` : sql`AND v.customer_id ${which}`;
  const { values, versions } = stagesOf(which);
  const perKey = keys
    .filter(({ key }) => isSubscriptionKey(key))
    .map(({ key, position }) => {
      const column = sql.identifier(key);
      return sql`SELECT ${sourceColumns(partMember(sql`v.customer_id`, sql`s.id`))}
        FROM ${scope.from ?? sql`subscription_version v`}
        JOIN ${values.table} x ON x.customer_id = v.customer_id AND ${sql.raw(`x.v[${position}]`)} IS NULL
        JOIN slice s ON s.org_id = ${tx.orgId} AND s.key = ${key} AND s.value = coalesce(v.${column}, '')
        WHERE v.org_id = ${tx.orgId} ${of}`;
    });
  await versions.fill(tx, sql.join(perKey, sql` UNION ALL `));
  const parts = { ...scope, versions: null, from: sql`${versions.table} v` };
  const ledger = ledgerQuery({ ...parts, shape: shape ?? (await findShape(tx, parts)) });
  // Postgres derives many with more than one process, but not while it stores them
  if (which === null) await stageTable(tx, "slice_part", ledger);
  await put(sql`
    INSERT INTO movement_part (org_id, customer_id, slice, day, until_day, kind, annual, before_annual, cohort_day,
      initial_annual, cause, recent)
    SELECT ${tx.orgId}::uuid, customer_id >> 31, (customer_id & ${sql.raw(String(2 ** 31 - 1))})::int, day, until_day, kind, annual,
      before_annual, cohort_day, initial_annual, cause, day >= ${daysFrom}::date
    FROM ${which === null ? sql`slice_part` : sql`(${ledger})`} derived`);
  if (which === null) await tx.rows(sql`DROP TABLE slice_part, slice_version, slice_value`);
}
