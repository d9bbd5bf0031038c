import { sql } from "drizzle-orm";
import type { OrgTx } from "../database.ts";

/** How many objects of each stream are kept, tombstones not counted. */
export async function countSourceObjects(
  tx: Pick<OrgTx, "orgId" | "rows">,
  sourceId: string,
): Promise<Record<string, number>> {
  const rows = await tx.rows<{ stream: string; n: number }>(sql`
    SELECT stream, count(*)::int AS n FROM source_object
    WHERE org_id = ${tx.orgId} AND source_id = ${sourceId} AND NOT deleted GROUP BY stream`);
  return Object.fromEntries(rows.map(({ stream, n }) => [stream, n]));
}

export interface SourceWarning {
  customer_id: string | null;
  message: string;
}

/** What could not be used, the newest first. */
export async function listSourceWarnings(
  tx: Pick<OrgTx, "orgId" | "rows">,
  sourceId: string,
  limit: number,
): Promise<SourceWarning[]> {
  return (
    await tx.rows<{ customer_id: string; message: string }>(sql`
      SELECT customer_id, message FROM source_warning WHERE org_id = ${tx.orgId} AND source_id = ${sourceId}
      ORDER BY at DESC, customer_id, no LIMIT ${limit}`)
  ).map((row) => ({ customer_id: row.customer_id === "" ? null : row.customer_id, message: row.message }));
}
