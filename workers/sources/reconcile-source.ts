import { beginStreams, listUnfinished, putStreamChecks } from "#db/queries/source-streams.ts";
import { setSyncState } from "#db/queries/source-sync.ts";
import { deriveStale } from "./derive.ts";
import { finishSync } from "./finish-sync.ts";
import { applyChanges } from "./hear-changes.ts";
import { listStreams } from "./list-streams.ts";
import { catchUp } from "./poll-source.ts";
import { sourceTask } from "./source-task.ts";
import type { Sync } from "./sync.ts";
import { frozenBy } from "./times.ts";

/**
 * Every night, and when somebody asks: what numbers hang on is listed again, so that an event that never came is missed for a day at most.
 * What happens meanwhile does not wait for it.
 */
export const createReconcileSource = sourceTask("reconcileSource", async (sync) => {
  if (sync.source.status !== "live") return;
  if (!(await catchUp(sync))) return;
  const frozenAt = await begin(sync);
  const between = async () => {
    await applyChanges(sync);
    await deriveStale(sync);
  };
  await listStreams(sync, { names: sync.listed, frozenAt, between });
  await between();
  await finishSync(sync, { nightly: true });
});

/** Where it was stopped, or from the beginning. */
async function begin(sync: Sync): Promise<number> {
  const { source } = sync;
  const unfinished = await sync.look((tx) => listUnfinished(tx, source.id, sync.listed));
  if (unfinished.length > 0 && source.frozenAt !== null) return source.frozenAt;
  const checked = await sync.connection.check(sync.job.signal);
  const frozenAt = frozenBy(checked.at, source.frozenAt);
  await sync.commit(async (tx) => {
    await putStreamChecks(
      tx,
      source.id,
      checked.streams.filter(({ name }) => sync.listed.includes(name) || name === sync.teller),
    );
    await beginStreams(
      tx,
      source.id,
      sync.listed.filter((name) => sync.history.includes(name)),
    );
    await setSyncState(tx, source.id, { frozenAt });
  });
  return frozenAt;
}
