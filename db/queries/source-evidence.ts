import { type SQL, sql } from "drizzle-orm";
import type { CustomerDetail } from "#contracts/analytics.ts";
import { noteUnder } from "#contracts/discount-note.ts";
import type { Confidence } from "#contracts/source-facts.ts";
import { objectStream, parseEvidence, type SourceObjectRef, stripePage } from "#contracts/source-links.ts";
import type { SourceObjectOutput } from "#contracts/source-objects.ts";
import type { SourceKind } from "#contracts/sources.ts";
import type { Policy } from "#metrics/policy.ts";
import { AppError } from "#root/errors.ts";
import { getAnalyticsSettings } from "./analytics-settings.ts";
import type { LedgerTx } from "./ledger.ts";

/** From a fact of a source down to the vendor's objects that it was read from. */

/** Columns of a version that say where it came from, whatever its FROM item is called. */
export const originColumns = (v: string): SQL =>
  sql.raw(
    `${v}.source_id::text AS source_id, ${v}.confidence, ${v}.evidence[1] AS evidence, ${v}.note AS source_note`,
  );

export interface Origin {
  source_id: string | null;
  confidence: Confidence | null;
  /** The strongest. */
  evidence: string | null;
  source_note: string | null;
}

/** What a row on the wire says of its source besides, under a policy; nothing where it came from a file. */
export const originOf = (
  { source_id, confidence, evidence, source_note }: Origin,
  policy: Pick<Policy, "discounts">,
): Partial<SourcedOrigin> =>
  source_id === null
    ? {}
    : {
        object: evidence === null ? null : parseEvidence(evidence, source_id),
        confidence,
        note: noteUnder(source_note, policy),
      };

interface SourcedOrigin {
  object: SourceObjectRef | null;
  confidence: Confidence | null;
  note: string | null;
}

/** What lets whoever reads it in somewhere: not shown to everybody who may read numbers. */
const isSecret = (key: string): boolean =>
  /secret$/.test(key) || ["hosted_invoice_url", "invoice_pdf", "receipt_url"].includes(key);

function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      isSecret(key) && inner !== null ? "…" : withoutSecrets(inner),
    ]),
  );
}

interface Kept extends Record<string, unknown> {
  customer_id: string | null;
  deleted: boolean;
  at: string;
  body: Record<string, unknown>;
}

