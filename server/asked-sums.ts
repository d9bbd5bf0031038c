import type { Database, OrgTx } from "#db/database.ts";
import { noteAsked } from "#db/queries/keep-sums.ts";
import type { SumsQuestion } from "#db/queries/kept-sums.ts";

/** How often each process notes that people ask a question. */
const everyMs = 60 * 60_000;
const mostRemembered = 1_000;
/** When a question was noted, by the database; the longest ago first. */
const notedAt = new WeakMap<Database, Map<string, number>>();

interface Asker {
  db: Database;
  org: { id: string };
  inOrg<T>(fn: (tx: OrgTx) => Promise<T>): Promise<T>;
}

/**
 * Notes that somebody asked for sums: those of what people ask for are kept. Where that cannot be written the answer is as good, and
 * whoever asks next notes it.
 */
export async function noteSums(asker: Asker, question: SumsQuestion): Promise<void> {
  const noted = notedAt.get(asker.db) ?? new Map<string, number>();
  notedAt.set(asker.db, noted);
  const key = JSON.stringify([asker.org.id, question]);
  const now = Date.now();
  if (now - (noted.get(key) ?? Number.NEGATIVE_INFINITY) < everyMs) return;
  noted.delete(key);
  noted.set(key, now);
  for (const oldest of noted.keys()) {
    if (noted.size <= mostRemembered) break;
    noted.delete(oldest);
  }
  await asker.inOrg((tx) => noteAsked(tx, question)).catch(() => noted.delete(key));
}
