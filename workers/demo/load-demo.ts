import { Readable } from "node:stream";
import { getDemoDay } from "#db/queries/demo.ts";
import { receiveUpload } from "#db/receive-upload.ts";
import type { Task, WorkerDeps } from "../task.ts";
import { createDemoFiles } from "./files.ts";

/**
 * Hands the invented company's files in as a person would: they are parsed, imported and explained like any others.
 * Run twice, it finds that they are there.
 */
export const createLoadDemo =
  ({ db, env }: WorkerDeps): Task<"loadDemo"> =>
  async ({ orgId, customers }, job) => {
    const today = await db.withOrg(orgId, getDemoDay);
    const files = createDemoFiles({ today, customers });
    for (const { name, kind, text } of files)
      await receiveUpload(db, orgId, {
        source: Readable.from([Buffer.from(text)]),
        fileName: name,
        createdBy: null,
        maxBytes: env.LIMITS.uploadBytes,
        asked: async () => ({ request: { kind }, dryRun: false }),
      });
    job.log.info({ customers, files: files.length }, "demo handed in");
  };
