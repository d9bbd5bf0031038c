import { sql } from "drizzle-orm";
import type { LedgerTx } from "./ledger.ts";
import { jsonText, keptAs } from "./source-objects.ts";

/** What is known of the customers of a source that are to be derived, and the bookkeeping of that. */

export interface KeptObject {
  stream: string;
  id: string;
  parentId: string | null;
  body: Record<string, unknown>;
  deleted: boolean;
  /** Milliseconds: the vendor's clock when it was last read. */
  at: number;
}

export interface KnownCustomer {
  customerId: string;
  /** By stream, as they are now, in no order. */
  own: Map<string, KeptObject[]>;
  /** Earlier states, oldest first. */
  earlier: KeptObject[];
  /** As they came, oldest first. */
  events: Record<string, unknown>[];
}

/** @param after of the one before: customers that cannot be derived yet are passed by */
export async function listStale(
  tx: LedgerTx,
  sourceId: string,
  after: string,
  limit: number,
): Promise<string[]> {
  const rows = await tx.rows<{ customer_id: string }>(sql`
    SELECT customer_id FROM source_stale_customer
    WHERE org_id = ${tx.orgId} AND source_id = ${sourceId} AND customer_id > ${after} ORDER BY customer_id LIMIT ${limit}`);
  return rows.map(({ customer_id }) => customer_id);
}

/** Everybody of whom an object is kept: what is made of objects has changed, not they. */
export async function markAllStale(tx: LedgerTx, sourceId: string): Promise<void> {
  await tx.rows(sql`
    INSERT INTO source_stale_customer (org_id, source_id, customer_id)
    SELECT DISTINCT ${tx.orgId}::uuid, ${sourceId}::uuid, customer_id FROM source_object
    WHERE org_id = ${tx.orgId} AND source_id = ${sourceId} AND customer_id IS NOT NULL ON CONFLICT DO NOTHING`);
}

interface ObjectRow extends Record<string, unknown> {
  customer_id: string;
  stream: string;
  id: string;
  parent_id: string | null;
  body: string;
  deleted: boolean;
  at: string;
}

const kept = (row: ObjectRow): KeptObject => ({
  ...{ stream: row.stream, id: row.id, parentId: row.parent_id },
  body: JSON.parse(row.body) as KeptObject["body"],
  ...{ deleted: row.deleted, at: Number(row.at) },
});

/**
 * In the order of the ids; one of whom nothing is kept stands there with nothing. Each is looked up by itself: after a backfill the
 * planner knows little of these tables, and would read all that the source has for every few customers.
 */
export async function listKnown(
  tx: LedgerTx,
  sourceId: string,
  customerIds: readonly string[],
): Promise<KnownCustomer[]> {
  const found = new Map<string, KnownCustomer>(
    customerIds.map((customerId) => [customerId, { customerId, own: new Map(), earlier: [], events: [] }]),
  );
  const theirs = (table: string, columns: string, order: string) => sql`
    SELECT ${sql.raw(columns)} FROM jsonb_array_elements_text(${jsonText(customerIds)}::jsonb) AS named (name)
    CROSS JOIN LATERAL (SELECT * FROM ${sql.identifier(table)}
      WHERE org_id = ${tx.orgId} AND source_id = ${sourceId} AND customer_id = named.name OFFSET 0) o ${sql.raw(order)}`;
  const columns = "customer_id, stream, id, parent_id, body, deleted, at";
  for (const row of await tx.rows<ObjectRow>(theirs("source_object", columns, ""))) {
    const own = found.get(row.customer_id)?.own;
    const ofStream = own?.get(row.stream);
    if (ofStream) ofStream.push(kept(row));
    else own?.set(row.stream, [kept(row)]);
  }
  for (const row of await tx.rows<ObjectRow>(
    theirs("source_object_version", columns, "ORDER BY at, stream, id"),
  ))
    found.get(row.customer_id)?.earlier.push(kept(row));
  for (const row of await tx.rows<{ customer_id: string; body: Record<string, unknown> }>(
    theirs("source_event", "customer_id, body", "ORDER BY at, id"),
  ))
    found.get(row.customer_id)?.events.push(row.body);
  return [...found.values()];
}

export interface ObjectName {
  stream: string;
  id: string;
}

/** Those of the named objects that are kept; they belong to nobody. */
export async function listShared(
  tx: LedgerTx,
  sourceId: string,
  names: readonly ObjectName[],
): Promise<KeptObject[]> {
  if (names.length === 0) return [];
  const rows = await tx.rows<ObjectRow>(sql`
    SELECT o.* FROM jsonb_to_recordset(${jsonText(names)}::jsonb) AS n (stream text, id text)
    CROSS JOIN LATERAL (${keptAs(tx, sourceId, sql`o.stream = n.stream AND o.id = n.id`)}) o`);
  return rows.map(kept);
}

/** These customers are derived: what they were made from is noted, and they are stale no more. */
export async function markDerived(
  tx: LedgerTx,
  sourceId: string,
  derived: readonly { customerId: string; references: readonly ObjectName[] }[],
): Promise<void> {
  const made = sql`= ANY (ARRAY(
    SELECT jsonb_array_elements_text(${jsonText(derived.map(({ customerId }) => customerId))}::jsonb)))`;
  const references = derived.flatMap(({ customerId, references: named }) =>
    named.map(({ stream, id }) => ({ stream, id, customer: customerId })),
  );
  await tx.rows(sql`
    WITH fresh AS MATERIALIZED (
      SELECT * FROM jsonb_to_recordset(${jsonText(references)}::jsonb) AS f (stream text, id text, customer text)
    ), gone AS (
      DELETE FROM source_reference r WHERE r.org_id = ${tx.orgId} AND r.source_id = ${sourceId} AND r.customer_id ${made}
        AND NOT EXISTS (SELECT FROM fresh f WHERE f.stream = r.stream AND f.id = r.id AND f.customer = r.customer_id)
    ), put AS (
      INSERT INTO source_reference (org_id, source_id, stream, id, customer_id)
      SELECT ${tx.orgId}::uuid, ${sourceId}::uuid, stream, id, customer FROM fresh ON CONFLICT DO NOTHING)
    DELETE FROM source_stale_customer s
    WHERE s.org_id = ${tx.orgId} AND s.source_id = ${sourceId} AND s.customer_id ${made}`);
}

/** Says so where somebody looks: a customer of whom nothing could be made is not passed by in silence. */
export async function putUnreadable(tx: LedgerTx, sourceId: string, customerId: string): Promise<void> {
  await tx.rows(sql`
    INSERT INTO source_warning AS w (org_id, source_id, customer_id, no, message)
    VALUES (${tx.orgId}, ${sourceId}, ${customerId}, 0,
      'Something of this customer could not be read: the numbers are those from before. It has been logged.')
    ON CONFLICT (org_id, source_id, customer_id, no) DO UPDATE SET message = excluded.message, at = now()`);
}
