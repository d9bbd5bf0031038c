import { sql } from "drizzle-orm";
import type { LedgerTx } from "./ledger.ts";
import { jsonText, markStale } from "./source-objects.ts";

/** What a vendor said has happened, by webhook or when asked: each event once, until its object has been looked at. */

export interface GivenChange {
  eventId: string;
  type: string;
  stream: string;
  objectId: string;
  customerId: string | null;
  /** Seconds since 1970. */
  at: number;
  /** As it came. */
  body: Record<string, unknown>;
}

/**
 * Keeps events that are not kept yet.
 * @param pastBefore seconds since 1970: what happened before is evidence of how it was, and its objects need no look
 * @returns how many were new
 */
export async function putChanges(
  tx: LedgerTx,
  sourceId: string,
  changes: readonly GivenChange[],
  pastBefore = 0,
): Promise<number> {
  if (changes.length === 0) return 0;
  const [found] = await tx.rows<{ added: number }>(sql`
    WITH added AS (
      INSERT INTO source_event (org_id, source_id, id, type, stream, object_id, customer_id, at, body, applied_at)
      SELECT ${tx.orgId}::uuid, ${sourceId}::uuid, g."eventId", g.type, g.stream, g."objectId", g."customerId", to_timestamp(g.at),
        g.body, CASE WHEN g.at < ${pastBefore} THEN now() END
      FROM jsonb_to_recordset(${jsonText(changes)}::jsonb)
        AS g ("eventId" text, type text, stream text, "objectId" text, "customerId" text, at float8, body jsonb)
      ON CONFLICT DO NOTHING RETURNING at, customer_id, applied_at
    ), marked AS (${markStale(tx, sourceId, sql`SELECT customer_id FROM added WHERE applied_at IS NOT NULL`)})
    SELECT count(*)::int AS added FROM added`);
  return found?.added ?? 0;
}

/**
 * Notes on the source when the newest of these happened. Apart from keeping them: who holds the source's row and asks for a job waits for
 * the one that runs, which waits for the row.
 */
export async function noteNewest(
  tx: LedgerTx,
  sourceId: string,
  changes: readonly Pick<GivenChange, "at">[],
): Promise<void> {
  if (changes.length === 0) return;
  const newest = changes.reduce((latest, { at }) => Math.max(latest, at), 0);
  await tx.rows(sql`
    UPDATE source SET last_event_at = greatest(last_event_at, to_timestamp(${newest}))
    WHERE org_id = ${tx.orgId} AND id = ${sourceId}`);
}

/** An object that waits to be looked at, and the events that named it. */
export interface WaitingObject {
  stream: string;
  id: string;
  eventIds: string[];
}

/** The longest waiting first. */
export async function listWaiting(tx: LedgerTx, sourceId: string, limit: number): Promise<WaitingObject[]> {
  const rows = await tx.rows<{ stream: string; object_id: string; ids: string[] }>(sql`
    SELECT stream, object_id, array_agg(id) AS ids FROM source_event
    WHERE org_id = ${tx.orgId} AND source_id = ${sourceId} AND applied_at IS NULL
    GROUP BY stream, object_id ORDER BY min(at), object_id LIMIT ${limit}`);
  return rows.map(({ stream, object_id, ids }) => ({ stream, id: object_id, eventIds: ids }));
}

/** Their objects are as they are now. The customers that events name are derived again: events are evidence of what was. */
export async function markApplied(
  tx: LedgerTx,
  sourceId: string,
  eventIds: readonly string[],
): Promise<void> {
  if (eventIds.length === 0) return;
  await tx.rows(sql`
    WITH applied AS (
      UPDATE source_event SET applied_at = now() WHERE org_id = ${tx.orgId} AND source_id = ${sourceId} AND applied_at IS NULL
        AND id = ANY (ARRAY(SELECT jsonb_array_elements_text(${jsonText(eventIds)}::jsonb)))
      RETURNING customer_id)
    ${markStale(tx, sourceId, sql`SELECT customer_id FROM applied`)}`);
}
