import type { SQL } from "drizzle-orm";
import type { LedgerTx } from "./ledger.ts";

/**
 * Runs work that reads no answers: each of its statements is sent while those before still run. They run in order all the same,
 * and what fails makes all that follow fail.
 * @param work whatever it asks is answered with nothing at all: reading that throws
 */
export async function sendAhead(tx: LedgerTx, work: (tx: LedgerTx) => Promise<unknown>): Promise<void> {
  const sent: Promise<unknown>[] = [];
  const ahead: LedgerTx = {
    ...tx,
    rows(query: SQL) {
      const answer = tx.rows(query);
      // heard below, once everything was sent
      answer.catch(() => {});
      sent.push(answer);
      return Promise.resolve(undefined as never);
    },
  };
  try {
    await work(ahead);
  } finally {
    await Promise.all(sent);
  }
}
