import { copiedRows } from "./copied-rows.ts";
import { lost, openPostgres, requireUuid } from "./job-connection.ts";

/** Reads a received file from its pieces, over a connection of its own. */
export interface ChunkReader {
  /**
   * The pieces that are there, from `fromSeq` on, as they were stored: through COPY in binary, which spares the bytes a
   * trip through hexadecimal text (a third of a second of a million rows).
   */
  read(fromSeq: number): AsyncGenerator<Buffer>;
  /** How many pieces there are, and whether more may come; null when the file was forgotten. */
  state(): Promise<{ pieces: number; arriving: boolean } | null>;
  /** Never rejects. */
  end(): Promise<void>;
}

/** @throws AppError UNAVAILABLE, from every method, when the connection is lost */
export async function openChunkReader(options: {
  url: string;
  orgId: string;
  uploadId: string;
}): Promise<ChunkReader> {
  const [orgId, uploadId] = [requireUuid(options.orgId), requireUuid(options.uploadId)];
  let closed = false;
  const sql = openPostgres({
    url: options.url,
    name: "jarvis360 file",
    settings: { statement_timeout: 0 },
    onClose: () => {
      closed = true;
    },
  });
  const orLost = (error: unknown) => (closed ? lost(error) : error);
  const end = () => sql.end({ timeout: 0 }).catch(() => {});
  try {
    await sql.unsafe("BEGIN READ ONLY");
    await sql.unsafe(`SET LOCAL app.org_id = '${orgId}'`);
  } catch (error) {
    await end();
    throw orLost(error);
  }
  return {
    async *read(fromSeq) {
      try {
        const stream = await sql
          .unsafe(
            `COPY (SELECT data FROM upload_chunk WHERE org_id = '${orgId}' AND upload_id = '${uploadId}'
              AND seq >= ${Math.trunc(fromSeq)} ORDER BY seq) TO STDOUT (FORMAT binary)`,
          )
          .readable();
        // whoever reads hears of it; left in the middle, it breaks when the connection ends, and nobody listens
        stream.on("error", () => {});
        yield* fieldsOf(copiedRows(stream));
      } catch (error) {
        throw orLost(error);
      }
    },
    async state() {
      if (closed) throw lost();
      try {
        const [row] = await sql.unsafe<{ pieces: number; arriving: boolean }[]>(
          `SELECT u.status = 'receiving' AS arriving, (SELECT coalesce(max(c.seq) + 1, 0) FROM upload_chunk c
            WHERE c.org_id = u.org_id AND c.upload_id = u.id) AS pieces
          FROM upload u WHERE u.org_id = '${orgId}' AND u.id = '${uploadId}'`,
        );
        return row ?? null;
      } catch (error) {
        throw orLost(error);
      }
    },
    end,
  };
}

/** The pieces of a received file from `fromSeq` on. The connection ends with the loop. */
export async function* streamChunks(options: {
  url: string;
  orgId: string;
  uploadId: string;
  fromSeq: number;
}): AsyncGenerator<Buffer> {
  const reader = await openChunkReader(options);
  try {
    yield* reader.read(options.fromSeq);
  } finally {
    await reader.end();
  }
}

const signatureBytes = 11;
const headerBytes = signatureBytes + 8;

/** Takes the one field of each tuple out of COPY's binary format; its end mark must come. */
async function* fieldsOf(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let bytes: Buffer = Buffer.alloc(0);
  let headerRead = false;
  let ended = false;
  for await (const part of stream) {
    bytes = bytes.length === 0 ? part : Buffer.concat([bytes, part]);
    if (!headerRead) {
      if (bytes.length < headerBytes) continue;
      const extension = bytes.readInt32BE(signatureBytes + 4);
      if (bytes.length < headerBytes + extension) continue;
      bytes = bytes.subarray(headerBytes + extension);
      headerRead = true;
    }
    while (bytes.length >= 2 && !ended) {
      if (bytes.readInt16BE(0) === -1) {
        ended = true;
        break;
      }
      if (bytes.length < 6) break;
      const length = bytes.readInt32BE(2);
      if (bytes.length < 6 + length) break;
      yield bytes.subarray(6, 6 + length);
      bytes = bytes.subarray(6 + length);
    }
  }
  if (!ended) throw lost();
}
