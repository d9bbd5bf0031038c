import { type SQL, sql } from "drizzle-orm";
import type { Day } from "#metrics/day.ts";
import type { Calendar, Grain } from "#metrics/period.ts";
import { isSubscriptionKey } from "#metrics/segments.ts";
import { enqueueJob } from "../jobs.ts";
import { expressionKey, type FilterValues } from "./filters.ts";
import type { LedgerTx } from "./ledger.ts";
import type { KeptBy, KeptGroup, Part } from "./rollups.ts";
import { bucketsOf } from "./timeline.ts";

/**
 * Sums that are kept because people ask for them, in the rollups under an id from the sequence of slices
 * (docs/decisions/015-slices.md). Made by keep-sums.ts, kept right by every refresh as slices are.
 */

/** One value of each key; none: everybody. */
export type SingleValues = Readonly<Record<string, string>>;

/** What sums are of and by. */
export interface SumsQuestion {
  filter: SingleValues;
  grain: Grain;
  calendar?: Calendar;
}

/** A filter as one that may have sums of its own; null: its customers cannot be told from their slices. */
export function singleValues(filter: FilterValues): SingleValues | null {
  const asked = Object.entries(filter).filter(([, values]) => values.length > 0);
  const isTold = ([key, values]: (typeof asked)[number]): boolean =>
    key !== "segment" && key !== expressionKey && new Set(values).size === 1;
  if (!asked.every(isTold)) return null;
  if (asked.filter(([key]) => isSubscriptionKey(key)).length > 1) return null;
  return Object.fromEntries(asked.map(([key, values]) => [key, values[0] ?? ""]));
}

/** The day or month with which periods of a grain begin; 1 where there is no choice. */
function beginsOf({ grain, calendar }: Pick<SumsQuestion, "grain" | "calendar">): number {
  if (grain === "week") return calendar?.weekStart ?? 1;
  return grain === "quarter" || grain === "year" ? (calendar?.fiscalYearStart ?? 1) : 1;
}

/** INSERT INTO kept_sums (filter, grain, begins) */
export const questionValues = (question: SumsQuestion): SQL =>
  sql`${JSON.stringify(question.filter)}::jsonb, ${question.grain}::text, ${beginsOf(question)}::int`;

export const isQuestion = (question: SumsQuestion): SQL =>
  sql`(filter, grain, begins) = (${questionValues(question)})`;

/** The id under which the sums of a question are kept; null: they are not. */
export async function findKeptSums(tx: LedgerTx, question: SumsQuestion): Promise<number | null> {
  const [found] = await tx.rows<{ id: number }>(
    sql`SELECT id FROM kept_sums WHERE org_id = ${tx.orgId} AND slices IS NOT NULL AND ${isQuestion(question)}`,
  );
  return found?.id ?? null;
}

/** As questions are stored. */
export interface KeptRow extends Record<string, unknown> {
  id: number;
  filter: SingleValues;
  grain: Grain;
  begins: number;
}

/** Which sums of a question are kept. */
export function keptParts({ filter, grain }: Pick<SumsQuestion, "filter" | "grain">): Set<Part> {
  const parts = new Set<Part>(["losses"]);
  // of everybody there are sums by day, and by month what of longer periods is told by their ends
  const isWhole = Object.keys(filter).length === 0;
  if (!isWhole) parts.add("days");
  if (!isWhole || grain === "day" || grain === "week") parts.add("levels");
  // longer periods are made of months
  if (grain === "month" || grain === "week") parts.add("cohorts");
  return parts;
}

/** Which sums of a stored question are kept, and by what. @param daysFrom organisation.rollup_days_from */
export const keptBy = (row: KeptRow, daysFrom: Day): Required<KeptBy> => ({
  parts: keptParts(row),
  // each of the two is looked at by its own grains alone
  by: bucketsOf(daysFrom, row.grain, { weekStart: row.begins, fiscalYearStart: row.begins }),
});

/** Slices of which sums are so kept: of all by month, of others by what people asked for. */
export function groupKept(kept: readonly KeptRow[], daysFrom: Day): KeptGroup[] {
  const byMonth = bucketsOf(daysFrom, "month");
  const others = kept.filter(({ grain }) => grain !== "month");
  if (others.length === 0) return [{ by: byMonth, holds: () => sql`true` }];
  const isAmong =
    (rows: readonly KeptRow[]) =>
    (slice: SQL): SQL =>
      sql`${slice} = ANY (${`{${rows.map(({ id }) => id).join(",")}}`}::int[])`;
  const alike = Map.groupBy(others, (row) => {
    const { by, parts } = keptBy(row, daysFrom);
    return JSON.stringify([by, [...parts]]);
  });
  return [
    { by: byMonth, holds: (slice) => sql`NOT ${isAmong(others)(slice)}` },
    ...[...alike.values()].map((rows) => ({ ...keptBy(rows[0]!, daysFrom), holds: isAmong(rows) })),
  ];
}

export const listKeptSums = (tx: LedgerTx): Promise<KeptRow[]> =>
  tx.rows<KeptRow>(
    sql`SELECT id, filter, grain, begins FROM kept_sums WHERE org_id = ${tx.orgId} AND slices IS NOT NULL ORDER BY id`,
  );

/** int[] of the kept sums in which a customer counts that counts in `slices`; of those alone that `which` says something of. */
export const keptSumsOf = (tx: LedgerTx, slices: SQL, which = sql`true`): SQL =>
  sql`ARRAY(SELECT k.id FROM kept_sums k WHERE k.org_id = ${tx.orgId} AND k.slices <@ ${slices} AND ${which} ORDER BY k.id)`;

/** Where a slice's sums are gone, so are these; what people ask for is remembered. */
export const forgetKeptSums = (tx: LedgerTx): Promise<unknown> =>
  tx.rows(sql`UPDATE kept_sums SET slices = NULL WHERE org_id = ${tx.orgId} AND slices IS NOT NULL`);

/** Has all sums made that people ask for and that are not there. */
export async function enqueueKeptSums(tx: LedgerTx): Promise<void> {
  const missing = await tx.rows<{ id: number }>(
    sql`SELECT id FROM kept_sums WHERE org_id = ${tx.orgId} AND slices IS NULL ORDER BY asked_at DESC`,
  );
  for (const { id } of missing) await enqueueKeepSums(tx, id);
}

/** After the slices that they are made of, and one at a time. */
export const enqueueKeepSums = (tx: LedgerTx, id: number): Promise<void> =>
  enqueueJob(
    tx,
    "keepSums",
    { orgId: tx.orgId, id },
    { key: `keep:${tx.orgId}:${id}`, queue: `slices:${tx.orgId}` },
  );

/** What a transaction asked for that is kept because people ask for it, or might be: it may only read. */
const wanted = new WeakMap<LedgerTx, SumsQuestion[]>();

export function noteWanted(tx: LedgerTx, question: SumsQuestion): void {
  wanted.set(tx, [...listWanted(tx), question]);
}
export const listWanted = (tx: LedgerTx): readonly SumsQuestion[] => wanted.get(tx) ?? [];
