import { deriveStale } from "./derive.ts";
import { applyChanges } from "./hear-changes.ts";
import { sourceTask } from "./source-task.ts";

/** Webhooks told of something. While a backfill is not at its end they wait for it: it looks at them last. */
export const createApplySourceChanges = sourceTask("applySourceChanges", async (sync) => {
  if (sync.source.status !== "live") return;
  await applyChanges(sync);
  await deriveStale(sync);
});
