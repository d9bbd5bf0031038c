import { restingStatuses, type UploadOutput } from "#contracts/uploads.ts";
import type { Database } from "#db/database.ts";
import { getUpload } from "#db/queries/uploads.ts";

const pollMs = 200;

/**
 * Waits until an upload rests (imported, refused, or asking), and notes how far it is.
 * @param signal stops the waiting; the upload goes on
 */
export async function untilResting(
  db: Database,
  orgId: string,
  id: string,
  note: (text: string) => void,
  signal?: AbortSignal,
): Promise<UploadOutput> {
  let said = "";
  for (;;) {
    signal?.throwIfAborted();
    const upload = await db.withOrg(orgId, (tx) => getUpload(tx, id));
    if (restingStatuses.some((status) => status === upload.status)) return upload;
    const { read, total, rejected } = upload.rows;
    const text = `${upload.status}${upload.phase ? `, ${upload.phase}` : ""}: ${read}${total ? ` of ${total}` : ""} rows, ${rejected} rejected`;
    if (text !== said) note(text);
    said = text;
    await new Promise((done) => setTimeout(done, pollMs));
  }
}
