import type { Database, OrgTx } from "#db/database.ts";
import type { FilterValues } from "#db/queries/filters.ts";
import { noteAsked } from "#db/queries/keep-filter.ts";
import { singleValues } from "#db/queries/kept-filters.ts";

/** How often each process notes that people ask for a filter. */
const everyMs = 60 * 60_000;
const mostRemembered = 1_000;
/** When a filter was noted, by the database; the longest ago first. */
const notedAt = new WeakMap<Database, Map<string, number>>();

interface Asker {
  db: Database;
  org: { id: string };
  inOrg<T>(fn: (tx: OrgTx) => Promise<T>): Promise<T>;
}

/** Notes that somebody asked for a filter: the sums of what people ask for are kept. */
export async function noteFilter(asker: Asker, filter: FilterValues): Promise<void> {
  const single = singleValues(filter);
  if (single === null) return;
  const noted = notedAt.get(asker.db) ?? new Map<string, number>();
  notedAt.set(asker.db, noted);
  const key = JSON.stringify([asker.org.id, single]);
  const now = Date.now();
  if (now - (noted.get(key) ?? Number.NEGATIVE_INFINITY) < everyMs) return;
  noted.delete(key);
  noted.set(key, now);
  for (const oldest of noted.keys()) {
    if (noted.size <= mostRemembered) break;
    noted.delete(oldest);
  }
  await asker.inOrg((tx) => noteAsked(tx, single));
}
