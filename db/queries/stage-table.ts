import { type SQL, sql } from "drizzle-orm";
import type { LedgerTx } from "./ledger.ts";
import { sendAhead } from "./send-ahead.ts";

export const dropStage = (tx: LedgerTx, name: string) =>
  tx.rows(sql`DROP TABLE IF EXISTS pg_temp.${sql.identifier(name)}`);

/**
 * Keeps the rows of a query in a temporary table that the planner knows, until the transaction ends.
 * @param known the columns by which it is joined or chosen from; default: the planner looks at all of them
 */
export const stageTable = (
  tx: LedgerTx,
  name: string,
  query: SQL,
  known?: readonly string[],
): Promise<void> =>
  sendAhead(tx, async (ahead): Promise<void> => {
    const table = sql.identifier(name);
    await dropStage(ahead, name);
    await ahead.rows(sql`CREATE TEMP TABLE ${table} ON COMMIT DROP AS ${query}`);
    await ahead.rows(sql`ANALYZE ${table} ${known ? sql.raw(`(${known.join(", ")})`) : sql``}`);
  });
