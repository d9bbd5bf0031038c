import { type SQL, sql } from "drizzle-orm";
import { type Day, firstOfMonth, monthIndexOf } from "#metrics/day.ts";
import { enqueueJob } from "../jobs.ts";
import { findShape, type LedgerScope, type LedgerTx, ledgerQuery, unvaluedQuery } from "./ledger.ts";
import { clearRollups } from "./rollup-tables.ts";
import { contribute } from "./rollups.ts";
import { buildSlices, clearSlices } from "./slices.ts";

/** Writes the ledger and what is added up from it, all of it afresh; a part of it: replace-touched.ts. */

export interface RefreshSettings {
  /** Of the whole ledger. */
  scope: Omit<LedgerScope, "shape">;
  today: Day;
  /** organisation.rollup_days_from */
  daysFrom: Day | null;
  slicesBuilt: boolean;
}

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
  await clearSlices(tx);
  await clearRollups(tx, "all");
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
  await contribute(tx, sql`(SELECT * FROM movement WHERE org_id = ${tx.orgId})`, {
    by: { grain: "month", daysFrom },
  });
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
const enqueueSlices = (tx: LedgerTx): Promise<void> =>
  enqueueJob(
    tx,
    "buildSlices",
    { orgId: tx.orgId },
    { key: `slices:${tx.orgId}`, queue: `slices:${tx.orgId}` },
  );

/**
 * Derives the ledger of a scope and stores it.
 * @param put runs an INSERT INTO movement
 */
export async function insertLedger(
  tx: LedgerTx,
  scope: LedgerScope,
  daysFrom: Day,
  put: (insert: SQL) => Promise<unknown> = (insert) => tx.rows(insert),
): Promise<void> {
  await put(sql`
    INSERT INTO movement (org_id, customer_id, day, until_day, kind, annual, before_annual, cohort_day, initial_annual, cause, recent)
    SELECT ${tx.orgId}::uuid, customer_id, day, until_day, kind, annual, before_annual, cohort_day, initial_annual, cause,
      day >= ${daysFrom}::date
    FROM (${ledgerQuery(scope)}) derived`);
  if (scope.shape.foreign)
    await tx.rows(sql`INSERT INTO unvalued (org_id, customer_id, currency, from_day, to_day)
      SELECT ${tx.orgId}::uuid, customer_id, currency, from_day, to_day FROM (${unvaluedQuery(scope)}) spans`);
}
