import { sql } from "drizzle-orm";
import type { LedgerTx } from "./ledger.ts";

/** What a source said goes in parts, so that nobody waits long for any of them. */

/** Whether it is disconnected to be removed; holds it so. */
export async function isToBeRemoved(tx: LedgerTx, sourceId: string): Promise<boolean> {
  const rows = await tx.rows(sql`
    SELECT FROM source WHERE org_id = ${tx.orgId} AND id = ${sourceId} AND disconnected = 'remove' FOR NO KEY UPDATE`);
  return rows.length > 0;
}

const tables = [
  "source_object",
  "source_object_version",
  "source_event",
  "source_reference",
  "source_stale_customer",
  "source_oracle",
] as const;
const rowsAtOnce = 20_000;

/** @returns whether there was something */
export async function removeSourceRows(tx: LedgerTx, sourceId: string): Promise<boolean> {
  for (const table of tables) {
    const of = sql`org_id = ${tx.orgId} AND source_id = ${sourceId}`;
    const gone = await tx.rows(sql`
      DELETE FROM ${sql.identifier(table)} WHERE ${of} AND ctid IN (
        SELECT ctid FROM ${sql.identifier(table)} WHERE ${of} LIMIT ${rowsAtOnce}) RETURNING 1`);
    if (gone.length > 0) return true;
  }
  return false;
}

/** What is left is its name, for the log of what it moved. */
export async function clearSource(tx: LedgerTx, sourceId: string): Promise<void> {
  await tx.rows(sql`DELETE FROM source_stream WHERE org_id = ${tx.orgId} AND source_id = ${sourceId}`);
  await tx.rows(sql`
    UPDATE source SET account_name = NULL, key_hint = NULL, options = '{}', error_code = NULL, error_message = NULL,
      oracle_name = NULL, oracle_at = NULL
    WHERE org_id = ${tx.orgId} AND id = ${sourceId}`);
}
