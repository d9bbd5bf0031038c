import { sql } from "drizzle-orm";
import type { LedgerTx } from "./ledger.ts";
import { faultCleared } from "./source-sync.ts";

/** Where the listing of each stream of a source is. */

export interface ListedStream {
  name: string;
  cursor: string | null;
  /** It was listed to its end before: what is not met again may be gone. */
  again: boolean;
}

export interface StreamCheck {
  name: string;
  state: "ok" | "forbidden" | "error";
  message: string | null;
}

/** What may be read now; a stream that may be read again after it could not is listed from its beginning. */
export async function putStreamChecks(
  tx: LedgerTx,
  sourceId: string,
  checks: readonly StreamCheck[],
): Promise<void> {
  await tx.rows(sql`
    INSERT INTO source_stream AS s (org_id, source_id, name, state, message)
    SELECT ${tx.orgId}::uuid, ${sourceId}::uuid, g.name, g.state, g.message
    FROM jsonb_to_recordset(${JSON.stringify(checks)}::jsonb) AS g (name text, state text, message text)
    ON CONFLICT (org_id, source_id, name) DO UPDATE SET state = excluded.state, message = excluded.message`);
}

/** Names of the streams that the key may not read. */
export async function listForbidden(tx: LedgerTx, sourceId: string): Promise<string[]> {
  const rows = await tx.rows<{ name: string }>(sql`
    SELECT name FROM source_stream WHERE org_id = ${tx.orgId} AND source_id = ${sourceId} AND state = 'forbidden'`);
  return rows.map(({ name }) => name);
}

/** Begins to list these streams from their beginning. */
export async function beginStreams(tx: LedgerTx, sourceId: string, names: readonly string[]): Promise<void> {
  await tx.rows(sql`
    INSERT INTO source_stream AS s (org_id, source_id, name)
    SELECT ${tx.orgId}::uuid, ${sourceId}::uuid, name FROM jsonb_array_elements_text(${JSON.stringify(names)}::jsonb) AS name
    ON CONFLICT (org_id, source_id, name) DO UPDATE SET cursor = NULL, finished_at = NULL`);
}

/** Of the named streams those that are not at their end, as they were named. */
export async function listUnfinished(
  tx: LedgerTx,
  sourceId: string,
  names: readonly string[],
): Promise<ListedStream[]> {
  const rows = await tx.rows<{ name: string; cursor: string | null; again: boolean }>(sql`
    SELECT name, cursor, EXISTS (
      SELECT FROM source_object o WHERE o.org_id = ${tx.orgId} AND o.source_id = ${sourceId} AND o.stream = s.name) AS again
    FROM source_stream s
    WHERE org_id = ${tx.orgId} AND source_id = ${sourceId} AND finished_at IS NULL AND state <> 'forbidden'`);
  const found = new Map(rows.map((row) => [row.name, row]));
  return names.flatMap((name) => found.get(name) ?? []);
}

/** Pages of it are kept; `next` null: there are no more. The source got on: what went wrong before is over. */
export async function advanceStream(
  tx: LedgerTx,
  sourceId: string,
  { name, next, count }: { name: string; next: string | null; count: number },
): Promise<void> {
  await tx.rows(sql`
    WITH cleared AS (${faultCleared(tx, sourceId)})
    UPDATE source_stream SET state = 'ok', message = NULL, cursor = ${next},
      done = CASE WHEN cursor IS NULL THEN 0 ELSE done END + ${count},
      finished_at = CASE WHEN ${next === null} THEN now() END
    WHERE org_id = ${tx.orgId} AND source_id = ${sourceId} AND name = ${name}`);
}

/** Whether what happened could be asked for. What a check said of it before, in more words, stays. */
export async function noteTeller(
  tx: LedgerTx,
  sourceId: string,
  name: string,
  refusal: string | null,
): Promise<void> {
  await tx.rows(sql`
    INSERT INTO source_stream AS s (org_id, source_id, name, state, message)
    VALUES (${tx.orgId}, ${sourceId}, ${name}, ${refusal === null ? "ok" : "forbidden"}, ${refusal})
    ON CONFLICT (org_id, source_id, name) DO UPDATE SET state = excluded.state, message = excluded.message
    WHERE s.state IS DISTINCT FROM excluded.state`);
}

/** The key may not read it (any more): the rest goes on without. */
export async function forbidStream(
  tx: LedgerTx,
  sourceId: string,
  name: string,
  message: string,
): Promise<void> {
  await tx.rows(sql`
    UPDATE source_stream SET state = 'forbidden', message = ${message}, cursor = NULL
    WHERE org_id = ${tx.orgId} AND source_id = ${sourceId} AND name = ${name}`);
}
