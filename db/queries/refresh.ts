import { type SQL, sql } from "drizzle-orm";
import { type Day, firstOfMonth, monthIndexOf } from "#metrics/day.ts";
import { fromUnits, toUnits } from "#metrics/decimal.ts";
import { type PolicyPatch, resolvePolicy } from "#metrics/policy.ts";
import { AppError } from "#root/errors.ts";
import { newId } from "../ids.ts";
import { findShape, type LedgerScope, type LedgerTx, ledgerQuery, unvaluedQuery } from "./ledger.ts";
import { clearRollups, contribute } from "./rollups.ts";

/**
 * Brings ledger and rollups in line with the facts, inside the transaction that changed them: cost follows the customers
 * that were touched. Fact tables are never written here.
 */

export interface RefreshRequest {
  /**
   * Whose facts changed: a FROM item with a column `customer_id` (say, a temporary table), customers that are gone by now
   * included; or all, after a change of policy, currency, zone or exchange rates.
   */
  touched: SQL | "all";
  /** What the restatement log says: "upload", "undo", "policy", … */
  cause: string;
  uploadId?: string | null;
  actorId?: string | null;
  /** How many rows of a file did it. */
  rows?: number | null;
}

export interface Refreshed {
  /** The organisation's metrics_version from now on. */
  version: number;
  /** Closed months whose end MRR is another than before. */
  restated: Day[];
  /** Everything was made afresh. */
  full: boolean;
}

interface Settings {
  currency: string;
  policy: PolicyPatch;
  today: Day;
}

/** Room for a large import's sorts and hashes, until the transaction ends. */
const roomy = sql`SELECT set_config('work_mem', '256MB', true)`;
/**
 * A table that this transaction filled has no statistics yet, and the planner takes it for a small one: it must be told to
 * let one sort serve grouping and windows, and not to compare each row with each. What is derived goes through temporary tables, which can be analysed.
 */
const hashing = (on: boolean): SQL =>
  sql`SELECT set_config(name, ${on ? "on" : "off"}, true) FROM unnest(ARRAY['enable_hashagg', 'enable_memoize', 'enable_nestloop']) name`;

const dropStage = (tx: LedgerTx, name: string) => tx.rows(sql`DROP TABLE IF EXISTS ${sql.identifier(name)}`);

/** Keeps the rows of a query in a temporary table that the planner knows. */
async function stage(tx: LedgerTx, name: string, query: SQL): Promise<void> {
  await dropStage(tx, name);
  await tx.rows(sql`CREATE TEMP TABLE ${sql.identifier(name)} ON COMMIT DROP AS ${query}`);
  await tx.rows(sql`ANALYZE ${sql.identifier(name)}`);
}

/**
 * Refreshes the ledger, the rollups and `unvalued`, writes the restatement log and bumps the organisation's
 * metrics_version. Waits for any other refresh of the organisation.
 * @throws AppError NOT_FOUND when the organisation is gone
 */
export async function refreshCustomers(tx: LedgerTx, request: RefreshRequest): Promise<Refreshed> {
  const { currency, policy, today } = await lockSettings(tx);
  const before = await monthEnds(tx);
  const full = request.touched === "all" || (await prepareTouched(tx, request.touched));
  // an array, so that the index serves whatever the planner thinks of the tables
  const some = full ? null : sql`= ANY (ARRAY(SELECT customer_id FROM refresh_touched))`;
  const scope = {
    orgId: tx.orgId,
    currency,
    policy: resolvePolicy(policy),
    versions: some && sql`v.customer_id ${some}`,
    customers: null,
  };
  const shape = await findShape(tx, scope);
  const ofTouched = some ? sql`AND customer_id ${some}` : sql``;
  await tx.rows(roomy);
  if (full) await clearRollups(tx, "all");
  else await takeOut(tx, ofTouched);
  await tx.rows(sql`DELETE FROM movement WHERE org_id = ${tx.orgId} ${ofTouched}`);
  await tx.rows(sql`DELETE FROM unvalued WHERE org_id = ${tx.orgId} ${ofTouched}`);
  await putIn(tx, { ...scope, shape }, full);
  if (!full) {
    await clearRollups(tx, "empty");
    await dropStage(tx, "refresh_touched");
  }

  const restated = await writeRestatements(tx, request, before, today);
  const [bumped] = await tx.rows<{ version: string }>(
    sql`UPDATE organisation SET metrics_version = metrics_version + 1 WHERE id = ${tx.orgId} RETURNING metrics_version AS version`,
  );
  return { version: Number(bumped?.version), restated, full };
}

async function lockSettings(tx: LedgerTx): Promise<Settings> {
  const [found] = await tx.rows<{ currency: string; policy: PolicyPatch; today: Day }>(sql`
    SELECT currency, policy, (now() AT TIME ZONE timezone)::date::text AS today FROM organisation
    WHERE id = ${tx.orgId} FOR NO KEY UPDATE`);
  if (!found) throw new AppError("NOT_FOUND", "This organisation does not exist any more.");
  return found;
}

