import { type SQL, sql } from "drizzle-orm";
import type { LedgerTx } from "./ledger.ts";
import { isPut, type SourcePut } from "./source-versions.ts";
import { dropStage, stageTable } from "./stage-table.ts";

/**
 * Replaces the usage that a source billed to the customers in TEMP table put_customer, as transactions; whose is another than
 * before come into put_touched.
 * @param given a recordset of UsageFact, with `customer`
 */
export async function putUsage(tx: LedgerTx, { sourceId, timezone }: SourcePut, given: SQL): Promise<void> {
  await stageTable(
    tx,
    "put_usage",
    sql`SELECT c.owner_id AS customer_id, nullif(c.id, c.owner_id) AS merged_from, u.evidence, u.at,
        (u.at AT TIME ZONE ${timezone})::date AS day, u.amount, u.currency
      FROM ${given} AS u (customer text, evidence text, at timestamptz, amount numeric(38, 12), currency text)
      JOIN put_customer c ON c.external_id = u.customer`,
  );
  const same = sql`p.customer_id = t.customer_id AND p.merged_from IS NOT DISTINCT FROM t.merged_from
    AND (p.evidence, p.at, p.day, p.amount, p.currency) IS NOT DISTINCT FROM (t.evidence, t.at, t.day, t.amount, t.currency)`;
  await tx.rows(sql`
    WITH gone AS (
      DELETE FROM transaction t USING put_customer c
      WHERE t.org_id = ${tx.orgId} AND t.customer_id ${isPut} AND t.customer_id = c.owner_id AND coalesce(t.merged_from, t.customer_id) = c.id
        AND t.source_id = ${sourceId}::uuid AND NOT EXISTS (SELECT FROM put_usage p WHERE ${same})
      RETURNING t.customer_id)
    INSERT INTO put_touched SELECT DISTINCT customer_id FROM gone`);
  await tx.rows(sql`
    WITH made AS (
      INSERT INTO transaction (org_id, customer_id, merged_from, at, naive, day, amount, currency, source_id, evidence)
      SELECT ${tx.orgId}::uuid, p.customer_id, p.merged_from, p.at, false, p.day, p.amount, p.currency, ${sourceId}::uuid, p.evidence
      FROM put_usage p WHERE NOT EXISTS (SELECT FROM transaction t
        WHERE t.org_id = ${tx.orgId} AND t.customer_id ${isPut} AND t.source_id = ${sourceId}::uuid AND ${same})
      RETURNING customer_id)
    INSERT INTO put_touched SELECT DISTINCT customer_id FROM made`);
  await dropStage(tx, "put_usage");
}
