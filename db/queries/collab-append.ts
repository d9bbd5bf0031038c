import { hash } from "node:crypto";
import { sql } from "drizzle-orm";
import { permissions } from "#contracts/permissions.ts";
import type { Database, OrgTx } from "../database.ts";
import { enqueueJob } from "../jobs.ts";
import type { CallValue } from "../one-trip.ts";

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

/** A log this long, or this large, is made into a snapshot; and again each time as much has come together. */
const compactAfter = { updates: 500, bytes: 256 * 1024 };

interface Verdict extends Record<string, unknown> {
  doc_id: string;
  shut: "unknown" | "epoch" | null;
  strangers: string[];
  taken: string[];
  previous_seq: string;
  last_seq: string;
}

/**
 * Appends to the logs of several documents at once, in a transaction of its own and one round trip. Their rows are locked in order, so
 * that a log's order is that of the commits, however many processes write; rights, epochs and client ids are looked at under that lock.
 * Bytes that are stored already get no second place: `lastSeq` is then the end of what this call added.
 */
export async function appendInOneTrip(
  db: Database,
  orgId: string,
  nodeId: string,
  batches: readonly AppendBatch[],
): Promise<Map<string, AppendOutcome>> {
  const call = { name: "app.append_updates", values: argumentsOf(orgId, nodeId, batches) };
  return outcomesOf(await db.inOneTrip<Verdict>(orgId, call));
}

/** The same within a transaction that does more. */
export async function appendUpdates(
  tx: OrgTx,
  nodeId: string,
  batches: readonly AppendBatch[],
): Promise<Map<string, AppendOutcome>> {
  const values = argumentsOf(tx.orgId, nodeId, batches).map((value) => sql`${sql.param(value)}`);
  return outcomesOf(await tx.rows<Verdict>(sql`SELECT * FROM append_updates(${sql.join(values, sql`, `)})`));
}

/** In the order of the function's parameters (0013_append.sql). */
function argumentsOf(orgId: string, nodeId: string, batches: readonly AppendBatch[]): CallValue[] {
  const edits = batches.flatMap(({ docId, updates }) => updates.map((update) => ({ docId, ...update })));
  const claims = edits.flatMap(({ docId, userId, claims }) =>
    claims.map((client) => ({ docId, userId, client })),
  );
  return [
    ...[orgId, nodeId, [...permissions["dashboard.edit"]]],
    ...[batches.map(({ docId }) => docId), batches.map(({ epoch }) => epoch)],
    ...[edits.map(({ docId }) => docId), edits.map(({ userId }) => userId)],
    ...[edits.map(({ data }) => shaOf(data)), edits.map(({ data }) => bytesOf(data))],
    ...[
      claims.map(({ docId }) => docId),
      claims.map(({ userId }) => userId),
      claims.map(({ client }) => client),
    ],
    ...[compactAfter.updates, compactAfter.bytes],
  ];
}

function outcomesOf(verdicts: readonly Verdict[]): Map<string, AppendOutcome> {
  return new Map(
    verdicts.map(({ doc_id, shut, strangers, taken, previous_seq, last_seq }): [string, AppendOutcome] => {
      if (shut !== null) return [doc_id, { kind: "shut", why: shut }];
      if (strangers.length > 0 || taken.length > 0)
        return [doc_id, { kind: "refused", users: strangers, clients: taken.map(Number) }];
      return [doc_id, { kind: "stored", previousSeq: Number(previous_seq), lastSeq: Number(last_seq) }];
    }),
  );
}

const shaOf = (data: Uint8Array): Buffer => hash("sha256", data, "buffer").subarray(0, 16);

/** The driver takes a list of Buffers, and none of other bytes. */
const bytesOf = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);

/** One at a time per document, and at most one that waits. */
export const enqueueCompaction = (tx: OrgTx, docId: string): Promise<void> =>
  enqueueJob(tx, "compactDocument", { orgId: tx.orgId, docId }, { key: `compact:${docId}` });
