import { type SQL, sql } from "drizzle-orm";
import type { RawObject } from "#contracts/source-facts.ts";
import type { LedgerTx } from "./ledger.ts";

/** The vendor's objects as they are kept: raw, with their earlier states, and whom a change of them concerns. */

/** An object as it is written: its text takes a fraction of the memory that it takes itself. */
export type PackedObject = Omit<RawObject, "body"> & { text: string };

export const packObject = ({ body, ...named }: RawObject): PackedObject => ({
  ...named,
  text: jsonText(body),
});

export interface GivenObjects {
  objects: readonly PackedObject[];
  /** Whose parts of a stream are given completely: what is kept of them and not given is gone. */
  replaces?: readonly { stream: string; parentId: string }[];
  /** The vendor's clock at the answer, milliseconds. */
  at: number;
  apiVersion: string;
  /** Streams of which earlier states are kept. */
  history: readonly string[];
}

/** A vendor's servers tell slightly different times: what is older by less is not taken for old. */
const clockTolerance = 5 * 60_000;

/**
 * Postgres takes neither NUL nor half of a surrogate pair: they are left out. `text` is JSON, so they stand there escaped.
 */
const harmful = /\\u(?:0000|d[89a-f][0-9a-f]{2})/i;
export function jsonText(value: unknown): string {
  const text = JSON.stringify(value);
  if (!text.includes("\\u") || !harmful.test(text)) return text;
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === "string" ? inner.replaceAll("\u0000", "").toWellFormed() : inner,
  );
}

/** Stands between texts: JSON has every control character escaped. */
const between = "\u001e";

/** Each object once, as it was given last; FROM item with columns s, i, c, p, d, b. */
function givenRows(objects: readonly PackedObject[]): SQL {
  const given = [...new Map(objects.map((one) => [`${one.stream} ${one.id}`, one])).values()];
  const names = given.map((one) => ({
    ...{ s: one.stream, i: one.id, c: one.customerId, p: one.parentId },
    ...(one.deleted ? { d: true } : {}),
  }));
  const bodies = given.map(({ text }) => text).join(between);
  return sql`ROWS FROM (
      jsonb_to_recordset(${jsonText(names)}::jsonb) AS (s text, i text, c text, p text, d boolean),
      string_to_table(${bodies}, ${between})) AS g (s, i, c, p, d, b)`;
}

/**
 * Keeps objects as they are now. Whose customer or, of shared ones, whoever was made from them is stale afterwards, unless
 * everything is as before. Writers of one source take turns: each holds it until its transaction ends.
 * @returns how many came or changed
 */
export async function putObjects(tx: LedgerTx, sourceId: string, given: GivenObjects): Promise<number> {
  await holdObjects(tx, sourceId);
  const gone = given.replaces?.length ? await removeMissingParts(tx, sourceId, given) : 0;
  if (given.objects.length === 0) return gone;
  const columns = sql.raw(
    "org_id, source_id, stream, id, customer_id, parent_id, body, deleted, at, api_version",
  );
  const values = (known: SQL) => sql`
      SELECT ${tx.orgId}::uuid, ${sourceId}::uuid, stream, id, customer_id, parent_id, body, deleted, ${given.at}::bigint, ${given.apiVersion}
      FROM given g WHERE ${known} (SELECT FROM old WHERE old.stream = g.stream AND old.id = g.id)`;
  const [found] = await tx.rows<{ changed: number }>(sql`
    WITH given AS MATERIALIZED (
      SELECT s AS stream, i AS id, c AS customer_id, p AS parent_id, b AS body, coalesce(d, false) AS deleted FROM ${givenRows(given.objects)}
    ), old AS MATERIALIZED (
      SELECT o.stream, o.id, o.customer_id, o.parent_id, o.body, o.deleted, o.at,
        o.deleted IS DISTINCT FROM g.deleted
          -- the same in another order is the same
          OR (NOT g.deleted AND CASE WHEN o.body = g.body THEN false ELSE o.body::jsonb <> g.body::jsonb END) AS other
      FROM given g CROSS JOIN LATERAL (${keptAs(tx, sourceId, sql`o.stream = g.stream AND o.id = g.id`)}) o
    ), fresh AS (
      -- the source is held: what is not there now stays so
      INSERT INTO source_object (${columns}) ${values(sql`NOT EXISTS`)} RETURNING stream, id, customer_id
    ), again AS (
      INSERT INTO source_object AS o (${columns}) ${values(sql`EXISTS`)}
      ON CONFLICT (org_id, source_id, stream, id) DO UPDATE SET
        customer_id = coalesce(excluded.customer_id, o.customer_id), parent_id = coalesce(excluded.parent_id, o.parent_id),
        body = CASE WHEN excluded.deleted OR o.body = excluded.body THEN o.body ELSE excluded.body END,
        deleted = excluded.deleted, at = greatest(o.at, excluded.at), api_version = excluded.api_version
      WHERE o.at <= excluded.at + ${clockTolerance}
      RETURNING o.stream, o.id, o.customer_id
    ), changed AS MATERIALIZED (
      SELECT stream, id, customer_id, NULL AS was_of FROM fresh
      UNION ALL SELECT a.stream, a.id, a.customer_id, old.customer_id FROM again a JOIN old USING (stream, id) WHERE old.other
    ), kept AS (${keepStates(tx, sourceId, given.history, sql`SELECT old.* FROM old JOIN changed USING (stream, id)`)}
    ), marked AS (${markStale(
      tx,
      sourceId,
      sql`
        SELECT customer_id FROM changed UNION SELECT was_of FROM changed
        UNION SELECT r.customer_id FROM changed c CROSS JOIN LATERAL (
          SELECT r.customer_id FROM source_reference r
          WHERE r.org_id = ${tx.orgId} AND r.source_id = ${sourceId} AND r.stream = c.stream AND r.id = c.id OFFSET 0) r
        WHERE c.customer_id IS NULL`,
    )})
    SELECT count(*)::int AS changed FROM changed`);
  return (found?.changed ?? 0) + gone;
}

