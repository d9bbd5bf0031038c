import { createDecoder } from "../csv/encoding.ts";
import { cellsOf, createRecordParser } from "../csv/records.ts";
import type { OrgTx } from "../database.ts";
import { findChunk, findMark } from "./upload-files.ts";
import { getUploadRow, uploadOutputOf } from "./uploads.ts";

/** One record of a file as it was given. */
export interface RawLine {
  line: number;
  /** Column names of the file. */
  header: string[];
  cells: string[];
  /** The record's own text, without its line end. */
  text: string;
}

const limits = { columns: 20_000, field: 1024 ** 2, record: 1024 ** 2 };

/**
 * Shows the record that begins on a line of an upload, from the nearest mark before it: a piece or two are read, never the
 * whole file (before the file was imported, there are no marks, and all of it may be).
 * @returns null when no record begins there
 * @throws AppError NOT_FOUND for an unknown upload
 */
export async function getRawLine(tx: OrgTx, uploadId: string, line: number): Promise<RawLine | null> {
  const { dialect, columns } = uploadOutputOf(await getUploadRow(tx, uploadId));
  if (!dialect) return null;
  const mark = await findMark(tx, uploadId, line);
  const decoder = createDecoder(dialect.encoding, mark === null);
  let found: RawLine | null = null;
  let passed = false;
  const parser = createRecordParser({
    delimiter: dialect.delimiter,
    quote: dialect.quote,
    limits,
    firstLine: mark?.firstLine ?? 1,
    onRecord(record) {
      if (record.line > line) passed = true;
      if (record.line !== line || found) return;
      found = {
        line,
        header: columns,
        cells: cellsOf(record, dialect.quote),
        text: record.text.slice(record.from, record.to),
      };
    },
  });
  for (let seq = mark?.seq ?? 0; !found && !passed; seq += 1) {
    const piece = await findChunk(tx, uploadId, seq);
    if (!piece) {
      parser.push(decoder.end());
      parser.end();
      break;
    }
    const from = seq === mark?.seq ? mark.firstOffset : 0;
    parser.push(decoder.write(piece.subarray(from)));
  }
  return found;
}
