import { sql } from "drizzle-orm";
import { untagged } from "./contributions.ts";
import { findSlices } from "./filter-slices.ts";
import { enqueueKeepFilter, isFilter, type SingleValues } from "./kept-filters.ts";
import type { LedgerTx } from "./ledger.ts";
import { addUpUnchanged } from "./refresh.ts";
import { clearRollups, contribute } from "./rollups.ts";
import { stageTable } from "./stage-table.ts";

/** The ledger of fewer rows is added up about as fast as a request is answered. */
const worthKeeping = 10_000;
/** Every refresh writes the sums of those that its customers count in. */
const mostKept = 20;
/** What was asked for within it makes no room for others. */
const lately = sql`now() - interval '1 day'`;

/**
 * Notes that somebody asks for a filter. Where it is added up from many rows each time, a job makes sums that are kept.
 * @param filter of slices (`singleValues`)
 */
export async function noteAsked(tx: LedgerTx, filter: SingleValues, atLeast = worthKeeping): Promise<void> {
  const [known] = await tx.rows<{ id: number; kept: boolean }>(sql`
    UPDATE kept_filter SET asked_at = now() WHERE org_id = ${tx.orgId} AND ${isFilter(filter)}
    RETURNING id, slices IS NOT NULL AS kept`);
  if (known?.kept) return;
  const slices = await findSlices(tx, valuesOf(filter));
  // without slices there is nothing to tell who counts by; a single value may have rollups already
  if (slices === null || slices.rolled !== null) return;
  const [size] = await tx.rows<{ rows: number }>(
    sql`SELECT count(*)::int AS rows FROM (SELECT FROM (${slices.ledger}) ledger LIMIT ${atLeast}) first`,
  );
  if ((size?.rows ?? 0) < atLeast) return;
  const [wanted] = known
    ? [known]
    : await tx.rows<{ id: number }>(sql`
        INSERT INTO kept_filter (org_id, filter) SELECT ${tx.orgId}::uuid, ${JSON.stringify(filter)}::jsonb
        WHERE (SELECT count(*) < ${mostKept} FROM kept_filter WHERE org_id = ${tx.orgId} AND asked_at > ${lately})
        ON CONFLICT DO NOTHING RETURNING id`);
  if (wanted) await enqueueKeepFilter(tx, wanted.id);
}

const valuesOf = (filter: SingleValues): Record<string, string[]> =>
  Object.fromEntries(Object.entries(filter).map(([key, value]) => [key, [value]]));

/**
 * Makes the sums of a filter that people ask for, if there are none, and forgets those that nobody asked for longest.
 * @param options.holding whoever changes facts waits; else they make it void
 * @throws AppError CONFLICT when it was made void, and then everything of it has to be rolled back
 */
export const keepFilter = (tx: LedgerTx, id: number, { holding }: { holding: boolean }): Promise<void> =>
  addUpUnchanged(tx, { holding }, async ({ daysFrom }) => {
    // held, so that it does not go meanwhile; that it is asked for may still be noted
    const [wanted] = await tx.rows<{ filter: SingleValues }>(
      sql`SELECT filter FROM kept_filter WHERE org_id = ${tx.orgId} AND id = ${id} AND slices IS NULL FOR KEY SHARE`,
    );
    const found = wanted && (await findSlices(tx, valuesOf(wanted.filter)));
    // a value that nobody has any more is no slice
    if (!found || found.ids.length < Object.keys(wanted.filter).length || daysFrom === null) return;
    await stageTable(tx, "kept_ledger", found.ledger);
    await contribute(tx, sql`kept_ledger`, {
      daysFrom,
      tags: { ...untagged, slice: () => sql.raw(String(id)) },
    });
    await tx.rows(sql`DROP TABLE kept_ledger`);
    await tx.rows(sql`
      UPDATE kept_filter SET slices = ${`{${found.ids.join(",")}}`}::int[] WHERE org_id = ${tx.orgId} AND id = ${id}`);
    const gone = await tx.rows<{ id: number }>(sql`
      DELETE FROM kept_filter WHERE org_id = ${tx.orgId} AND id IN (
        SELECT id FROM kept_filter WHERE org_id = ${tx.orgId} ORDER BY asked_at DESC OFFSET ${mostKept})
      RETURNING id`);
    for (const { id: one } of gone) await clearRollups(tx, one);
  });
