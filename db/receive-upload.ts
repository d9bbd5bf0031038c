import { createHash } from "node:crypto";
import type { UploadRequest } from "#contracts/uploads.ts";
import { AppError } from "#root/errors.ts";
import { createUtf8Check } from "./csv/encoding.ts";
import type { Database } from "./database.ts";
import { announceArriving } from "./queries/arriving-uploads.ts";
import {
  appendChunk,
  chunkBytes,
  completeReceiving,
  createReceiving,
  deleteReceiving,
} from "./queries/upload-files.ts";
import type { UploadRow } from "./queries/uploads.ts";

/** A file on its way in: kept piece by piece, in flat memory, and forgotten whole if it does not arrive whole. */

/** What a person asked for beside the file; read when the file has arrived (form fields may come after it). */
export interface Asked {
  request: UploadRequest;
  dryRun: boolean;
}

/** The same file with the same request has the same fingerprint. */
export function uploadFingerprint(fileSha256: Buffer, { request, dryRun }: Asked): Buffer {
  const asked = sorted({
    kind: request.kind ?? null,
    mapping: request.mapping ?? {},
    options: request.options ?? {},
    dryRun,
  });
  return createHash("sha256").update(fileSha256).update(JSON.stringify(asked)).digest();
}

/** Key order does not matter. */
function sorted(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, part]) => [key, sorted(part)]);
}

/**
 * Receives a file and queues it, or finds that it is there already.
 * @param options.source the file's bytes; if it throws, nothing of the file is kept
 * @param options.asked is called when the file is complete
 * @param options.askedSoFar what the fields before the file ask for, null when they cannot be understood; without it nobody
 *   reads the file before it is complete
 * @throws AppError TOO_LARGE, UNSUPPORTED_MEDIA for archives and office files, and whatever `source` and `asked` throw
 */
export async function receiveUpload(
  db: Database,
  orgId: string,
  options: {
    source: AsyncIterable<Buffer>;
    fileName: string;
    createdBy: string | null;
    maxBytes: number;
    asked: () => Promise<Asked>;
    askedSoFar?: () => Asked | null;
  },
): Promise<{ row: UploadRow; duplicate: boolean }> {
  const id = await db.withOrg(orgId, (tx) =>
    createReceiving(tx, { fileName: safeFileName(options.fileName), createdBy: options.createdBy }),
  );
  try {
    const file = await keepPieces(db, orgId, id, options);
    const asked = await options.asked();
    const fingerprint = uploadFingerprint(file.sha256, asked);
    return await db.withOrg(orgId, (tx) =>
      completeReceiving(tx, id, { ...file, fingerprint }, asked.request, asked.dryRun),
    );
  } catch (error) {
    await db.withOrg(orgId, (tx) => deleteReceiving(tx, id));
    throw error;
  }
}

/** The piece with which a worker may begin to read: smaller files are there before it would have begun. */
const announcedWith = 3;

async function keepPieces(
  db: Database,
  orgId: string,
  id: string,
  options: { source: AsyncIterable<Buffer>; maxBytes: number; askedSoFar?: () => Asked | null },
) {
  const { source, maxBytes } = options;
  const hash = createHash("sha256");
  const utf8 = createUtf8Check();
  // two in turn: fresh ones would have the garbage collector look through the whole server every few dozen
  let piece = Buffer.allocUnsafe(chunkBytes);
  let other = Buffer.allocUnsafe(chunkBytes);
  let filled = 0;
  let seq = 0;
  let bytes = 0;
  let writing: Promise<void> = Promise.resolve();
  const keep = async (): Promise<void> => {
    const data = piece.subarray(0, filled);
    if (seq === 0) refuseArchives(data);
    hash.update(data);
    utf8.write(data);
    const place = seq;
    seq += 1;
    // one piece is written while the next arrives
    await writing;
    writing = db.withOrg(orgId, async (tx) => {
      await appendChunk(tx, id, place, data);
      if (place !== announcedWith) return;
      const asked = options.askedSoFar?.();
      if (asked && !asked.dryRun) await announceArriving(tx, id, asked.request);
    });
    writing.catch(() => {});
    [piece, other] = [other, piece];
    filled = 0;
  };
  try {
    for await (const given of source) {
      bytes += given.length;
      if (bytes > maxBytes) throw tooLarge(maxBytes);
      for (let from = 0; from < given.length; ) {
        const taken = given.copy(piece, filled, from);
        filled += taken;
        from += taken;
        if (filled === chunkBytes) await keep();
      }
    }
    if (filled > 0) await keep();
  } finally {
    // also when the rest does not come: what is forgotten next must not be written after that
    await writing;
  }
  return { bytes, sha256: hash.digest(), validUtf8: utf8.valid() };
}

export const tooLarge = (maxBytes: number): AppError =>
  new AppError("TOO_LARGE", `The file is larger than ${Math.round(maxBytes / chunkBytes)} MiB.`, {
    reason: "upload_too_large",
    details: { max_bytes: maxBytes },
  });

const signatures: readonly { bytes: readonly number[]; what: string }[] = [
  { bytes: [0x1f, 0x8b], what: "a gzip archive" },
  { bytes: [0x50, 0x4b, 0x03, 0x04], what: "a zip archive or an Excel file" },
  { bytes: [0x50, 0x4b, 0x05, 0x06], what: "a zip archive" },
  { bytes: [0xd0, 0xcf, 0x11, 0xe0], what: "an old Excel file" },
  { bytes: [0x42, 0x5a, 0x68], what: "a bzip2 archive" },
  { bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a], what: "an xz archive" },
  { bytes: [0x28, 0xb5, 0x2f, 0xfd], what: "a zstd archive" },
  { bytes: [0x37, 0x7a, 0xbc, 0xaf], what: "a 7z archive" },
  { bytes: [0x52, 0x61, 0x72, 0x21], what: "a rar archive" },
  { bytes: [0x25, 0x50, 0x44, 0x46], what: "a PDF" },
  { bytes: [0x89, 0x50, 0x4e, 0x47], what: "a picture" },
];

function refuseArchives(head: Buffer): void {
  const found = signatures.find(({ bytes }) => bytes.every((byte, at) => head[at] === byte));
  if (!found) return;
  throw new AppError("UNSUPPORTED_MEDIA", `This is ${found.what}. Unpack or export it as CSV first.`, {
    reason: "not_csv",
  });
}

/** The last part of a path, without what has no place in a name or changes how it is shown. */
export function safeFileName(given: string): string {
  const last = given.split(/[/\\]/).at(-1) ?? "";
  const shown = last
    .replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\u2028\u2029]/gu, "")
    .replace(/^\.+/, "")
    .trim();
  return [...shown].slice(0, 200).join("") || "upload.csv";
}
