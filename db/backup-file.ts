import { createReadStream, createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { pipeline as pump, Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import { z } from "zod";

/**
 * The form of a backup: gzip over a magic line, a JSON line that says what follows, then per section frames
 * (4 bytes length, bytes; length 0 ends) and a JSON line with its number of rows. A cut-off file is recognised.
 */
const magic = "JARVIS360-BACKUP-1";

const headerSchema = z.object({
  createdAt: z.string(),
  /** The migrations that the data is of, in order. */
  migrations: z.array(z.object({ name: z.string(), sha256: z.string() })),
  /** Ids of the secret keys that encrypted values in it need; the keys themselves are never in a backup. */
  keyIds: z.array(z.string()),
  sequences: z.record(z.string(), z.string()),
  sections: z.array(z.object({ name: z.string(), columns: z.array(z.string()) })),
});
export type BackupHeader = z.infer<typeof headerSchema>;
export type BackupSection = BackupHeader["sections"][number];

const footerSchema = z.object({ rows: z.number().int().min(0) });

/** @param rowsOf each section's content, as COPY's text form: one line per row */
export async function writeBackupFile(
  file: string,
  header: BackupHeader,
  rowsOf: (section: BackupSection) => AsyncIterable<Buffer>,
): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  async function* content() {
    yield Buffer.from(`${magic}\n${JSON.stringify(header)}\n`);
    for (const section of header.sections) {
      let rows = 0;
      for await (const chunk of rowsOf(section)) {
        if (chunk.length === 0) continue;
        rows += countLines(chunk);
        yield frameLength(chunk.length);
        yield chunk;
      }
      counts.set(section.name, rows);
      yield frameLength(0);
      yield Buffer.from(`${JSON.stringify({ rows })}\n`);
    }
  }
  const half = `${file}.part`;
  try {
    // it holds everybody's data: for its owner's eyes only
    await pipeline(
      Readable.from(content()),
      createGzip({ level: 4 }),
      createWriteStream(half, { mode: 0o600 }),
    );
    await rename(half, file);
  } catch (error) {
    await rm(half, { force: true });
    throw error;
  }
  return counts;
}

/**
 * Reads a backup; `take` gets each section and must consume its content.
 * @throws Error when the file is no backup, is cut off, or a section had not as many rows as were written
 */
export async function readBackupFile(
  file: string,
  begin: (header: BackupHeader) => Promise<void>,
  take: (section: BackupSection, content: AsyncIterable<Buffer>) => Promise<void>,
): Promise<Map<string, number>> {
  const bytes = createGunzip();
  // an error of either is thrown by the reader
  const source = pump(createReadStream(file), bytes, () => {});
  const reader = new Reader(source);
  const counts = new Map<string, number>();
  try {
    if ((await reader.line(200)) !== magic) throw new Error(`${file} is not a backup of Jarvis360.`);
    const header = headerSchema.parse(JSON.parse(await reader.line(64 * 1024 ** 2)));
    await begin(header);
    for (const section of header.sections) {
      let rows = 0;
      const frames = async function* () {
        for (;;) {
          const length = (await reader.take(4)).readUInt32BE();
          if (length === 0) return;
          const chunk = await reader.take(length);
          rows += countLines(chunk);
          yield chunk;
        }
      };
      await take(section, frames());
      const footer = footerSchema.parse(JSON.parse(await reader.line(200)));
      if (footer.rows !== rows)
        throw new Error(`${file} is damaged: ${section.name} is not as it was written.`);
      counts.set(section.name, rows);
    }
  } catch (error) {
    if (isZlibError(error))
      throw new Error(`${file} is damaged or not a backup of Jarvis360.`, { cause: error });
    throw error;
  } finally {
    source.destroy();
  }
  return counts;
}

const isZlibError = (error: unknown): boolean =>
  error instanceof Error && "code" in error && String(error.code).startsWith("Z_");

function frameLength(length: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(length);
  return bytes;
}

/** COPY's text form ends each row with a line feed and escapes those inside. */
function countLines(chunk: Buffer): number {
  let lines = 0;
  for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) lines += 1;
  return lines;
}

/** Takes exact amounts from a stream. */
class Reader {
  #held: Buffer = Buffer.alloc(0);
  readonly #chunks: AsyncIterator<Buffer>;
  constructor(stream: AsyncIterable<Buffer>) {
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  async take(length: number): Promise<Buffer> {
    while (this.#held.length < length) await this.#more();
    const taken = this.#held.subarray(0, length);
    this.#held = this.#held.subarray(length);
    return taken;
  }

  async line(longest: number): Promise<string> {
    for (;;) {
      const end = this.#held.indexOf(10);
      if (end !== -1) return (await this.take(end + 1)).subarray(0, end).toString();
      if (this.#held.length > longest) return "";
      await this.#more();
    }
  }

  async #more(): Promise<void> {
    const { value, done } = await this.#chunks.next();
    if (done) throw new Error("The backup is cut off.");
    this.#held = this.#held.length === 0 ? value : Buffer.concat([this.#held, value]);
  }
}
