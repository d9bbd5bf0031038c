import { type SQL, sql } from "drizzle-orm";
import type { OrgTx } from "../database.ts";
import { enqueueJob } from "../jobs.ts";
import { refreshCustomers } from "./refresh.ts";

/** So many customers are made afresh while somebody waits. */
const soonDone = 5_000;

/**
 * Brings the numbers in line after a person changed what touches some customers: at once where these are few, else in the
 * background, behind the organisation's imports.
 * @param touched a FROM item with a column `customer_id`
 * @returns whether the numbers are right already
 */
export async function refreshSoon(
  tx: OrgTx,
  { touched, cause, actorId }: { touched: SQL; cause: string; actorId: string | null },
): Promise<boolean> {
  const [found] = await tx.rows<{ few: boolean }>(sql`
    SELECT count(*) <= ${soonDone} AS few
    FROM (SELECT DISTINCT customer_id FROM ${touched} given LIMIT ${soonDone + 1}) first`);
  if (found?.few) {
    await refreshCustomers(tx, { touched, cause, actorId });
    return true;
  }
  await enqueueJob(
    tx,
    "rebuildMetrics",
    { orgId: tx.orgId, cause, actorId },
    { key: `rebuild:${tx.orgId}`, queue: `import:${tx.orgId}` },
  );
  return false;
}
