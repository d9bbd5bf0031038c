import { sql } from "drizzle-orm";
import type { UploadKind } from "#contracts/upload-kinds.ts";
import { foldCustomers, removeEmptyCustomers } from "./fold-customers.ts";
import { putMonthsInForce } from "./import-mrr.ts";
import type { LedgerTx } from "./ledger.ts";
import { isSourced } from "./ledger-rules.ts";
import { putAsideUploads } from "./put-aside.ts";

/** Takes an upload's facts back; what it had put aside counts again. The raw file stays. */

export interface Undoable {
  id: string;
  kind: UploadKind;
}

/**
 * Locks a finished upload to undo it.
 * @returns null when there is nothing to undo (any more)
 */
export async function findUndoable(tx: LedgerTx, uploadId: string): Promise<Undoable | null> {
  const [row] = await tx.rows<{ id: string; kind: UploadKind }>(sql`
    SELECT id, kind FROM upload WHERE org_id = ${tx.orgId} AND id = ${uploadId} AND status = 'done' FOR NO KEY UPDATE`);
  return row ?? null;
}

/** @returns how many rows of facts went; leaves TEMP table stage_touched (customer_id) */
export async function removeFacts(tx: LedgerTx, { id, kind }: Undoable): Promise<number> {
  await tx.rows(sql`CREATE TEMP TABLE stage_touched (customer_id bigint) ON COMMIT DROP`);
  await tx.rows(sql`CREATE TEMP TABLE stage_named (customer_id bigint) ON COMMIT DROP`);
  const rows = await removeRows(tx, id, kind);
  await tx.rows(sql`UPDATE upload SET status = 'undone', phase = NULL, finished_at = now()
    WHERE org_id = ${tx.orgId} AND id = ${id}`);
  if (kind === "mrr_by_month") await putMonthsInForce(tx, null);
  if (kind !== "spend" && kind !== "fx_rates") {
    await tx.rows(sql`
      WITH gone AS (DELETE FROM customer_fact WHERE org_id = ${tx.orgId} AND upload_id = ${id} RETURNING customer_id)
      INSERT INTO stage_named SELECT customer_id FROM gone`);
    await tx.rows(sql`ANALYZE stage_named`);
    await foldCustomers(tx, sql`stage_named`);
    await tx.rows(sql`INSERT INTO stage_touched SELECT DISTINCT customer_id FROM stage_named`);
    await removeEmptyCustomers(tx, sql`stage_named`);
  }
  return rows;
}

async function removeRows(tx: LedgerTx, id: string, kind: UploadKind): Promise<number> {
  const counted = async (query: Promise<{ count: string }[]>) => Number((await query)[0]?.count ?? 0);
  switch (kind) {
    case "subscriptions":
      return removeVersions(tx, id);
    case "mrr_by_month":
      return counted(
        tx.rows(sql`
          WITH gone AS (DELETE FROM mrr_month WHERE org_id = ${tx.orgId} AND upload_id = ${id} RETURNING customer_id),
          named AS (INSERT INTO stage_named SELECT DISTINCT customer_id FROM gone)
          SELECT count(*) AS count FROM gone`),
      );
    case "transactions":
      return counted(
        tx.rows(sql`
          WITH gone AS (DELETE FROM transaction WHERE org_id = ${tx.orgId} AND upload_id = ${id} RETURNING customer_id),
          named AS (INSERT INTO stage_named SELECT DISTINCT customer_id FROM gone)
          SELECT count(*) AS count FROM gone`),
      );
    case "customers":
      return counted(
        tx.rows(
          sql`SELECT count(*) AS count FROM customer_fact WHERE org_id = ${tx.orgId} AND upload_id = ${id}`,
        ),
      );
    case "spend":
      return counted(
        tx.rows(
          sql`WITH gone AS (DELETE FROM spend WHERE org_id = ${tx.orgId} AND upload_id = ${id} RETURNING 1)
            SELECT count(*) AS count FROM gone`,
        ),
      );
    case "fx_rates":
      return counted(
        tx.rows(
          sql`WITH gone AS (DELETE FROM fx_rate WHERE org_id = ${tx.orgId} AND upload_id = ${id} RETURNING 1)
            SELECT count(*) AS count FROM gone`,
        ),
      );
  }
}

/**
 * Deletes the upload's versions. What it had put aside is given to the next newer upload that speaks for the same key, or
 * counts again.
 */
async function removeVersions(tx: LedgerTx, id: string): Promise<number> {
  const [gone] = await tx.rows<{ count: string }>(sql`
    WITH gone AS (
      DELETE FROM subscription_version WHERE org_id = ${tx.orgId} AND upload_id = ${id} RETURNING customer_id),
    touched AS (INSERT INTO stage_touched SELECT DISTINCT customer_id FROM gone),
    named AS (INSERT INTO stage_named SELECT DISTINCT customer_id FROM gone)
    SELECT count(*) AS count FROM gone`);
  await tx.rows(sql`
    WITH orphan AS (
      SELECT v.customer_id, v.id, v.sub_key, u.seq FROM subscription_version v
      JOIN upload u ON u.org_id = ${tx.orgId} AND u.id = v.upload_id
      WHERE v.org_id = ${tx.orgId} AND v.superseded_by = ${id}
    ), next AS (
      SELECT DISTINCT ON (o.id) o.customer_id, o.id, n.upload_id FROM orphan o LEFT JOIN (
        SELECT DISTINCT v.sub_key, v.upload_id, u.seq FROM subscription_version v
        JOIN upload u ON u.org_id = ${tx.orgId} AND u.id = v.upload_id
        WHERE v.org_id = ${tx.orgId} AND v.sub_key IN (SELECT sub_key FROM orphan)) n
        ON n.sub_key = o.sub_key AND n.seq > o.seq
      ORDER BY o.id, n.seq
    ), back AS (
      UPDATE subscription_version v SET superseded_by = next.upload_id FROM next
      WHERE v.org_id = ${tx.orgId} AND v.customer_id = next.customer_id AND v.id = next.id
      RETURNING v.customer_id, v.superseded_by)
    INSERT INTO stage_touched SELECT DISTINCT customer_id FROM back WHERE superseded_by IS NULL`);
  if (await isSourced(tx)) await putAsideUploads(tx, sql`stage_touched`, "stage_touched");
  return Number(gone?.count ?? 0);
}
