import { type SQL, sql } from "drizzle-orm";
import type { LedgerTx } from "./ledger.ts";

export const dropStage = (tx: LedgerTx, name: string) =>
  tx.rows(sql`DROP TABLE IF EXISTS pg_temp.${sql.identifier(name)}`);

/** Keeps the rows of a query in a temporary table that the planner knows, until the transaction ends. */
export async function stageTable(tx: LedgerTx, name: string, query: SQL): Promise<void> {
  await dropStage(tx, name);
  await tx.rows(sql`CREATE TEMP TABLE ${sql.identifier(name)} ON COMMIT DROP AS ${query}`);
  await tx.rows(sql`ANALYZE ${sql.identifier(name)}`);
}
