import { type SQL, sql } from "drizzle-orm";
import type { LedgerTx } from "./ledger.ts";

/** Sends statements that need nothing of each other's answers at once: they run in order, and nobody waits in between. */
export const sendTogether = (tx: LedgerTx, ...statements: readonly SQL[]): Promise<unknown> =>
  Promise.all(statements.map((statement) => tx.rows(statement)));

const drop = (name: string): SQL => sql`DROP TABLE IF EXISTS pg_temp.${sql.identifier(name)}`;
export const dropStage = (tx: LedgerTx, name: string) => tx.rows(drop(name));

/**
 * Keeps the rows of a query in a temporary table that the planner knows, until the transaction ends.
 * @param known the columns by which it is joined or chosen from; default: the planner looks at all of them
 */
export async function stageTable(
  tx: LedgerTx,
  name: string,
  query: SQL,
  known?: readonly string[],
): Promise<void> {
  const table = sql.identifier(name);
  await sendTogether(
    tx,
    drop(name),
    sql`CREATE TEMP TABLE ${table} ON COMMIT DROP AS ${query}`,
    sql`ANALYZE ${table} ${known ? sql.raw(`(${known.join(", ")})`) : sql``}`,
  );
}
