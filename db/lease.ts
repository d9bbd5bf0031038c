import { sql } from "drizzle-orm";
import type { LedgerTx } from "./queries/ledger.ts";

/** Throws unless this attempt of the job still holds it; keeps it held until the transaction ends. */
export async function requireLease(tx: LedgerTx, jobId: string, attempt: number): Promise<void> {
  await tx.rows(sql`SELECT jobs.require_lease(${jobId}::bigint, ${attempt}::int)`);
}
