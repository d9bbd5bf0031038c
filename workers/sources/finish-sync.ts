import { findSyncedSource, markSynced, nextNight } from "#db/queries/source-sync.ts";
import { enqueueSourceJob, tellSource } from "#db/queries/sources.ts";
import type { Sync } from "./sync.ts";
import { nextPoll } from "./times.ts";

/** All changes are in the numbers. The next look is enqueued; `nightly`: the next listing of what must not be missed too. */
export async function finishSync(sync: Sync, { nightly }: { nightly: boolean }): Promise<void> {
  const { source } = sync;
  await sync.commit(async (tx) => {
    const now = await findSyncedSource(tx, source.id, source.run);
    const next = nextPoll(now?.lastEventAt ?? null, Date.now());
    await markSynced(tx, source.id, next);
    await enqueueSourceJob(tx, "pollSource", source, { runAt: next });
    if (nightly)
      await enqueueSourceJob(tx, "reconcileSource", source, { runAt: await nextNight(tx, source.id) });
    await tellSource(tx, source.id);
  });
}
