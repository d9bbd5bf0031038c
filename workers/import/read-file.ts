import type { Dialect } from "#contracts/uploads.ts";
import { streamChunks } from "#db/chunk-stream.ts";
import { byteLengthIn, createDecoder } from "#db/csv/encoding.ts";
import { createRecordParser, type ParserLimits, type RecordView } from "#db/csv/records.ts";
import type { Database } from "#db/database.ts";
import { type ChunkMark, chunkBytes, findChunk } from "#db/queries/upload-files.ts";

/** Reads a received file from its pieces, a few in memory at a time. */

export interface FileForm {
  dialect: Dialect;
  /** Lines before the first record. */
  skipLines: number;
}

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
 * @param onPiece runs after each piece with the bytes read so far; return false to stop
 * @returns where in each piece the first record begins
 */
export async function readRecords(options: {
  source: AsyncIterable<Buffer>;
  form: FileForm;
  limits: ParserLimits;
  onRecord: (record: RecordView) => void;
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
  for await (const piece of options.source) {
    const text = decoder.write(piece);
    marks.add(piece.length, text.length, decoder.bytesDone - byteLengthIn(encoding, text));
    parser.push(text);
    if (options.onPiece && !(await options.onPiece(decoder.bytesDone))) return marks.found;
  }
  parser.push(decoder.end());
  parser.end();
  await options.onPiece?.(decoder.bytesDone);
  return marks.found;
}

interface Piece {
  /** Byte of the file with which it begins. */
  byte: number;
  /** Characters before its text, and the byte with which that text begins. */
  char: number;
  charByte: number;
  marked: boolean;
}

/** Finds, for each piece, the first record that begins in it. */
function createMarks(byteLength: (text: string) => number) {
  const found: ChunkMark[] = [];
  const known: Piece[] = [];
  let bytes = 0;
  let chars = 0;
  let at = 0;
  return {
    found,
    add(pieceBytes: number, textChars: number, textByte: number): void {
      known.push({ byte: bytes, char: chars, charByte: textByte, marked: false });
      bytes += pieceBytes;
      chars += textChars;
    },
    see(record: RecordView): void {
      const char = record.base + record.from;
      while (at + 1 < known.length && known[at + 1]!.char <= char) at += 1;
      const piece = known[at]!;
      if (piece.marked) return;
      piece.marked = true;
      const next = known[at + 1];
      const start = record.from;
      const byte =
        piece.char >= record.base
          ? piece.charByte + byteLength(record.text.slice(piece.char - record.base, start))
          : next
            ? next.charByte - byteLength(record.text.slice(start, next.char - record.base))
            : -1;
      if (byte >= piece.byte) found.push({ seq: at, firstLine: record.line, firstOffset: byte - piece.byte });
    },
  };
}
