import { type SQL, sql } from "drizzle-orm";
import type { LedgerTx } from "./ledger.ts";
import { sendAhead } from "./send-ahead.ts";

export const dropStage = (tx: LedgerTx, name: string) =>
  tx.rows(sql`DROP TABLE IF EXISTS pg_temp.${sql.identifier(name)}`);

/** Keeps the rows of a query in a temporary table that the planner knows, until the transaction ends. */
export const stageTable = (tx: LedgerTx, name: string, query: SQL): Promise<void> =>
  sendAhead(tx, async (ahead): Promise<void> => {
    const table = sql.identifier(name);
    await dropStage(ahead, name);
    await ahead.rows(sql`CREATE TEMP TABLE ${table} ON COMMIT DROP AS ${query}`);
    await ahead.rows(sql`ANALYZE ${table}`);
  });

/** A place for rows of which more is asked than once. */
export interface Stage {
  /** As a FROM item. */
  table: SQL;
  /** Adds the rows of a query. */
  fill(tx: LedgerTx, query: SQL): Promise<unknown>;
}

/** For many rows: made by each transaction, known to the planner. */
export const ownStage = (name: string): Stage => ({
  table: sql`${sql.identifier(name)}`,
  fill: (tx, query) => stageTable(tx, name, query),
});

/** For few rows: each connection makes it once (`openStages`), so that statements of it can be kept with their plans. */
export interface KeptStage extends Stage {
  name: string;
  /** SELECT of no rows: its columns. */
  columns: SQL;
}

export const keptStage = (name: string, columns: SQL): KeptStage => {
  const table = sql`${sql.identifier(name)}`;
  return { name, columns, table, fill: (tx, query) => tx.rows(sql`INSERT INTO ${table} ${query}`) };
};
