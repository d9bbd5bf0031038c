import type { Database, OrgTx } from "#db/database.ts";
import { getAnalyticsSettings } from "#db/queries/analytics-settings.ts";

/**
 * Answers that were worked out before and still hold: everybody who looks at a dashboard asks the same. An answer is kept
 * under all that it depends on: the organisation's settings, today, and metrics_version, which every change of facts
 * counts up in its own transaction. What changes facts without counting up would be served stale.
 */

const mostAnswers = 500;
const mostCharacters = 200_000;

/** By the database they came from; a Map keeps its keys in the order of use. */
const caches = new WeakMap<Database, Map<string, unknown>>();

interface Asker {
  db: Database;
  org: { id: string };
  inOrg<T>(fn: (tx: OrgTx) => Promise<T>, options?: { readOnly?: boolean }): Promise<T>;
}

/** The kept answer to a question, or a new one. `input` is all that the question depends on besides the organisation. */
export function answer<T>(
  asker: Asker,
  question: string,
  input: unknown,
  work: (tx: OrgTx) => Promise<T>,
): Promise<T> {
  const kept = caches.get(asker.db) ?? new Map<string, unknown>();
  caches.set(asker.db, kept);
  return asker.inOrg(
    async (tx) => {
      const key = JSON.stringify([asker.org.id, await getAnalyticsSettings(tx), question, input]);
      const known = kept.get(key) as T | undefined;
      const found = known ?? (await work(tx));
      kept.delete(key);
      if (known !== undefined || JSON.stringify(found).length <= mostCharacters) kept.set(key, found);
      for (const oldest of kept.keys()) {
        if (kept.size <= mostAnswers) break;
        kept.delete(oldest);
      }
      return found;
    },
    { readOnly: true },
  );
}
