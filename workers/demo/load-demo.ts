import { isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";
import type { OrgTx } from "#db/database.ts";
import { getDemoDay } from "#db/queries/demo.ts";
import { appendChunk, chunkBytes, completeReceiving, createReceiving } from "#db/queries/upload-files.ts";
import type { Task, WorkerDeps } from "../task.ts";
import { createDemoFiles, type DemoFile } from "./files.ts";

/**
 * Hands the invented company's files in as a person would: they are parsed, imported and explained like any others.
 * Run twice, it finds that they are there.
 */
export const createLoadDemo =
  ({ db }: WorkerDeps): Task<"loadDemo"> =>
  async ({ orgId, customers }, job) => {
    const today = await db.withOrg(orgId, getDemoDay);
    const files = createDemoFiles({ today, customers });
    await db.withOrg(orgId, async (tx) => {
      await job.requireLease(tx);
      for (const file of files) await handIn(tx, file);
    });
    job.log.info({ customers, files: files.length }, "demo handed in");
  };

async function handIn(tx: OrgTx, file: DemoFile): Promise<void> {
  const bytes = Buffer.from(file.text);
  const id = await createReceiving(tx, { fileName: file.name, createdBy: null });
  for (let at = 0, seq = 0; at < bytes.length; at += chunkBytes, seq += 1)
    await appendChunk(tx, id, seq, bytes.subarray(at, at + chunkBytes));
  const sha256 = createHash("sha256").update(bytes).digest();
  await completeReceiving(
    tx,
    id,
    { bytes: bytes.length, sha256, validUtf8: isUtf8(bytes), fingerprint: demoFingerprint(file, sha256) },
    { kind: file.kind },
    false,
  );
}

/** The same file again is the same upload, also when the job runs twice. */
const demoFingerprint = (file: DemoFile, sha256: Buffer): Buffer =>
  createHash("sha256").update(`demo ${file.kind} `).update(sha256).digest();
