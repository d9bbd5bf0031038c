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
async function* fieldsOf(stream: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  const waiting: Buffer[] = [];
  let length = 0;
  /** The next `count` bytes: copied once, where they came in several parts. */
  const take = async (count: number): Promise<Buffer> => {
    while (length < count) {
      const { value, done } = await stream.next();
      if (done) throw lost();
      waiting.push(value);
      length += value.length;
    }
    const first = waiting[0];
    const bytes = first && first.length >= count ? first : Buffer.concat(waiting.splice(0), length);
    waiting[0] = bytes.subarray(count);
    length -= count;
    return bytes.subarray(0, count);
  };
  try {
    const header = await take(headerBytes);
    await take(header.readInt32BE(signatureBytes + 4));
    while ((await take(2)).readInt16BE() !== -1) yield await take((await take(4)).readInt32BE());
    while (!(await stream.next()).done);
  } finally {
    await stream.return(null);
  }
}
