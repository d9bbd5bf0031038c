import { setSyncState } from "#db/queries/source-sync.ts";
import { enqueueSourceJob } from "#db/queries/sources.ts";
import { deriveStale } from "./derive.ts";
import { finishSync } from "./finish-sync.ts";
import { applyChanges, hearChanges } from "./hear-changes.ts";
import { sourceTask } from "./source-task.ts";
import type { Sync } from "./sync.ts";
import { isTooLongAgo, overlapSeconds } from "./times.ts";

/** Asks what happened, which webhooks may not have told; after too long a silence the source is read anew. */
export const createPollSource = sourceTask("pollSource", async (sync) => {
  const { source } = sync;
  if (source.status !== "live") return;
  if (!(await catchUp(sync))) return;
  await finishSync(sync, { nightly: false });
});

/**
 * Until everything that has happened is in the numbers.
 * @returns false where the vendor may have forgotten some of it: a backfill is under way then
 */
export async function catchUp(sync: Sync): Promise<boolean> {
  const { source } = sync;
  if (source.syncedAt !== null && isTooLongAgo(source.syncedAt.getTime() / 1_000)) {
    await sync.commit(async (tx) => {
      await setSyncState(tx, source.id, { status: "connecting" });
      await enqueueSourceJob(tx, "backfillSource", source);
    });
    return false;
  }
  const { changesCursor, frozenAt } = source;
  const since = (frozenAt ?? Math.floor(Date.now() / 1_000)) - overlapSeconds;
  await hearChanges(sync, { cursor: changesCursor, since, pastBefore: 0 });
  await applyChanges(sync);
  await deriveStale(sync);
  return true;
}
