import { type SQL, sql } from "drizzle-orm";
import { untagged } from "./contributions.ts";
import { findSlices } from "./filter-slices.ts";
import {
  enqueueKeepSums,
  isQuestion,
  type KeptRow,
  keptBy,
  questionValues,
  type SingleValues,
  type SumsQuestion,
} from "./kept-sums.ts";
import type { LedgerTx } from "./ledger.ts";
import { addUpUnchanged } from "./refresh.ts";
import { clearRollups } from "./rollup-tables.ts";
import { contribute } from "./rollups.ts";
import { stageTable } from "./stage-table.ts";

/** The ledger of fewer rows is added up about as fast as a request is answered. */
const worthKeeping = 2_000;
/** Every refresh writes those that its customers count in. */
const mostKept = 20;
/** What was asked for within it makes no room for others. */
const lately = sql`now() - interval '1 day'`;

/**
 * Notes that somebody asks a question. Where it is added up from many rows each time, a job makes sums that are kept.
 */
export async function noteAsked(tx: LedgerTx, question: SumsQuestion, atLeast = worthKeeping): Promise<void> {
  const [known] = await tx.rows<{ id: number; kept: boolean }>(sql`
    UPDATE kept_sums SET asked_at = now() WHERE org_id = ${tx.orgId} AND ${isQuestion(question)}
    RETURNING id, slices IS NOT NULL AS kept`);
  if (known?.kept) return;
  const part = await findPart(tx, question.filter);
  // without slices there is nothing to tell who counts by; by month most of them have sums
  if (part === null || (part.isRolled && question.grain === "month")) return;
  const [size] = await tx.rows<{ rows: number }>(
    sql`SELECT count(*)::int AS rows FROM (SELECT FROM ${part.ledger} ledger LIMIT ${atLeast}) first`,
  );
  if ((size?.rows ?? 0) < atLeast) return;
  const [wanted] = known
    ? [known]
    : await tx.rows<{ id: number }>(sql`
        INSERT INTO kept_sums (org_id, filter, grain, begins) SELECT ${tx.orgId}::uuid, ${questionValues(question)}
        WHERE (SELECT count(*) < ${mostKept} FROM kept_sums WHERE org_id = ${tx.orgId} AND asked_at > ${lately})
        ON CONFLICT DO NOTHING RETURNING id`);
  if (wanted) await enqueueKeepSums(tx, wanted.id);
}

interface Part {
  /** FROM item with its rows. */
  ledger: SQL;
  /** The slices of its values. */
  slices: number[];
  /** It has sums by month. */
  isRolled: boolean;
}

/** The part of the ledger that a filter chooses; null where slices do not tell it, or nobody has one of its values. */
async function findPart(tx: LedgerTx, filter: SingleValues): Promise<Part | null> {
  const values = Object.entries(filter);
  if (values.length === 0)
    return { ledger: sql`(SELECT * FROM movement WHERE org_id = ${tx.orgId})`, slices: [], isRolled: true };
  const found = await findSlices(tx, Object.fromEntries(values.map(([key, value]) => [key, [value]])));
  if (found === null || found.ids.length < values.length) return null;
  return { ledger: sql`(${found.ledger})`, slices: found.ids, isRolled: found.rolled !== null };
}

/**
 * Makes sums that people ask for, if there are none, and forgets those that nobody asked for longest.
 * @param options.holding whoever changes facts waits; else they make it void
 * @throws AppError CONFLICT when it was made void, and then everything of it has to be rolled back
 */
export async function keepSums(tx: LedgerTx, id: number, options: { holding: boolean }): Promise<void> {
  await addUpUnchanged(tx, options, async ({ daysFrom, slicesBuilt }) => {
    // held, so that it does not go meanwhile; that it is asked for may still be noted
    const [wanted] = await tx.rows<KeptRow>(
      sql`SELECT id, filter, grain, begins FROM kept_sums WHERE org_id = ${tx.orgId} AND id = ${id} AND slices IS NULL FOR KEY SHARE`,
    );
    const part = wanted && slicesBuilt ? await findPart(tx, wanted.filter) : null;
    if (!wanted || part === null || daysFrom === null) return;
    const kept = {
      ...keptBy(wanted, daysFrom),
      tags: { ...untagged, slice: () => sql.raw(String(id)) },
    };
    if (part.slices.length === 0) await contribute(tx, part.ledger, kept);
    else {
      await stageTable(tx, "kept_ledger", sql`SELECT * FROM ${part.ledger} ledger`);
      await contribute(tx, sql`kept_ledger`, kept);
      await tx.rows(sql`DROP TABLE kept_ledger`);
    }
    await tx.rows(sql`
      UPDATE kept_sums SET slices = ${`{${part.slices.join(",")}}`}::int[] WHERE org_id = ${tx.orgId} AND id = ${id}`);
  });
  // by now no refresh runs beside it: one that folds, too, would wait for this, and this for it
  const gone = await tx.rows<{ id: number }>(sql`
    DELETE FROM kept_sums WHERE org_id = ${tx.orgId} AND id IN (
      SELECT id FROM kept_sums WHERE org_id = ${tx.orgId} ORDER BY asked_at DESC OFFSET ${mostKept})
    RETURNING id`);
  for (const { id: one } of gone) await clearRollups(tx, one);
}
