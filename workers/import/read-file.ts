import type { Dialect } from "#contracts/uploads.ts";
import { streamChunks } from "#db/chunk-stream.ts";
import { byteLengthIn, createDecoder } from "#db/csv/encoding.ts";
import { createRecordParser, type ParserLimits, type RecordView } from "#db/csv/records.ts";
import type { Database } from "#db/database.ts";
import { type ChunkMark, chunkBytes, findChunk } from "#db/queries/upload-files.ts";
import type { PlainRows } from "./plain-rows.ts";

/** Reads a received file from its pieces, a few in memory at a time. */

export interface FileForm {
  dialect: Dialect;
  /** Lines before the first record. */
  skipLines: number;
}

const LF = 10;
/** So many lines of a piece go to the parser one by one, and one more for so many that do not. */
const mostPushed = 16;
const plainForOne = 8;

/** The pieces of a file in order. The first comes from the pool: most files have no second. */
export async function* pieces(db: Database, orgId: string, uploadId: string): AsyncGenerator<Buffer> {
  const first = await db.withOrg(orgId, (tx) => findChunk(tx, uploadId, 0), { readOnly: true });
  if (first === null) return;
  yield first;
  if (first.length === chunkBytes) yield* streamChunks({ url: db.url, orgId, uploadId, fromSeq: 1 });
}

/**
 * Parses a whole file.
 * @param onRecord runs for each record, the header included
 * @param plain is offered what lies between records before `onRecord`: what it takes is read
 * @param onPiece runs after each piece with the bytes read so far; return false to stop
 * @returns where in each piece the first record begins
 */
export async function readRecords(options: {
  source: AsyncIterable<Buffer>;
  form: FileForm;
  limits: ParserLimits;
  onRecord: (record: RecordView) => void;
  plain?: PlainRows | null;
  onPiece?: (bytes: number) => Promise<boolean>;
}): Promise<ChunkMark[]> {
  const { form, onRecord } = options;
  const { encoding, delimiter, quote } = form.dialect;
  const marks = createMarks((text) => byteLengthIn(encoding, text));
  const decoder = createDecoder(encoding);
  const parser = createRecordParser({
    delimiter,
    quote,
    limits: options.limits,
    skipLines: form.skipLines,
    onRecord(record) {
      marks.see(record);
      onRecord(record);
    },
  });
  const push = (bytes: Buffer): void => {
    const text = decoder.write(bytes);
    marks.decoded(text.length, decoder.bytesDone - byteLengthIn(encoding, text));
    parser.push(text);
  };
  const plain = encoding === "utf-8" || encoding === "windows-1252" ? options.plain : null;

  /** Line by line where the parser is needed, as long as most lines go without it. */
  function pushBetween(piece: Buffer, rows: PlainRows): void {
    let at = 0;
    let taken = 0;
    let pushed = 0;
    while (at < piece.length) {
      if (parser.isBetween && decoder.isBetween) {
        const found = rows.take(piece, at, parser.line);
        if (found.rows > 0) marks.begins(at, parser.line);
        marks.decoded(found.to - at, decoder.bytesDone);
        decoder.passOver(found.to - at);
        parser.passOver(found.rows, found.to - at);
        taken += found.rows;
        at = found.to;
      }
      const lineEnd = pushed > mostPushed + taken / plainForOne ? -1 : piece.indexOf(LF, at);
      const next = lineEnd < 0 ? piece.length : lineEnd + 1;
      if (next > at) push(piece.subarray(at, next));
      at = next;
      pushed += 1;
    }
  }

  for await (const piece of options.source) {
    marks.add(piece.length);
    if (plain) pushBetween(piece, plain);
    else push(piece);
    if (options.onPiece && !(await options.onPiece(decoder.bytesDone))) return marks.found;
  }
  const endByte = decoder.bytesDone;
  const end = decoder.end();
  marks.decoded(end.length, endByte);
  parser.push(end);
  parser.end();
  await options.onPiece?.(decoder.bytesDone);
  return marks.found;
}

interface Piece {
  /** Byte and character of the file with which it begins. */
  byte: number;
  char: number;
  marked: boolean;
}

/** Finds, for each piece, the first record that begins in it. */
function createMarks(byteLength: (text: string) => number) {
  const found: ChunkMark[] = [];
  const known: Piece[] = [];
  let bytes = 0;
  let chars = 0;
  /** Where the text begins that was read last. */
  let last = { char: 0, byte: 0 };
  let at = 0;
  return {
    found,
    add(pieceBytes: number): void {
      known.push({ byte: bytes, char: chars, marked: false });
      bytes += pieceBytes;
    },
    /** So many characters are read, from this byte of the file on. */
    decoded(textChars: number, byte: number): void {
      last = { char: chars, byte };
      chars += textChars;
    },
    /** A record begins at this byte of the piece that was added last. */
    begins(offset: number, line: number): void {
      const piece = known[known.length - 1]!;
      if (piece.marked) return;
      piece.marked = true;
      found.push({ seq: known.length - 1, firstLine: line, firstOffset: offset });
    },
    see(record: RecordView): void {
      const char = record.base + record.from;
      while (at + 1 < known.length && known[at + 1]!.char <= char) at += 1;
      const piece = known[at]!;
      if (piece.marked) return;
      piece.marked = true;
      const { text, from, base } = record;
      const lastFrom = last.char - base;
      const byte =
        lastFrom <= from
          ? last.byte + byteLength(text.slice(lastFrom, from))
          : last.byte - byteLength(text.slice(from, lastFrom));
      if (byte >= piece.byte) found.push({ seq: at, firstLine: record.line, firstOffset: byte - piece.byte });
    },
  };
}
