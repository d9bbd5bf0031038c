import { createCompactDocument } from "./collab/compact-document.ts";
import { createSeedDashboards } from "./dashboards/seed-dashboards.ts";
import { createLoadDemo } from "./demo/load-demo.ts";
import { importUpload } from "./import/import-upload.ts";
import { parseUpload } from "./import/parse-upload.ts";
import { undoUpload } from "./import/undo-upload.ts";
import { createMailMentions } from "./mail/mail-mentions.ts";
import { createSendMail } from "./mail/send-mail.ts";
import { createBuildSlices } from "./metrics/build-slices.ts";
import { createRebuildMetrics } from "./metrics/rebuild.ts";
import type { TaskList } from "./runner.ts";
import type { WorkerDeps } from "./task.ts";

/** Who does what: a job of db/jobs.ts without a handler does not compile. */
export function createTasks(deps: WorkerDeps): TaskList {
  const imports = { db: deps.db, limits: deps.env.LIMITS, log: deps.log };
  return {
    parseUpload: parseUpload(imports),
    importUpload: importUpload(imports),
    undoUpload: undoUpload(imports),
    rebuildMetrics: createRebuildMetrics(deps),
    buildSlices: createBuildSlices(deps),
    seedDashboards: createSeedDashboards(deps),
    compactDocument: createCompactDocument(deps),
    loadDemo: createLoadDemo(deps),
    sendMail: createSendMail(deps),
    mailMentions: createMailMentions(deps),
  };
}
