import { listWaiting, markApplied, noteNewest, putChanges } from "#db/queries/source-changes.ts";
import { noteTeller } from "#db/queries/source-streams.ts";
import { setSyncState } from "#db/queries/source-sync.ts";
import { fetchObjects, putFetched } from "./fetch-objects.ts";
import { isForbidden, type Sync } from "./sync.ts";

const objectsAtOnce = 100;

interface From {
  /** Null: nothing was asked yet. */
  cursor: string | null;
  /** Seconds since 1970: where to begin then. */
  since: number;
  /** Seconds since 1970: what happened before is evidence alone. */
  pastBefore: number;
}

/**
 * Asks what happened, and keeps it as events that wait.
 * @returns false where that may not be asked: webhooks and the nightly listing have to do
 */
export async function hearChanges(sync: Sync, from: From): Promise<boolean> {
  try {
    await hearAll(sync, from);
    await note(sync, null);
    return true;
  } catch (error) {
    if (!isForbidden(error)) throw error;
    sync.job.log.warn({ reason: error.message }, "what happened may not be asked for");
    await note(sync, error.message);
    return false;
  }
}

/** Said on the source's page, and which permission is missing. */
async function note(sync: Sync, refusal: string | null): Promise<void> {
  const { teller, source } = sync;
  if (teller === null) return;
  await sync.commit((tx) => noteTeller(tx, source.id, teller, refusal));
}

async function hearAll(sync: Sync, from: From): Promise<void> {
  let { cursor } = from;
  for (;;) {
    const range = { from: from.since, before: null };
    const page = await sync.connection.changes(cursor, range, sync.job.signal);
    const kept = page.changes.filter(
      ({ at, stream }) => at >= from.pastBefore || sync.history.includes(stream),
    );
    await sync.commit(async (tx) => {
      if ((await putChanges(tx, sync.source.id, kept, from.pastBefore)) > 0)
        await noteNewest(tx, sync.source.id, kept);
      await setSyncState(tx, sync.source.id, { changesCursor: page.next });
      await sync.tell(tx);
    });
    cursor = page.next;
    if (!page.more) return;
  }
}

/**
 * Looks at every object that an event names, until none waits. However many events there are of one, in whatever order they came, it
 * is fetched as it is now.
 */
export async function applyChanges(sync: Sync): Promise<void> {
  for (;;) {
    const waiting = await sync.look((tx) => listWaiting(tx, sync.source.id, objectsAtOnce));
    if (waiting.length === 0) return;
    const fetched = await fetchObjects(sync, waiting);
    await sync.commit(async (tx) => {
      await putFetched(sync, tx, fetched);
      await markApplied(
        tx,
        sync.source.id,
        waiting.flatMap(({ eventIds }) => eventIds),
      );
      await sync.tell(tx);
    });
  }
}
