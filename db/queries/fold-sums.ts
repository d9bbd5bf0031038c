import { type SQL, sql } from "drizzle-orm";
import type { Day } from "#metrics/day.ts";
import { enqueueJob } from "../jobs.ts";
import { groupKept, listKeptSums } from "./kept-sums.ts";
import type { LedgerTx } from "./ledger.ts";
import { tagsOf } from "./pending-sums.ts";
import { columnsOf, dayRollup, type Rollup, rollups } from "./rollup-tables.ts";
import { addToSlices, findRange, linesOf } from "./rollups.ts";

/** What was taken of pending_sums. */
const taken = sql`fold_taken`;
const tags = tagsOf(sql`(SELECT id AS member, slices FROM ${taken})`);
const rowsOf = (rollup: Rollup): SQL => sql`SELECT t.id AS slice, ${columnsOf(rollup, "u")}
  FROM ${taken} t, unnest(t.${sql.identifier(rollup.pending)}) u WHERE t.${sql.identifier(rollup.pending)} IS NOT NULL`;

/** Refreshes often follow each other, and many are folded about as fast as one: it is done once there is a pause. */
const pauseMs = 2_000;
/** Readers add up what is pending each time: for so long a fold is put off. */
const longestSeconds = 15;
/** Where nobody has folded for so long, no worker runs. */
const tooLongSeconds = 60;

/** Has what this transaction leaves pending folded. @param since seconds for which something has been pending */
export const enqueueFold = (tx: LedgerTx, since: number): Promise<void> =>
  enqueueJob(
    tx,
    "foldSums",
    { orgId: tx.orgId },
    {
      key: `fold:${tx.orgId}`,
      keyMode: since < longestSeconds ? "replace" : "preserve_run_at",
      runAt: new Date(Date.now() + pauseMs),
    },
  );

/** Whether a refresh folds what is pending itself. @param since seconds for which it has been */
export const isFoldLate = (since: number): boolean => since > tooLongSeconds;

/**
 * Adds all pending sums of the organisation to those of their slices: every answer stays what it is. Refreshes need not wait: they
 * only leave more. Whoever writes sums of slices folds first: what is pending is locked by that, and nobody else folds until the
 * transaction ends.
 */
export async function foldSums(tx: LedgerTx): Promise<void> {
  await tx.rows(sql`CREATE TEMP TABLE ${taken} (LIKE pending_sums) ON COMMIT DROP`);
  const [found] = await tx.rows<{ any: boolean }>(sql`
    WITH gone AS (DELETE FROM pending_sums WHERE org_id = ${tx.orgId} RETURNING *), put AS (INSERT INTO ${taken} SELECT * FROM gone)
    SELECT count(*) > 0 AS any FROM gone`);
  if (found?.any) await foldTaken(tx);
  await tx.rows(sql`DROP TABLE ${taken}`);
}

async function foldTaken(tx: LedgerTx): Promise<void> {
  // not before anything is taken: whoever makes all afresh takes it, too, and then begins days at another one
  const [settings] = await tx.rows<{ from: Day | null }>(
    sql`SELECT rollup_days_from::text AS from FROM organisation WHERE id = ${tx.orgId}`,
  );
  const from = settings?.from;
  // nobody reads rollups then, and all of them are made afresh
  if (!from) return;
  await tx.rows(sql`ANALYZE ${taken} (id)`);
  const range = (await findRange(tx, sql`(${rowsOf(dayRollup)})`)) ?? { first: from, last: from };
  for (const { by, holds } of groupKept(await listKeptSums(tx), from)) {
    const add = addToSlices(sql`(SELECT * FROM ${tags} t WHERE ${holds(sql`slice`)})`);
    for (const rollup of rollups) await tx.rows(add(rollup, tx.orgId, rowsOf(rollup), linesOf(range, by)));
  }
}