/** Keeps the touched customers aside. True: they are so many that making everything afresh is cheaper. */
async function prepareTouched(tx: LedgerTx, touched: SQL): Promise<boolean> {
  await stage(
    tx,
    "refresh_touched",
    sql`SELECT DISTINCT customer_id::bigint AS customer_id FROM ${touched} given WHERE customer_id IS NOT NULL`,
  );
  const [size] = await tx.rows<{ all: boolean }>(sql`
    SELECT (SELECT count(*) FROM refresh_touched) * 2
      >= (SELECT coalesce(sum(customers), 0) FROM cohort_size WHERE org_id = ${tx.orgId}) AS all`);
  if (!size?.all) return false;
  await dropStage(tx, "refresh_touched");
  return true;
}

async function takeOut(tx: LedgerTx, ofTouched: SQL): Promise<void> {
  await stage(tx, "refresh_ledger", sql`SELECT * FROM movement WHERE org_id = ${tx.orgId} ${ofTouched}`);
  await contribute(tx, sql`refresh_ledger`, -1);
}

async function putIn(tx: LedgerTx, scope: LedgerScope, full: boolean): Promise<void> {
  if (full) await tx.rows(hashing(false));
  await stage(tx, "refresh_ledger", ledgerQuery(scope));
  if (full) await tx.rows(hashing(true));
  await tx.rows(sql`
    INSERT INTO movement (org_id, customer_id, day, until_day, kind, annual, before_annual, cohort_day, initial_annual, cause)
    SELECT ${tx.orgId}::uuid, customer_id, day, until_day, kind, annual, before_annual, cohort_day, initial_annual, cause
    FROM refresh_ledger`);
  if (scope.shape.foreign)
    await tx.rows(sql`INSERT INTO unvalued (org_id, customer_id, currency, from_day, to_day)
      SELECT ${tx.orgId}::uuid, customer_id, currency, from_day, to_day FROM (${unvaluedQuery(scope)}) spans`);
  if (full) await tx.rows(sql`SELECT analyse_facts()`);
  // Postgres adds up a table with more than one process, but not a temporary one
  const written = full ? sql`(SELECT * FROM movement WHERE org_id = ${tx.orgId})` : sql`refresh_ledger`;
  await contribute(tx, written, 1);
  await dropStage(tx, "refresh_ledger");
}

interface MonthChange {
  month: Day;
  units: bigint;
}

/** What each month added to MRR, ascending. */
async function monthEnds(tx: LedgerTx): Promise<MonthChange[]> {
  const rows = await tx.rows<{ month: Day; annual: string }>(sql`
    SELECT date_trunc('month', day::timestamp)::date::text AS month,
      sum(new_annual + expansion_annual + reactivation_annual + contraction_annual + churn_annual + fx_annual)::text AS annual
    FROM day_rollup WHERE org_id = ${tx.orgId} GROUP BY 1 ORDER BY 1`);
  return rows.map(({ month, annual }) => ({ month, units: toUnits(annual) }));
}

/** One row per closed month whose end moved. A ledger that was empty has nothing to restate. */
async function writeRestatements(
  tx: LedgerTx,
  request: RefreshRequest,
  before: readonly MonthChange[],
  today: Day,
): Promise<Day[]> {
  if (before.length === 0) return [];
  const after = await monthEnds(tx);
  const first = [...before, ...after].reduce((min, { month }) => (month < min ? month : min), "9999-12-01");
  const old = new Map(before.map(({ month, units }) => [month, units]));
  const now = new Map(after.map(({ month, units }) => [month, units]));
  const moved: { month: Day; before: string; after: string }[] = [];
  let [oldEnd, newEnd] = [0n, 0n];
  for (let index = monthIndexOf(first); index < monthIndexOf(today); index++) {
    const month = firstOfMonth(index);
    oldEnd += old.get(month) ?? 0n;
    newEnd += now.get(month) ?? 0n;
    if (oldEnd !== newEnd) moved.push({ month, before: fromUnits(oldEnd), after: fromUnits(newEnd) });
  }
  if (moved.length > 0)
    await tx.rows(sql`
      INSERT INTO restatement (org_id, id, cause, upload_id, actor_id, rows, month, before_annual, after_annual)
      SELECT ${tx.orgId}::uuid, ${newId()}::uuid, ${request.cause}, ${request.uploadId ?? null}::uuid,
        ${request.actorId ?? null}::uuid, ${request.rows ?? null}::bigint, m.month, m.before, m.after
      FROM jsonb_to_recordset(${JSON.stringify(moved)}::jsonb) AS m (month date, before numeric, after numeric)`);
  return moved.map(({ month }) => month);
}
