import { type SQL, sql } from "drizzle-orm";
import type { LedgerTx } from "./ledger.ts";

/**
 * A source speaks for the subscriptions that it knows: what uploads say of the same ones, of the same customer, is put aside
 * (`superseded_by` is the source's id) and counts again once the source knows nothing of them any more. Everything else that
 * uploads say adds to what sources say.
 */

/** The source that speaks for the upload's version `v` now, or null. */
const speaker = (tx: LedgerTx): SQL => sql`(SELECT s.source_id FROM subscription_version s
  WHERE s.org_id = ${tx.orgId} AND s.customer_id = v.customer_id AND s.source_id IS NOT NULL
    AND s.subscription_id = v.subscription_id ORDER BY s.source_id LIMIT 1)`;

/** Versions of uploads that are in force, or would be but for a source. */
export const inForce = (tx: LedgerTx): SQL => sql`(v.superseded_by IS NULL
  OR v.superseded_by NOT IN (SELECT u.id FROM upload u WHERE u.org_id = ${tx.orgId}))`;

/**
 * Puts aside, and takes back, what uploads say of some customers.
 * @param customers a FROM item with a column `customer_id`
 * @param touched TEMP table (customer_id) for those whose facts in force it changed; null: they are known
 */
export async function putAsideUploads(
  tx: LedgerTx,
  customers: SQL,
  touched: "put_touched" | "stage_touched" | null,
): Promise<void> {
  await tx.rows(sql`
    WITH moved AS (
      UPDATE subscription_version v SET superseded_by = n.speaker
      FROM (
        SELECT v.customer_id, v.id, ${speaker(tx)} AS speaker
        FROM subscription_version v WHERE v.org_id = ${tx.orgId}
          AND v.customer_id = ANY (ARRAY(SELECT customer_id FROM ${customers} given))
          AND v.upload_id IS NOT NULL AND v.subscription_id IS NOT NULL AND ${inForce(tx)}) n
      WHERE v.org_id = ${tx.orgId} AND v.customer_id = n.customer_id AND v.id = n.id AND v.superseded_by IS DISTINCT FROM n.speaker
      RETURNING v.customer_id)
    ${touched === null ? sql`SELECT` : sql`INSERT INTO ${sql.identifier(touched)} SELECT DISTINCT customer_id`} FROM moved`);
}