/**
 * As a sync holds its source, before anything of it is read: a statement does not see what came after it began, so a lock within
 * the one that writes would come too late.
 */
const holdObjects = (tx: LedgerTx, sourceId: string): Promise<unknown> =>
  tx.rows(sql`SELECT FROM source WHERE org_id = ${tx.orgId} AND id = ${sourceId} FOR NO KEY UPDATE`);

/**
 * Kept objects of a condition, by one look into the index for each row that it is joined to: the table grows while it is written,
 * and by its statistics the planner would rather read all of it.
 */
export const keptAs = (tx: LedgerTx, sourceId: string, condition: SQL): SQL => sql`
  SELECT o.stream, o.id, o.customer_id, o.parent_id, o.body, o.deleted, o.at FROM source_object o
  WHERE o.org_id = ${tx.orgId} AND o.source_id = ${sourceId} AND ${condition} OFFSET 0`;

/** INSERT of the rows of a query (stream, id, at, customer_id, parent_id, body, deleted) among the earlier states. */
const keepStates = (tx: LedgerTx, sourceId: string, history: readonly string[], states: SQL): SQL => sql`
  INSERT INTO source_object_version (org_id, source_id, stream, id, at, customer_id, parent_id, body, deleted)
  SELECT ${tx.orgId}::uuid, ${sourceId}::uuid, stream, id, at, customer_id, parent_id, body, deleted FROM (${states}) states
  WHERE stream IN (SELECT jsonb_array_elements_text(${JSON.stringify(history)}::jsonb)) ON CONFLICT DO NOTHING`;

/** INSERT of the customers that a query names, null for nobody. */
export const markStale = (tx: LedgerTx, sourceId: string, customers: SQL): SQL => sql`
  INSERT INTO source_stale_customer (org_id, source_id, customer_id)
  SELECT ${tx.orgId}::uuid, ${sourceId}::uuid, customer_id FROM (${customers}) named
  WHERE customer_id IS NOT NULL ON CONFLICT DO NOTHING`;

/** Parts of an object that it has no more. @returns how many */
async function removeMissingParts(
  tx: LedgerTx,
  sourceId: string,
  { objects, replaces = [], at, history }: GivenObjects,
): Promise<number> {
  const ids = objects.map(({ stream, id }) => ({ stream, id }));
  const [found] = await tx.rows<{ gone: number }>(sql`
    WITH whole AS (SELECT * FROM jsonb_to_recordset(${jsonText(replaces)}::jsonb) AS w (stream text, "parentId" text)),
    missing AS MATERIALIZED (
      SELECT o.* FROM whole w
      CROSS JOIN LATERAL (${keptAs(tx, sourceId, sql`o.stream = w.stream AND o.parent_id = w."parentId"`)}) o
      WHERE NOT o.deleted AND o.at <= ${at}::bigint + ${clockTolerance}
        AND (o.stream, o.id) NOT IN (
          SELECT g.stream, g.id FROM jsonb_to_recordset(${jsonText(ids)}::jsonb) AS g (stream text, id text))
    ), gone AS (
      UPDATE source_object o SET deleted = true, at = greatest(o.at, ${at}::bigint) FROM missing m
      WHERE o.org_id = ${tx.orgId} AND o.source_id = ${sourceId} AND o.stream = m.stream AND o.id = m.id
    ), kept AS (${keepStates(tx, sourceId, history, sql`SELECT * FROM missing`)}
    ), marked AS (${markStale(tx, sourceId, sql`SELECT customer_id FROM missing`)})
    SELECT count(*)::int AS gone FROM missing`);
  return found?.gone ?? 0;
}

/** Objects of a stream that were last read before an instant (milliseconds), and are not known to be gone. */
export async function listUnseen(
  tx: LedgerTx,
  sourceId: string,
  { stream, before, limit }: { stream: string; before: number; limit: number },
): Promise<string[]> {
  const rows = await tx.rows<{ id: string }>(sql`
    SELECT id FROM source_object
    WHERE org_id = ${tx.orgId} AND source_id = ${sourceId} AND stream = ${stream} AND NOT deleted AND at < ${before}::bigint
    LIMIT ${limit}`);
  return rows.map(({ id }) => id);
}
