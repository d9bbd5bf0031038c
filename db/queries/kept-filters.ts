import { type SQL, sql } from "drizzle-orm";
import { isSubscriptionKey } from "#metrics/segments.ts";
import { enqueueJob } from "../jobs.ts";
import { expressionKey, type FilterValues } from "./filters.ts";
import type { LedgerTx } from "./ledger.ts";

/**
 * Filters that have rollups of their own, under an id from the sequence of slices, because people ask for them
 * (docs/decisions/015-slices.md). Made by keep-filter.ts, kept right by every refresh as slices are.
 */

/** One value of each key. */
export type SingleValues = Readonly<Record<string, string>>;

/** A filter as one that may have rollups of its own; null: its customers cannot be told from their slices. */
export function singleValues(filter: FilterValues): SingleValues | null {
  const asked = Object.entries(filter).filter(([, values]) => values.length > 0);
  const isTold = ([key, values]: (typeof asked)[number]): boolean =>
    key !== "segment" && key !== expressionKey && new Set(values).size === 1;
  if (asked.length === 0 || !asked.every(isTold)) return null;
  if (asked.filter(([key]) => isSubscriptionKey(key)).length > 1) return null;
  return Object.fromEntries(asked.map(([key, values]) => [key, values[0] ?? ""]));
}

export const isFilter = (filter: SingleValues): SQL => sql`filter = ${JSON.stringify(filter)}::jsonb`;

/** The id under which a filter's sums are kept; null: they are not. */
export async function findKeptFilter(tx: LedgerTx, filter: SingleValues): Promise<number | null> {
  const [found] = await tx.rows<{ id: number }>(
    sql`SELECT id FROM kept_filter WHERE org_id = ${tx.orgId} AND slices IS NOT NULL AND ${isFilter(filter)}`,
  );
  return found?.id ?? null;
}

/** Whether any filter's sums are kept. */
export async function hasKeptFilters(tx: LedgerTx): Promise<boolean> {
  const [found] = await tx.rows<{ any: boolean }>(
    sql`SELECT EXISTS (SELECT FROM kept_filter WHERE org_id = ${tx.orgId} AND slices IS NOT NULL) AS any`,
  );
  return found?.any === true;
}

/** int[] of the kept filters in which a customer counts that counts in `slices`; of those alone that `which` says something of. */
export const keptFiltersOf = (tx: LedgerTx, slices: SQL, which = sql`true`): SQL =>
  sql`ARRAY(SELECT k.id FROM kept_filter k WHERE k.org_id = ${tx.orgId} AND k.slices <@ ${slices} AND ${which} ORDER BY k.id)`;

/** Where a slice's sums are gone, so are those of filters; what people ask for is remembered. */
export const forgetKeptSums = (tx: LedgerTx): Promise<unknown> =>
  tx.rows(sql`UPDATE kept_filter SET slices = NULL WHERE org_id = ${tx.orgId} AND slices IS NOT NULL`);

/** Has the sums made of every filter that people ask for and that has none. */
export async function enqueueKeptFilters(tx: LedgerTx): Promise<void> {
  const missing = await tx.rows<{ id: number }>(
    sql`SELECT id FROM kept_filter WHERE org_id = ${tx.orgId} AND slices IS NULL ORDER BY asked_at DESC`,
  );
  for (const { id } of missing) await enqueueKeepFilter(tx, id);
}

/** After the slices that it is made of, and one at a time. */
export const enqueueKeepFilter = (tx: LedgerTx, id: number): Promise<void> =>
  enqueueJob(
    tx,
    "keepFilter",
    { orgId: tx.orgId, id },
    { key: `keep:${tx.orgId}:${id}`, queue: `slices:${tx.orgId}` },
  );
