import { type SQL, sql } from "drizzle-orm";
import { type Day, firstOfMonth, monthIndexOf } from "#metrics/day.ts";
import { enqueueJob } from "../jobs.ts";
import { partMember, taggedBySign } from "./contributions.ts";
import { findShape, type LedgerScope, type LedgerTx, ledgerQuery, unvaluedQuery } from "./ledger.ts";
import { clearRollups, contribute } from "./rollups.ts";
import {
  buildSlices,
  clearSlices,
  hasNewKeys,
  isRolled,
  listSliceKeys,
  rolledTags,
  type SliceKey,
  tagCustomers,
  writeParts,
} from "./slices.ts";
import { stageTable } from "./stage-table.ts";

/** Writes the ledger and what is added up from it: all of it afresh, or the part of the touched customers. */

export interface RefreshSettings {
  /** Of the whole ledger. */
  scope: Omit<LedgerScope, "shape">;
  today: Day;
  /** organisation.rollup_days_from */
  daysFrom: Day | null;
  slicesBuilt: boolean;
}

/** TEMP table (customer_id) of those whose facts changed. */
export const touchedTable = "refresh_touched";
/** As an array, so that the index serves whatever the planner thinks of the tables. */
const isTouched = sql`= ANY (ARRAY(SELECT customer_id FROM ${sql.identifier(touchedTable)}))`;

/** Slices of so many customers are made at once; of more, by a job. */
const soonDone = 5_000;

/**
 * A table that this transaction filled has no statistics yet, and the planner takes it for a small one: it must be told to
 * let one sort serve grouping and windows, and not to compare each row with each.
 */
const hashing = (on: boolean): SQL =>
  sql`SELECT set_config(name, ${on ? "on" : "off"}, true) FROM unnest(ARRAY['enable_hashagg', 'enable_memoize', 'enable_nestloop']) name`;

/** Everything anew; the slices with it, or by a job where they are many. */
export async function makeAfresh(tx: LedgerTx, settings: RefreshSettings): Promise<void> {
  const { scope, today } = settings;
  const daysFrom = firstOfMonth(monthIndexOf(today));
  await clearRollups(tx, "all");
  await clearSlices(tx);
  await tx.rows(sql`DELETE FROM movement WHERE org_id = ${tx.orgId}`);
  await tx.rows(sql`DELETE FROM unvalued WHERE org_id = ${tx.orgId}`);
  await tx.rows(
    sql`UPDATE organisation SET rollup_days_from = ${daysFrom}, slices_built = false, settled_day = ${today} WHERE id = ${tx.orgId}`,
  );
  const shape = await findShape(tx, scope);
  await tx.rows(hashing(false));
  await insertLedger(tx, { ...scope, shape }, daysFrom);
  await tx.rows(hashing(true));
  await tx.rows(sql`SELECT analyse_ledger()`);
  // Postgres adds up a table with more than one process, but not a temporary one
  await contribute(tx, sql`(SELECT * FROM movement WHERE org_id = ${tx.orgId})`, { daysFrom });
  await makeSlices(tx, { ...settings, daysFrom });
}

/** The slices of an organisation that has none: now, or by a job where its customers are many. */
export async function makeSlices(tx: LedgerTx, { scope, daysFrom }: RefreshSettings): Promise<void> {
  const [found] = await tx.rows<{ customers: number }>(sql`
    SELECT count(*)::int AS customers FROM (SELECT FROM customer WHERE org_id = ${tx.orgId} LIMIT ${soonDone + 1}) first`);
  if (daysFrom === null) return;
  if ((found?.customers ?? 0) <= soonDone) await buildSlices(tx, scope, daysFrom);
  else await enqueueSlices(tx);
}

/** In a queue of its own: an import need not wait for it. */
export const enqueueSlices = (tx: LedgerTx): Promise<void> =>
  enqueueJob(
    tx,
    "buildSlices",
    { orgId: tx.orgId },
    { key: `slices:${tx.orgId}`, queue: `slices:${tx.orgId}` },
  );

