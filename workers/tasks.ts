import { createCompactDocument } from "./collab/compact-document.ts";
import { createSeedDashboards } from "./dashboards/seed-dashboards.ts";
import { createLoadDemo } from "./demo/load-demo.ts";
import { importUpload } from "./import/import-upload.ts";
import { parseUpload } from "./import/parse-upload.ts";
import { stageArriving } from "./import/stage-arriving.ts";
import { undoUpload } from "./import/undo-upload.ts";
import { createMailMentions } from "./mail/mail-mentions.ts";
import { createSendMail } from "./mail/send-mail.ts";
import { createBuildSlices } from "./metrics/build-slices.ts";
import { createFoldSums } from "./metrics/fold-sums.ts";
import { createKeepSums } from "./metrics/keep-sums.ts";
import { createRebuildMetrics } from "./metrics/rebuild.ts";
import { createSettleLedger } from "./metrics/settle-ledger.ts";
import type { TaskList } from "./runner.ts";
import { createApplySourceChanges } from "./sources/apply-source-changes.ts";
import { createBackfillSource } from "./sources/backfill-source.ts";
import { createDeriveSource } from "./sources/derive-source.ts";
import { createPollSource } from "./sources/poll-source.ts";
import { createReconcileSource } from "./sources/reconcile-source.ts";
import { createRemoveSource } from "./sources/remove-source.ts";
import type { WorkerDeps } from "./task.ts";

/** Who does what: a job of db/jobs.ts without a handler does not compile. */
export function createTasks(deps: WorkerDeps): TaskList {
  const imports = { db: deps.db, limits: deps.env.LIMITS, log: deps.log };
  return {
    stageArriving: stageArriving(imports),
    parseUpload: parseUpload(imports),
    importUpload: importUpload(imports),
    undoUpload: undoUpload(imports),
    rebuildMetrics: createRebuildMetrics(deps),
    settleLedger: createSettleLedger(deps),
    buildSlices: createBuildSlices(deps),
    keepSums: createKeepSums(deps),
    foldSums: createFoldSums(deps),
    seedDashboards: createSeedDashboards(deps),
    backfillSource: createBackfillSource(deps),
    applySourceChanges: createApplySourceChanges(deps),
    pollSource: createPollSource(deps),
    reconcileSource: createReconcileSource(deps),
    deriveSource: createDeriveSource(deps),
    removeSource: createRemoveSource(deps),
    compactDocument: createCompactDocument(deps),
    loadDemo: createLoadDemo(deps),
    sendMail: createSendMail(deps),
    mailMentions: createMailMentions(deps),
  };
}
