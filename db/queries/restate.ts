import { sql } from "drizzle-orm";
import { type Day, firstOfMonth, monthIndexOf } from "#metrics/day.ts";
import { fromUnits, toUnits } from "#metrics/decimal.ts";
import { newId } from "../ids.ts";
import type { LedgerTx } from "./ledger.ts";

/** The restatement log: what a change of facts or policy did to months that were already closed. */

/** Why, by whom and with how much. */
export interface RestatementCause {
  /** "upload", "undo", "sync", "past due", … */
  cause: string;
  uploadId?: string | null;
  /** The source that said something else, or was disconnected. */
  sourceId?: string | null;
  actorId?: string | null;
  /** How many rows of a file did it. */
  rows?: number | null;
}

export interface MonthChange {
  month: Day;
  units: bigint;
}

/** A closed month and its ARR at the end, before and after. */
export interface MonthMoved {
  month: Day;
  before: string;
  after: string;
}

/** What each month added to MRR, ascending. */
export async function monthEnds(tx: LedgerTx): Promise<MonthChange[]> {
  const rows = await tx.rows<{ month: Day; annual: string }>(sql`
    SELECT date_trunc('month', day::timestamp)::date::text AS month,
      sum(new_annual + expansion_annual + reactivation_annual + contraction_annual + churn_annual + fx_annual)::text AS annual
    FROM day_rollup WHERE org_id = ${tx.orgId} AND slice = 0 GROUP BY 1 ORDER BY 1`);
  return rows.map(({ month, annual }) => ({ month, units: toUnits(annual) }));
}

/** One row per closed month whose end moved. A ledger that was empty has nothing to restate. */
export async function writeRestatements(
  tx: LedgerTx,
  request: RestatementCause,
  before: readonly MonthChange[],
  today: Day,
): Promise<Day[]> {
  if (before.length === 0) return [];
  const after = await monthEnds(tx);
  const first = [...before, ...after].reduce((min, { month }) => (month < min ? month : min), "9999-12-01");
  const old = new Map(before.map(({ month, units }) => [month, units]));
  const now = new Map(after.map(({ month, units }) => [month, units]));
  const moved: MonthMoved[] = [];
  let [oldEnd, newEnd] = [0n, 0n];
  for (let index = monthIndexOf(first); index < monthIndexOf(today); index++) {
    const month = firstOfMonth(index);
    oldEnd += old.get(month) ?? 0n;
    newEnd += now.get(month) ?? 0n;
    if (oldEnd !== newEnd) moved.push({ month, before: fromUnits(oldEnd), after: fromUnits(newEnd) });
  }
  await writeMonths(tx, request, moved);
  return moved.map(({ month }) => month);
}

/** One entry of the log, with its months. */
export async function writeMonths(
  tx: LedgerTx,
  request: RestatementCause,
  moved: readonly MonthMoved[],
): Promise<void> {
  if (moved.length === 0) return;
  await tx.rows(sql`
    INSERT INTO restatement (org_id, id, cause, upload_id, source_id, actor_id, rows, month, before_annual, after_annual)
    SELECT ${tx.orgId}::uuid, ${newId()}::uuid, ${request.cause}, ${request.uploadId ?? null}::uuid, ${request.sourceId ?? null}::uuid,
      ${request.actorId ?? null}::uuid, ${request.rows ?? null}::bigint, m.month, m.before, m.after
    FROM jsonb_to_recordset(${JSON.stringify(moved)}::jsonb) AS m (month date, before numeric, after numeric)`);
}
