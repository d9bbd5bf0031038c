import type { Database, OrgTx } from "#db/database.ts";
import { getAnalyticsSettings } from "#db/queries/analytics-settings.ts";
import type { FilterValues } from "#db/queries/filters.ts";
import { resolveFilter } from "#db/queries/segments.ts";

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

/**
 * The kept answer to a question, or a new one. `input` is all that the question depends on besides the organisation; `work` gets
 * it with what the segments of its filter say in their place, so that a segment that changes is another question.
 * @throws AppError BAD_REQUEST, reason `unknown_segment`
 */
export function answer<T, Input>(
  asker: Asker,
  question: string,
  input: Input,
  work: (tx: OrgTx, input: Input) => Promise<T>,
): Promise<T> {
  const kept = caches.get(asker.db) ?? new Map<string, unknown>();
  caches.set(asker.db, kept);
  return asker.inOrg(
    async (tx) => {
      const asked = await withSegments(tx, input);
      const key = JSON.stringify([asker.org.id, await getAnalyticsSettings(tx), question, asked]);
      const known = kept.get(key) as T | undefined;
      const found = known ?? (await work(tx, asked));
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

async function withSegments<Input>(tx: OrgTx, input: Input): Promise<Input> {
  if (typeof input !== "object" || input === null || !("filter" in input)) return input;
  return { ...input, filter: await resolveFilter(tx, input.filter as FilterValues) };
}
