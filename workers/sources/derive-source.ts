import { markAllStale } from "#db/queries/source-known.ts";
import { deriveStale } from "./derive.ts";
import { sourceTask } from "./source-task.ts";

/** Everybody's facts and numbers anew from what is kept, as after an update that reads objects better. */
export const createDeriveSource = sourceTask("deriveSource", async (sync) => {
  if (sync.source.status !== "live") return;
  await sync.commit((tx) => markAllStale(tx, sync.source.id));
  await deriveStale(sync);
});
