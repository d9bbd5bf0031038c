import { sql } from "drizzle-orm";
import { moneyOwner } from "./import-customers.ts";
import { column, currencyColumn, dayOf, instantOf, isNaive, type Staged } from "./import-stage.ts";
import type { LedgerTx } from "./ledger.ts";

/** Transactions, spend and exchange rates out of a filled stage. */

/** Needs stage_customer. */
export async function writeTransactions(tx: LedgerTx, stage: Staged, uploadId: string): Promise<void> {
  const amount = column(stage, "amount", "amount");
  await tx.rows(sql`
    INSERT INTO transaction (org_id, customer_id, merged_from, at, naive, day, amount, currency, upload_id, line)
    SELECT ${tx.orgId}::uuid, ${moneyOwner}, ${instantOf(stage, "date")}, ${isNaive(stage, "date")}, ${dayOf(stage, "date")},
      ${amount}, CASE WHEN ${amount} IS NOT NULL THEN ${currencyColumn(stage)} END, ${uploadId}::uuid, s.line
    FROM stage s JOIN stage_customer c ON c.external_id = s.customer_id`);
}

export async function writeSpend(tx: LedgerTx, stage: Staged, uploadId: string): Promise<void> {
  await tx.rows(sql`
    INSERT INTO spend (org_id, month, category, amount, currency, upload_id, line)
    SELECT ${tx.orgId}::uuid, s.month, ${column(stage, "category", "text")}, s.amount, ${currencyColumn(stage)},
      ${uploadId}::uuid, s.line
    FROM stage s`);
}

export async function writeRates(tx: LedgerTx, stage: Staged, uploadId: string): Promise<void> {
  await tx.rows(sql`
    INSERT INTO fx_rate (org_id, day, from_currency, to_currency, rate, upload_id, line)
    SELECT ${tx.orgId}::uuid, ${dayOf(stage, "date")}, s."from", s."to", s.rate, ${uploadId}::uuid, s.line
    FROM stage s ORDER BY s.line`);
}
