import { sql } from "drizzle-orm";
import type { LedgerTx } from "./ledger.ts";

/** Says that numbers may have changed where no ledger did: answers are kept under the version. */
export async function countUpVersion(tx: LedgerTx): Promise<void> {
  await tx.rows(sql`UPDATE organisation SET metrics_version = metrics_version + 1 WHERE id = ${tx.orgId}`);
}
