import { sql } from "drizzle-orm";
import type { LedgerTx } from "./ledger.ts";
import { redateFacts } from "./redate.ts";
import { type Refreshed, refreshCustomers } from "./refresh.ts";

/** So many customers are made afresh within a request. */
const soonDone = 5_000;

/** Derives the organisation's ledger and rollups afresh, its facts moved to a new time zone first. */
export async function rebuildMetrics(
  tx: LedgerTx,
  { cause, actorId }: { cause: string; actorId: string | null },
): Promise<Refreshed> {
  await redateFacts(tx);
  return refreshCustomers(tx, { touched: "all", cause, actorId });
}

/** Whether a rebuild is so quick that whoever changed a setting can wait for the new numbers. */
export async function isRebuildQuick(tx: LedgerTx): Promise<boolean> {
  const [found] = await tx.rows<{ customers: number }>(sql`
    SELECT count(*)::int AS customers FROM (SELECT FROM customer WHERE org_id = ${tx.orgId} LIMIT ${soonDone + 1}) first`);
  return (found?.customers ?? 0) <= soonDone;
}
