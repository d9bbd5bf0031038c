import type { Database } from "#db/database.ts";
import { getDemoDay } from "#db/queries/demo.ts";
import { findLiveUpload, type UploadRow } from "#db/queries/uploads.ts";
import { receiveUpload } from "#db/receive-upload.ts";
import { type LargeDemoFile, largeDemoFiles } from "./files.ts";

/**
 * Hands the files of a large demo in, each generated while it is stored: nothing is written to disk and memory stays flat.
 * Files that are there already are left alone, so that whoever was interrupted goes on where they were.
 * @param options.signal stops between two pieces; the file under way is forgotten
 * @returns the uploads, in the order of the files
 */
export async function handInLargeDemo(
  db: Database,
  orgId: string,
  options: {
    customers: number;
    maxBytes: number;
    signal: AbortSignal;
    onProgress?: (fileName: string, customers: number) => void;
  },
): Promise<UploadRow[]> {
  const today = await db.withOrg(orgId, getDemoDay);
  const uploads: UploadRow[] = [];
  for (const file of largeDemoFiles({ today, customers: options.customers })) {
    const existing = await db.withOrg(orgId, (tx) => findLiveUpload(tx, file.name));
    uploads.push(
      existing ??
        (
          await receiveUpload(db, orgId, {
            source: bytesOf(file, options),
            fileName: file.name,
            createdBy: null,
            maxBytes: options.maxBytes,
            asked: async () => ({ request: { kind: file.kind }, dryRun: false }),
          })
        ).row,
    );
  }
  return uploads;
}

async function* bytesOf(
  file: LargeDemoFile,
  { signal, onProgress }: { signal: AbortSignal; onProgress?: (fileName: string, customers: number) => void },
): AsyncGenerator<Buffer> {
  for (const piece of file.pieces((customers) => onProgress?.(file.name, customers))) {
    // generating never waits: signals and the database get their turn here
    await new Promise<void>((done) => setImmediate(done));
    signal.throwIfAborted();
    yield Buffer.from(piece);
  }
}
