import { sql } from "drizzle-orm";
import type { AllBesideFiles, BesideFiles } from "#contracts/source-objects.ts";
import type { LedgerTx } from "./ledger.ts";

const mostCounted = 1000;
const mostNamed = 3;

/** Every connected source of which there are such customers. */
export async function listAllBesideFiles(tx: LedgerTx): Promise<AllBesideFiles["items"]> {
  const sources = await tx.rows<{ source_id: string; name: string }>(sql`
    SELECT id::text AS source_id, name FROM source WHERE org_id = ${tx.orgId} AND disconnected IS NULL ORDER BY seq`);
  const items: AllBesideFiles["items"] = [];
  for (const source of sources) {
    const beside = await listBesideFiles(tx, source.source_id);
    if (beside.customers > 0) items.push({ ...source, ...beside });
  }
  return items;
}

/**
 * Customers of whom files and a source both say what they pay today or later, each for subscriptions of its own: their amounts
 * add up, which is wrong where both mean the same.
 */
export async function listBesideFiles(tx: LedgerTx, sourceId: string): Promise<BesideFiles> {
  const [files] = await tx.rows<{ any: boolean }>(sql`
    SELECT EXISTS (SELECT FROM upload WHERE org_id = ${tx.orgId} AND status = 'done' AND kind IN ('subscriptions', 'mrr_by_month')) AS any`);
  if (!files?.any) return { customers: 0, examples: [] };
  const [found] = await tx.rows<{ customers: number; examples: BesideFiles["examples"] }>(sql`
    WITH today AS MATERIALIZED (SELECT (now() AT TIME ZONE timezone)::date AS day FROM organisation WHERE id = ${tx.orgId}),
    both_told AS MATERIALIZED (
      SELECT DISTINCT s.customer_id FROM subscription_version s, today
      WHERE s.org_id = ${tx.orgId} AND s.source_id = ${sourceId}::uuid AND s.annual > 0
        AND (s.to_day IS NULL OR s.to_day > greatest(today.day, s.from_day))
        AND EXISTS (SELECT FROM subscription_version f WHERE f.org_id = ${tx.orgId} AND f.customer_id = s.customer_id
          AND f.upload_id IS NOT NULL AND f.superseded_by IS NULL AND f.annual > 0
          AND (f.to_day IS NULL OR f.to_day > greatest(today.day, f.from_day)))
        AND s.customer_id NOT IN (SELECT id FROM customer WHERE org_id = ${tx.orgId} AND excluded_reason IS NOT NULL)
      LIMIT ${mostCounted})
    SELECT (SELECT count(*)::int FROM both_told) AS customers, coalesce((SELECT jsonb_agg(e) FROM (
      SELECT c.external_id AS customer_id, c.name FROM both_told b
      JOIN customer c ON c.org_id = ${tx.orgId} AND c.id = b.customer_id
      ORDER BY c.external_id LIMIT ${mostNamed}) e), '[]') AS examples`);
  return found ?? { customers: 0, examples: [] };
}
