import type { UploadKind } from "#contracts/upload-kinds.ts";
import {
  type Dialect,
  type UploadMapping,
  type UploadOptions,
  type UploadQuestion,
  uploadOptions,
  uploadRequest,
} from "#contracts/uploads.ts";
import type { ParserLimits } from "#db/csv/records.ts";
import type { Understood, UploadRow } from "#db/queries/uploads.ts";
import { previewRows } from "./deps.ts";
import { detectDialect, readSample, type SampleRead } from "./dialect.ts";
import { ImportFailure } from "./failure.ts";
import { columnNames } from "./header.ts";
import { detectKind, looksLikeHeader, type Matched, mappingOf, matchColumns } from "./mapping.ts";
import { askWhatCellsTell } from "./told-by-cells.ts";
import { createValueReader, type ValueReader } from "./value-questions.ts";

/** What the first bytes of a file tell: how it is written, what its columns are, and what only a person can say. */

export interface Reading {
  found: Understood;
  /** Null where no kind fits. */
  matched: Matched | null;
  /** Has seen the sample; it may need the rest of the file to decide. */
  values: ValueReader | null;
  request: { kind: UploadKind | null; mapping: UploadMapping; options: UploadOptions };
  skipLines: number;
}

const sampleRecords = 2_000;

/**
 * @param sample the first piece of the file
 * @param complete it is all of the file
 * @throws ImportFailure for a file that nothing can be read from
 */
export function understand(
  row: Pick<UploadRow, "requested" | "validUtf8">,
  sample: Buffer,
  complete: boolean,
  limits: ParserLimits,
): Reading {
  const asked = uploadRequest.parse(row.requested);
  const request = { kind: asked.kind ?? null, mapping: asked.mapping ?? {}, options: asked.options ?? {} };
  if (sample.length === 0) throw new ImportFailure("empty_file", "The file is empty.");
  if (request.options.encoding === "utf-8" && !row.validUtf8)
    throw new ImportFailure("encoding_wrong", "The file is not UTF-8. Leave the encoding to be detected.");
  const { dialect, skipLines } = detectDialect(sample, request.options, {
    validUtf8: row.validUtf8,
    complete,
    limits,
  });
  const read = readSample(sample, { dialect, skipLines }, limits, { complete, max: sampleRecords });
  const { names, rows, header } = splitHeader(read, request.options.header, complete);
  const matched = request.kind
    ? matchColumns(request.kind, names, request.mapping, true)
    : detectKind(names, request.mapping);
  // who names the kind is asked only for what is required
  if (matched && !request.kind)
    matched.questions.push(...askWhatCellsTell(matched, names, rows, request.mapping));
  const values = matched ? createValueReader(matched.kind, matched.targets, names, request.options) : null;
  for (const cells of rows) values?.read((index) => cells[index] ?? "");
  return {
    found: {
      dialect,
      header: names,
      preview: rows.slice(0, previewRows).map((cells) => cells.map(storable)),
      kind: matched?.kind ?? null,
      mapping: matched ? mappingOf(names, matched.targets) : null,
      options: { ...request.options, ...optionsInForce(dialect, skipLines, header) },
      questions: matched ? [...matched.questions, ...(values?.result().questions ?? [])] : [noKind],
    },
    matched,
    values,
    request,
    skipLines,
  };
}

const noKind: UploadQuestion = {
  code: "kind",
  message: "The columns do not tell what the file holds. Choose what it is and say which column is which.",
};

const optionsInForce = (dialect: Dialect, skipLines: number, header: boolean): UploadOptions => ({
  header,
  skip_leading_lines: skipLines,
  delimiter: dialect.delimiter,
  quote: dialect.quote,
  encoding: dialect.encoding,
});

/** jsonb holds no NUL and no half of a surrogate pair. */
const storable = (cell: string): string => cell.replaceAll("\0", "\ufffd").toWellFormed();

function splitHeader(read: SampleRead, asked: boolean | undefined, complete: boolean) {
  const [first] = read.records;
  if (first === undefined) {
    if (read.problem) throw new ImportFailure(read.problem.code, read.problem.message, read.problem.line);
    if (!complete)
      throw new ImportFailure("record_too_long", "The first line is longer than one row can be.", 1);
    throw new ImportFailure("empty_file", "The file has no rows.");
  }
  if (read.problem && read.problem.line <= read.lines[0]!)
    throw new ImportFailure(read.problem.code, read.problem.message, read.problem.line);
  const header = asked ?? looksLikeHeader(first);
  const rows = header ? read.records.slice(1) : read.records;
  const width = header ? first.length : Math.max(...rows.slice(0, previewRows).map((cells) => cells.length));
  const names = columnNames(header ? first : null, width).map(storable);
  return { names, rows, header };
}

/** Adds what the values of the whole file decided, and says whether a person has to. */
export function settle(reading: Reading): { questions: UploadQuestion[]; ready: boolean; unclear: boolean } {
  const { matched, values, found } = reading;
  const result = values?.result();
  if (result) {
    found.options.date_format = result.dateOrder;
    found.options.decimal_comma = result.decimalComma;
  }
  const questions = matched ? [...matched.questions, ...(result?.questions ?? [])] : found.questions;
  const unclear = questions.some(
    ({ code }) =>
      code === "ambiguous_column" || code === "date_format" || code === "decimal_comma" || code === "mapping",
  );
  return { questions, ready: questions.length === 0, unclear };
}

/** Everything an import needs to know, from what reading the file left on its row. */
export interface ImportPlan {
  kind: UploadKind;
  names: string[];
  targets: (string | null)[];
  dialect: Dialect;
  skipLines: number;
  header: boolean;
  options: UploadOptions;
}

export function planOf(found: Understood): ImportPlan {
  const { kind, mapping, header: names, dialect } = found;
  if (kind === null || mapping === null) throw new Error("an upload without a kind cannot be imported");
  const options = uploadOptions.parse(found.options);
  return {
    kind: uploadRequest.shape.kind.unwrap().unwrap().parse(kind),
    names,
    targets: names.map((name) => (Object.hasOwn(mapping, name) ? (mapping[name] ?? null) : null)),
    dialect,
    skipLines: options.skip_leading_lines ?? 0,
    header: options.header ?? true,
    options,
  };
}
