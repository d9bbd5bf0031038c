import { beginStreams, listUnfinished, putStreamChecks } from "#db/queries/source-streams.ts";
import { setSyncState } from "#db/queries/source-sync.ts";
import { tellSource } from "#db/queries/sources.ts";
import { deriveStale } from "./derive.ts";
import { finishSync } from "./finish-sync.ts";
import { applyChanges, hearChanges } from "./hear-changes.ts";
import { listStreams } from "./list-streams.ts";
import { sourceTask } from "./source-task.ts";
import type { Sync } from "./sync.ts";
import { daySeconds, frozenBy, isTooLongAgo, overlapSeconds, toldForSeconds } from "./times.ts";

/**
 * Reads everything there is, then what happened meanwhile, then makes the numbers; goes on where it was stopped. After that the source
 * is live.
 */
export const createBackfillSource = sourceTask("backfillSource", async (sync) => {
  const begun = await begin(sync);
  await listStreams(sync, { names: sync.listed, frozenAt: begun.frozenAt });
  const { changesCursor: cursor, heardSince: since, heardFrom: pastBefore } = begun;
  const heard = await hearChanges(sync, { cursor, since, pastBefore });
  const heardSince = heard ? since : null;
  await sync.commit((tx) => setSyncState(tx, sync.source.id, { heardSince }));
  await applyChanges(sync);
  await deriveStale(sync, heardSince);
  await finishSync(sync, { nightly: true });
});

interface Begun {
  frozenAt: number;
  /** From where on the vendor still tells what happened. */
  heardSince: number;
  /** What happened before is in what was listed. */
  heardFrom: number;
  changesCursor: string | null;
}

/** Where it was stopped; from the beginning, where there is none yet, or what happened since could not be asked for any more. */
async function begin(sync: Sync): Promise<Begun> {
  const { source } = sync;
  const unfinished = await sync.look((tx) => listUnfinished(tx, source.id, sync.listed));
  const last = unfinished.length > 0 ? null : source.syncedAt;
  const lastSeconds = last ? last.getTime() / 1_000 : source.frozenAt;
  if (source.frozenAt === null || lastSeconds === null || isTooLongAgo(lastSeconds)) return beginAnew(sync);
  await sync.commit(async (tx) => {
    await setSyncState(tx, source.id, { status: "backfilling" });
    await tellSource(tx, source.id);
  });
  const { frozenAt, changesCursor } = source;
  return {
    ...heardFor(frozenAt),
    ...(source.heardSince === null ? {} : { heardSince: source.heardSince }),
    changesCursor,
  };
}

async function beginAnew(sync: Sync): Promise<Begun> {
  const { source } = sync;
  const checked = await sync.connection.check(sync.job.signal);
  const frozenAt = frozenBy(checked.at, source.frozenAt);
  await sync.commit(async (tx) => {
    await putStreamChecks(
      tx,
      source.id,
      checked.streams.filter(({ name }) => sync.listed.includes(name) || name === sync.teller),
    );
    await beginStreams(tx, source.id, sync.listed);
    await setSyncState(tx, source.id, { status: "backfilling", frozenAt, changesCursor: null });
    await tellSource(tx, source.id);
  });
  return { ...heardFor(frozenAt), changesCursor: null };
}

/** Should our clock or theirs be wrong, rather too much is looked at. */
function heardFor(frozenAt: number): Omit<Begun, "changesCursor"> {
  const heardFrom = Math.min(frozenAt, Math.floor(Date.now() / 1_000)) - overlapSeconds;
  return { frozenAt, heardFrom, heardSince: heardFrom - toldForSeconds + daySeconds };
}
