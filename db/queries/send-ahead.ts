import type { SQL } from "drizzle-orm";
import type { RowsOptions } from "../rows.ts";
import type { LedgerTx } from "./ledger.ts";

/**
 * Runs work that reads no answers: each of its statements is sent while those before still run. They run in order all the same,
 * and what fails makes all that follow fail.
 * @param work whatever it asks of its `tx` is answered with nothing at all: reading that throws
 * @returns what the work does, say the answer to what it asks of the outer transaction last
 */
export async function sendAhead<T>(tx: LedgerTx, work: (tx: LedgerTx) => Promise<T>): Promise<T> {
  const sent: Promise<unknown>[] = [];
  const ahead: LedgerTx = {
    ...tx,
    rows(query: SQL, options?: RowsOptions) {
      const answer = tx.rows(query, options);
      // heard below, once everything was sent
      answer.catch(() => {});
      sent.push(answer);
      return Promise.resolve(undefined as never);
    },
  };
  try {
    return await work(ahead);
  } finally {
    await Promise.all(sent);
  }
}
