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
  if (isGapTooLong(sync)) {
    await sync.commit(async (tx) => {
      await setSyncState(tx, source.id, { status: "connecting" });
      await enqueueSourceJob(tx, "backfillSource", source);
    });
    return;
  }
  await catchUp(sync);
  await finishSync(sync, { nightly: false });
});

const isGapTooLong = ({ source }: Sync): boolean =>
  source.syncedAt !== null && isTooLongAgo(source.syncedAt.getTime() / 1_000);

/** Until everything that has happened is in the numbers. */
export async function catchUp(sync: Sync): Promise<void> {
  const { changesCursor, frozenAt } = sync.source;
  const since = (frozenAt ?? Math.floor(Date.now() / 1_000)) - overlapSeconds;
  await hearChanges(sync, { cursor: changesCursor, since, pastBefore: 0 });
  await applyChanges(sync);
  await deriveStale(sync);
}