const instantText = (at: SQL): SQL =>
  sql`to_char((${at}) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/**
 * An object of a source as it was read last, without what would let a reader in anywhere.
 * @throws AppError NOT_FOUND
 */
export async function getSourceObject(
  tx: LedgerTx,
  { sourceId, type, id }: { sourceId: string; type: string; id: string },
): Promise<SourceObjectOutput> {
  const [source] = await tx.rows<{
    id: string;
    kind: SourceKind;
    name: string;
    livemode: boolean | null;
    account: string | null;
  }>(sql`
    SELECT id::text AS id, kind, name, livemode, options ->> 'stripe_account' AS account FROM source
    WHERE org_id = ${tx.orgId} AND id = ${sourceId}::uuid`);
  const stream = objectStream(type);
  const kept = source && stream ? await findKept(tx, { sourceId, type, stream, id }) : null;
  if (!source || !kept) throw new AppError("NOT_FOUND", "This source holds no such object (any more).");
  const { livemode, account, ...named } = source;
  const body = withoutSecrets(kept.body) as Record<string, unknown>;
  return {
    ...{ ...kept, source: named, type, id, body },
    url: stripePage({ type, id }, { livemode, account }),
    facts: await listFactsFrom(tx, sourceId, `${type}:${id}`, kept.customer_id),
  };
}

async function findKept(
  tx: LedgerTx,
  { sourceId, type, stream, id }: { sourceId: string; type: string; stream: string; id: string },
): Promise<Kept | null> {
  const of = sql`org_id = ${tx.orgId} AND source_id = ${sourceId}::uuid`;
  const readAt = instantText(sql`to_timestamp(o.at / 1000.0)`);
  if (type === "event") {
    const [event] =
      await tx.rows<Kept>(sql`SELECT customer_id, false AS deleted, ${instantText(sql`o.at`)} AS at, body
      FROM source_event o WHERE ${of} AND id = ${id}`);
    return event ?? null;
  }
  if (type === "invoice_line") {
    // a part of an invoice, of the customer to whom it was billed
    const [line] = await tx.rows<Kept>(sql`
      SELECT o.customer_id, o.deleted, ${readAt} AS at, line.value AS body
      FROM transaction t JOIN customer c ON c.org_id = t.org_id AND c.id = coalesce(t.merged_from, t.customer_id)
      JOIN source_object o ON o.org_id = t.org_id AND o.source_id = t.source_id AND o.stream = ${stream}
        AND o.customer_id = c.external_id
      CROSS JOIN LATERAL json_array_elements(o.body::json -> 'lines' -> 'data') line
      WHERE t.org_id = ${tx.orgId} AND t.source_id = ${sourceId}::uuid AND t.evidence = ${`invoice_line:${id}`}
        AND line.value ->> 'id' = ${id} LIMIT 1`);
    return line ?? null;
  }
  const [object] =
    await tx.rows<Kept>(sql`SELECT customer_id, deleted, ${readAt} AS at, body::json AS body FROM source_object o
    WHERE ${of} AND stream = ${stream} AND id = ${id}`);
  return object ?? null;
}

/** Sources that say something of a customer, with their own page of it. */
export async function listTellers(
  tx: LedgerTx,
  customerId: string,
  externalId: string,
): Promise<CustomerDetail["told_by"]> {
  const rows = await tx.rows<{
    source_id: string;
    kind: SourceKind;
    name: string;
    livemode: boolean | null;
    account: string | null;
    deleted: boolean;
  }>(sql`
    SELECT s.id::text AS source_id, s.kind, s.name, s.livemode, s.options ->> 'stripe_account' AS account,
      coalesce(o.deleted, false) AS deleted
    FROM customer_fact f JOIN source s ON s.org_id = ${tx.orgId} AND s.id = f.source_id
    LEFT JOIN source_object o ON o.org_id = ${tx.orgId} AND o.source_id = s.id AND o.stream = 'customers' AND o.id = ${externalId}
    WHERE f.org_id = ${tx.orgId} AND f.customer_id = ${customerId}::bigint ORDER BY s.seq`);
  return rows.map(({ livemode, account, ...rest }) => ({
    ...rest,
    url: stripePage({ type: "customer", id: externalId }, { livemode, account }),
  }));
}

const mostFacts = 100;

async function listFactsFrom(
  tx: LedgerTx,
  sourceId: string,
  evidence: string,
  customerId: string | null,
): Promise<SourceObjectOutput["facts"]> {
  if (customerId === null) return [];
  const { policy } = await getAnalyticsSettings(tx);
  const facts = await tx.rows<SourceObjectOutput["facts"][number] & Record<string, unknown>>(sql`
    SELECT c.external_id AS customer_id, v.subscription_id, v.plan, v.from_day::text AS from, v.to_day::text AS to, v.status,
      v.confidence, v.note
    FROM customer c LEFT JOIN customer_merge g ON g.org_id = c.org_id AND g.customer_id = c.id
    JOIN subscription_version v ON v.org_id = c.org_id AND v.customer_id = coalesce(g.root_id, c.id)
    WHERE c.org_id = ${tx.orgId} AND c.external_id = ${customerId} AND v.source_id = ${sourceId}::uuid
      AND ${evidence} = ANY (v.evidence)
    ORDER BY v.from_day, v.id LIMIT ${mostFacts}`);
  return facts.map((fact) => ({ ...fact, note: noteUnder(fact.note, policy) }));
}