/** Derives the ledger of a scope and stores it. */
async function insertLedger(tx: LedgerTx, scope: LedgerScope, daysFrom: Day): Promise<void> {
  await tx.rows(sql`
    INSERT INTO movement (org_id, customer_id, day, until_day, kind, annual, before_annual, cohort_day, initial_annual, cause, recent)
    SELECT ${tx.orgId}::uuid, customer_id, day, until_day, kind, annual, before_annual, cohort_day, initial_annual, cause,
      day >= ${daysFrom}::date
    FROM (${ledgerQuery(scope)}) derived`);
  if (scope.shape.foreign)
    await tx.rows(sql`INSERT INTO unvalued (org_id, customer_id, currency, from_day, to_day)
      SELECT ${tx.orgId}::uuid, customer_id, currency, from_day, to_day FROM (${unvaluedQuery(scope)}) spans`);
}

const signed = (sign: 1 | -1, number: SQL): SQL => (sign === 1 ? number : sql`-${number}`);

/** The stored ledgers of the touched customers, as wholes and of each slice. */
function ledgerRows(tx: LedgerTx, sign: 1 | -1): SQL {
  const rest = sql.raw("day, until_day, kind, annual, before_annual, cohort_day, initial_annual");
  return sql`
    SELECT ${signed(sign, sql`customer_id`)} AS customer_id, ${rest} FROM movement
    WHERE org_id = ${tx.orgId} AND customer_id ${isTouched}
    UNION ALL SELECT ${signed(sign, partMember(sql`customer_id`, sql`slice`))}, ${rest} FROM movement_part
    WHERE org_id = ${tx.orgId} AND customer_id ${isTouched}`;
}

/** Where they count: customer_id as in `ledgerRows`, slice, sign. */
function tagRows(tx: LedgerTx, keys: readonly SliceKey[], sign: 1 | -1): SQL {
  const of = sql`org_id = ${tx.orgId} AND customer_id ${isTouched}`;
  const whole = sql`SELECT ${signed(sign, sql`customer_id`)} AS customer_id, 0 AS slice, ${sql.raw(String(sign))} AS sign
    FROM ${sql.identifier(touchedTable)}`;
  if (keys.length === 0) return whole;
  return sql`${whole}
    UNION ALL SELECT ${signed(sign, sql`t.customer_id`)}, t.slice, ${sql.raw(String(sign))} FROM ${rolledTags(keys, of)} t
    UNION ALL SELECT DISTINCT ${signed(sign, partMember(sql`customer_id`, sql`slice`))}, slice, ${sql.raw(String(sign))}
    FROM movement_part WHERE ${of} AND ${isRolled(tx)}`;
}

/**
 * Takes out what the touched customers contributed and puts in what they do now: both in one sum per rollup. What goes out
 * stands under negative numbers of customers.
 */
export async function replaceTouched(tx: LedgerTx, settings: RefreshSettings): Promise<void> {
  const { scope, daysFrom, slicesBuilt } = settings;
  if (daysFrom === null) return;
  const renew = slicesBuilt && (await hasNewKeys(tx, isTouched));
  const keys = slicesBuilt && !renew ? await listSliceKeys(tx) : [];
  await stageTable(tx, "refresh_change", ledgerRows(tx, -1));
  await stageTable(tx, "refresh_tag", tagRows(tx, keys, -1));

  for (const table of ["movement", "unvalued", "movement_part", "customer_slice"])
    await tx.rows(
      sql`DELETE FROM ${sql.identifier(table)} WHERE org_id = ${tx.orgId} AND customer_id ${isTouched}`,
    );
  const touched = { ...scope, versions: sql`v.customer_id ${isTouched}` };
  const shape = await findShape(tx, touched);
  await insertLedger(tx, { ...touched, shape }, daysFrom);
  if (keys.length > 0) {
    await tagCustomers(tx, keys, touched, isTouched);
    await writeParts(tx, keys, touched, isTouched, daysFrom);
  }
  await tx.rows(sql`INSERT INTO refresh_change ${ledgerRows(tx, 1)}`);
  await tx.rows(sql`INSERT INTO refresh_tag ${tagRows(tx, keys, 1)}`);
  await tx.rows(sql`ANALYZE refresh_change, refresh_tag`);
  await contribute(tx, sql`refresh_change`, { daysFrom, tags: taggedBySign(sql`refresh_tag`), signed: true });
  await tx.rows(sql`DROP TABLE refresh_change, refresh_tag`);
  if (renew) {
    await clearSlices(tx);
    await makeSlices(tx, settings);
  }
}
