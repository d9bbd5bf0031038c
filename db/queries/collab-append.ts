import { createHash } from "node:crypto";
import { sql } from "drizzle-orm";
import { permissions } from "#contracts/permissions.ts";
import type { OrgTx } from "../database.ts";
import { enqueueJob } from "../jobs.ts";

/** What a room gives to one document: see server/rooms/storage.ts. */
interface AppendBatch {
  docId: string;
  epoch: string;
  updates: readonly { data: Uint8Array; userId: string | null; claims: readonly number[] }[];
}
type AppendOutcome =
  | { kind: "stored"; previousSeq: number; lastSeq: number }
  | { kind: "shut"; why: "unknown" | "epoch" }
  | { kind: "refused"; users: string[]; clients: number[] };

/** A log this long, or this large, is made into a snapshot. */
const compactAfter = { updates: 500, bytes: 256 * 1024 };

interface LockedDoc extends Record<string, unknown> {
  doc_id: string;
  epoch: string;
  head_seq: string;
  snap_seq: string;
  tail_bytes: string;
  closed: boolean;
  writers: string[];
}

/**
 * Appends to the logs of several documents at once. Their rows are locked in order, so that a log's order is that of the commits,
 * however many processes write; rights and client ids are looked at under that lock. Bytes that are stored already get no second
 * place: `lastSeq` is then where they stand, or the end of what this call added.
 */
export async function appendUpdates(
  tx: OrgTx,
  nodeId: string,
  batches: readonly AppendBatch[],
): Promise<Map<string, AppendOutcome>> {
  const outcomes = new Map<string, AppendOutcome>();
  const docs = await lockDocs(tx, batches);
  const locked = new Map(docs.map((doc) => [doc.doc_id, doc]));
  const open = batches.filter(({ docId, epoch }) => {
    const doc = locked.get(docId);
    if (!doc || doc.closed) outcomes.set(docId, { kind: "shut", why: "unknown" });
    else if (doc.epoch !== epoch) outcomes.set(docId, { kind: "shut", why: "epoch" });
    return !outcomes.has(docId);
  });
  const writers = new Set(docs[0]?.writers ?? []);
  const foreign = await claimClients(tx, open);
  const rows = open.flatMap(({ docId, epoch, updates }) => {
    const users = [
      ...new Set(updates.flatMap(({ userId }) => (userId && !writers.has(userId) ? [userId] : []))),
    ];
    const clients = updates.flatMap(({ claims, userId }) =>
      claims.filter(
        (client) =>
          foreign.get(`${docId} ${client}`) !== undefined && foreign.get(`${docId} ${client}`) !== userId,
      ),
    );
    if (users.length === 0 && clients.length === 0)
      return updates.map(({ data, userId }) => ({ docId, epoch, data, userId, sha: shaOf(data) }));
    outcomes.set(docId, { kind: "refused", users, clients });
    return [];
  });
  const stored = await insertUpdates(tx, nodeId, rows);
  for (const { docId } of open) {
    const doc = locked.get(docId);
    if (!doc || outcomes.has(docId)) continue;
    const added = stored.get(docId) ?? { count: 0, bytes: 0 };
    const previousSeq = Number(doc.head_seq);
    outcomes.set(docId, { kind: "stored", previousSeq, lastSeq: previousSeq + added.count });
    if (isLong(doc, added)) await enqueueCompaction(tx, docId);
  }
  return outcomes;
}

/** One at a time per document, and at most one that waits. */
export const enqueueCompaction = (tx: OrgTx, docId: string): Promise<void> =>
  enqueueJob(tx, "compactDocument", { orgId: tx.orgId, docId }, { key: `compact:${docId}` });

const shaOf = (data: Uint8Array): Buffer => createHash("sha256").update(data).digest().subarray(0, 16);

/** The documents, locked in order, each with those of these people who may write. One statement: every commit waits for it. */
const lockDocs = (tx: OrgTx, batches: readonly AppendBatch[]) => {
  const ids = batches.map(({ docId }) => docId);
  const users = [...new Set(batches.flatMap(({ updates }) => updates.flatMap(({ userId }) => userId ?? [])))];
  return tx.rows<LockedDoc>(sql`
    SELECT doc_id, epoch, head_seq, snap_seq, tail_bytes, closed_at IS NOT NULL AS closed,
      ARRAY(SELECT user_id::text FROM membership WHERE org_id = ${tx.orgId} AND user_id = ANY (${sql.param(users)}::uuid[])
        AND role = ANY (${sql.param([...permissions["dashboard.edit"]])}::text[])) AS writers
    FROM collab_doc WHERE org_id = ${tx.orgId} AND doc_id = ANY (${sql.param(ids)}::uuid[])
    ORDER BY doc_id FOR NO KEY UPDATE`);
};

