import { type SQL, sql } from "drizzle-orm";
import type { SourceKind, SourceStatus } from "#contracts/sources.ts";
import type { LedgerTx } from "./ledger.ts";

/** What a running sync reads and writes of its source. Instants of ours are ISO 8601, those of the vendor seconds since 1970. */

export interface SyncedSource {
  id: string;
  kind: SourceKind;
  status: SourceStatus;
  run: number;
  /** Sealed. */
  credentials: string;
  options: { stripe_account?: string };
  accountId: string | null;
  livemode: boolean | null;
  /** What was made before it is listed, what happened after it is told as changes; null: never listed. */
  frozenAt: number | null;
  changesCursor: string | null;
  /** Since then every change has been heard of. */
  heardSince: number | null;
  syncedAt: Date | null;
  lastEventAt: Date | null;
  failures: number;
}

interface SourceColumns extends Record<string, unknown> {
  id: string;
  kind: SourceKind;
  status: SourceStatus;
  run: number;
  credentials: string;
  options: SyncedSource["options"];
  account_id: string | null;
  livemode: boolean | null;
  frozen_at: string | null;
  changes_cursor: string | null;
  heard_since: string | null;
  synced_ms: string | null;
  event_ms: string | null;
  failures: number;
}

/** Null where this run of it has ended: paused, disconnected, stopped by an error, or begun anew. */
export async function findSyncedSource(
  tx: LedgerTx,
  sourceId: string,
  run: number,
): Promise<SyncedSource | null> {
  const [row] = await tx.rows<SourceColumns>(sql`
    SELECT id, kind, status, run, credentials, options, account_id, livemode, frozen_at, changes_cursor, heard_since, failures,
      (extract(epoch FROM synced_at) * 1000)::bigint AS synced_ms, (extract(epoch FROM last_event_at) * 1000)::bigint AS event_ms
    FROM source WHERE org_id = ${tx.orgId} AND id = ${sourceId} AND ${isRunning(run)}`);
  if (!row) return null;
  const instant = (ms: string | null) => (ms === null ? null : new Date(Number(ms)));
  return {
    ...{ id: row.id, kind: row.kind, status: row.status, run: row.run, credentials: row.credentials },
    ...{ options: row.options, accountId: row.account_id, livemode: row.livemode, failures: row.failures },
    frozenAt: row.frozen_at === null ? null : Number(row.frozen_at),
    changesCursor: row.changes_cursor,
    heardSince: row.heard_since === null ? null : Number(row.heard_since),
    syncedAt: instant(row.synced_ms),
    lastEventAt: instant(row.event_ms),
  };
}

const isRunning = (run: number) =>
  sql`run = ${run} AND disconnected IS NULL AND status IN ('connecting', 'backfilling', 'live')`;

/**
 * Holds the source as it is until the transaction ends: nobody pauses or disconnects it meanwhile, and nobody else syncs it.
 * @returns false where this run of it has ended: nothing of it may be written any more
 */
export async function holdSource(tx: LedgerTx, sourceId: string, run: number): Promise<boolean> {
  const rows = await tx.rows(sql`
    SELECT FROM source WHERE org_id = ${tx.orgId} AND id = ${sourceId} AND ${isRunning(run)} FOR NO KEY UPDATE`);
  return rows.length > 0;
}

/** Sets what is given; undefined stays. */
export async function setSyncState(
  tx: LedgerTx,
  sourceId: string,
  change: {
    status?: SourceStatus;
    frozenAt?: number;
    changesCursor?: string | null;
    heardSince?: number | null;
  },
): Promise<void> {
  const sets = [
    change.status === undefined ? null : sql`status = ${change.status}`,
    change.frozenAt === undefined ? null : sql`frozen_at = ${change.frozenAt}`,
    change.changesCursor === undefined ? null : sql`changes_cursor = ${change.changesCursor}`,
    change.heardSince === undefined ? null : sql`heard_since = ${change.heardSince}`,
  ].filter((part) => part !== null);
  if (sets.length === 0) return;
  await tx.rows(sql`
    UPDATE source SET ${sql.join(sets, sql`, `)} WHERE org_id = ${tx.orgId} AND id = ${sourceId}`);
}

/** Everything that happened until now is in the numbers. */
export async function markSynced(tx: LedgerTx, sourceId: string, nextSyncAt: Date): Promise<void> {
  await tx.rows(sql`
    UPDATE source SET status = 'live', synced_at = now(), next_sync_at = ${nextSyncAt.toISOString()}, failures = 0,
      error_code = NULL, error_message = NULL, error_at = NULL
    WHERE org_id = ${tx.orgId} AND id = ${sourceId}`);
}

/** UPDATE. Something got on: what went wrong before is over. */
export const faultCleared = (tx: LedgerTx, sourceId: string): SQL => sql`
    UPDATE source SET failures = 0, error_code = NULL, error_message = NULL, error_at = NULL
    WHERE org_id = ${tx.orgId} AND id = ${sourceId} AND (failures > 0 OR error_code IS NOT NULL)`;

/** Something went wrong. @returns how often in a row it has by now */
export async function countFailure(tx: LedgerTx, sourceId: string): Promise<number> {
  const [found] = await tx.rows<{ failures: number }>(sql`
    UPDATE source SET failures = failures + 1 WHERE org_id = ${tx.orgId} AND id = ${sourceId} RETURNING failures`);
  return found?.failures ?? 1;
}

/** @param fault.retryAt when it is tried again; null: not before somebody does something about it */
export async function markFault(
  tx: LedgerTx,
  sourceId: string,
  { code, message, retryAt }: { code: string; message: string; retryAt: Date | null },
): Promise<void> {
  await tx.rows(sql`
    UPDATE source SET error_code = ${code}, error_message = ${message}, error_at = now(),
      next_sync_at = ${retryAt?.toISOString() ?? null}, status = CASE WHEN ${retryAt === null} THEN 'error' ELSE status END
    WHERE org_id = ${tx.orgId} AND id = ${sourceId}`);
}

/** When a quiet hour of the organisation's next night begins: 3:00 there, and some minutes that spread the sources. */
export async function nextNight(tx: LedgerTx, sourceId: string): Promise<Date> {
  const [found] = await tx.rows<{ ms: string }>(sql`
    SELECT (extract(epoch FROM (date_trunc('day', now() AT TIME ZONE timezone) + interval '1 day 3 hours') AT TIME ZONE timezone
      + make_interval(secs => abs(hashtext(${sourceId})) % 3600)) * 1000)::bigint AS ms
    FROM organisation WHERE id = ${tx.orgId}`);
  return new Date(Number(found?.ms ?? Date.now() + 86_400_000));
}