/** @returns who has the client ids that were somebody's already, by document and id */
async function claimClients(tx: OrgTx, batches: readonly AppendBatch[]): Promise<Map<string, string | null>> {
  const claims = batches.flatMap(({ docId, epoch, updates }) =>
    updates.flatMap(({ userId, claims }) => claims.map((client) => ({ docId, epoch, client, userId }))),
  );
  if (claims.length === 0) return new Map();
  const given = sql`unnest(${sql.param(claims.map((one) => one.docId))}::uuid[],
    ${sql.param(claims.map((one) => one.epoch))}::bigint[], ${sql.param(claims.map((one) => one.client))}::bigint[],
    ${sql.param(claims.map((one) => one.userId))}::uuid[]) AS given (doc_id, epoch, client_id, user_id)`;
  const made = await tx.rows(sql`
    INSERT INTO collab_client (org_id, doc_id, epoch, client_id, user_id)
    SELECT ${tx.orgId}::uuid, doc_id, epoch, client_id, user_id FROM ${given} ON CONFLICT DO NOTHING RETURNING 1 AS one`);
  if (made.length === claims.length) return new Map();
  const taken = await tx.rows<{ doc_id: string; client_id: string; user_id: string | null }>(sql`
    SELECT c.doc_id, c.client_id, c.user_id FROM ${given}
    JOIN collab_client AS c ON c.org_id = ${tx.orgId} AND c.doc_id = given.doc_id AND c.epoch = given.epoch
      AND c.client_id = given.client_id
    WHERE c.user_id IS DISTINCT FROM given.user_id`);
  return new Map(taken.map((row) => [`${row.doc_id} ${row.client_id}`, row.user_id]));
}

interface Row {
  docId: string;
  epoch: string;
  data: Uint8Array;
  userId: string | null;
  sha: Buffer;
}

/** @returns how much was added, per document */
async function insertUpdates(
  tx: OrgTx,
  nodeId: string,
  rows: readonly Row[],
): Promise<Map<string, { count: number; bytes: number }>> {
  if (rows.length === 0) return new Map();
  const column = <Value>(pick: (row: Row) => Value) => sql.param(rows.map(pick));
  const added = await tx.rows<{ doc_id: string; count: string; bytes: string }>(sql`
    WITH given AS (
      SELECT DISTINCT ON (doc_id, sha) * FROM unnest(${column((row) => row.docId)}::uuid[],
        ${column((row) => row.epoch)}::bigint[], ${column((row) => row.sha)}::bytea[],
        ${column((row) => Buffer.from(row.data))}::bytea[], ${column((row) => row.userId)}::uuid[])
        WITH ORDINALITY AS given (doc_id, epoch, sha, data, user_id, n)
      ORDER BY doc_id, sha, n
    ), fresh AS (
      SELECT * FROM given WHERE NOT EXISTS (SELECT FROM collab_update AS u WHERE u.org_id = ${tx.orgId}
        AND u.doc_id = given.doc_id AND u.epoch = given.epoch AND u.sha = given.sha)
    ), made AS (
      INSERT INTO collab_update (org_id, doc_id, epoch, seq, user_id, node_id, sha, data)
      SELECT ${tx.orgId}::uuid, doc_id, epoch,
        head_seq + row_number() OVER (PARTITION BY doc_id ORDER BY n), user_id, ${nodeId}::uuid, sha, data
      FROM fresh JOIN (SELECT doc_id AS locked_id, head_seq FROM collab_doc
        WHERE org_id = ${tx.orgId} AND doc_id = ANY (${column((row) => row.docId)}::uuid[])) AS doc ON locked_id = doc_id
      RETURNING doc_id, octet_length(data) AS size
    ), sums AS (SELECT doc_id, count(*) AS count, sum(size) AS bytes FROM made GROUP BY doc_id)
    UPDATE collab_doc AS d SET head_seq = head_seq + count, tail_bytes = tail_bytes + bytes, updated_at = now()
    FROM sums WHERE d.org_id = ${tx.orgId} AND d.doc_id = sums.doc_id
    RETURNING d.doc_id, count, bytes`);
  return new Map(added.map((row) => [row.doc_id, { count: Number(row.count), bytes: Number(row.bytes) }]));
}

/** Each time another so many have come together. */
function isLong(doc: LockedDoc, added: { count: number; bytes: number }): boolean {
  const crosses = (before: number, more: number, every: number) =>
    Math.floor(before / every) !== Math.floor((before + more) / every);
  return (
    crosses(Number(doc.head_seq) - Number(doc.snap_seq), added.count, compactAfter.updates) ||
    crosses(Number(doc.tail_bytes), added.bytes, compactAfter.bytes)
  );
}
