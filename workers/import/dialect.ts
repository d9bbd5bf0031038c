import { type Dialect, type Encoding, eols, type UploadOptions } from "#contracts/uploads.ts";
import { decodeSample, detectEncoding } from "#db/csv/encoding.ts";
import { cellsOf, createRecordParser, type ParserLimits } from "#db/csv/records.ts";
import { recordProblems } from "./record-problems.ts";

/** How a file is written: what its first bytes say, unless a person said it. */

const usual = [",", ";", "\t", "|"] as const;
const unusual = ["`", "^", "~", "\u001f", "\u0001", "¦", "§", "¬", ":"] as const;
/** Enough text to tell, small enough to read once per candidate. */
const sampleChars = 64 * 1024;
const sampleRecords = 100;

export interface SampleRead {
  records: string[][];
  /** Physical line of each record. */
  lines: number[];
  /** The first record that cannot be read, if there is one. */
  problem: { line: number; code: string; message: string } | null;
}

type Form = { delimiter: string; quote: string | null; skipLines: number };

/** The first records of a sample; the last one is left out where the sample may have cut it. */
export function readSample(
  sample: Buffer,
  form: { dialect: Dialect; skipLines: number },
  limits: ParserLimits,
  options: { complete: boolean; max: number },
): SampleRead {
  const { delimiter, quote, encoding } = form.dialect;
  const text = decodeSample(sample, encoding);
  return readText(text, { delimiter, quote, skipLines: form.skipLines }, limits, options);
}

function readText(
  text: string,
  form: Form,
  limits: ParserLimits,
  options: { complete: boolean; max: number },
): SampleRead {
  const read: SampleRead = { records: [], lines: [], problem: null };
  const parser = createRecordParser({
    ...form,
    limits,
    onRecord(record) {
      if (record.problem !== null) {
        const { code, message } = recordProblems[record.problem];
        if (record.problem !== "nul_character") read.problem ??= { line: record.line, code, message };
      }
      if (read.records.length >= options.max || record.count === 0) return;
      read.records.push(cellsOf(record, form.quote));
      read.lines.push(record.line);
    },
  });
  parser.push(text);
  if (options.complete) parser.end();
  return read;
}

/**
 * @param sample the file's first bytes (a mebibyte is plenty)
 * @param given options that override detection
 * @returns the dialect, and how many lines stand before the header
 */
export function detectDialect(
  sample: Buffer,
  given: UploadOptions,
  facts: { validUtf8: boolean; complete: boolean; limits: ParserLimits },
): { dialect: Dialect; skipLines: number } {
  const detected = detectEncoding(sample, facts.validUtf8);
  const encoding = encodingOf(given.encoding, detected.encoding);
  const decoded = decodeSample(sample, encoding);
  const skipLines = given.skip_leading_lines ?? (excelHint(decoded) === null ? 0 : 1);
  const text = withoutLines(decoded, skipLines).slice(0, sampleChars);
  const complete = facts.complete && decoded.length <= sampleChars;
  const delimiter =
    given.delimiter ??
    excelHint(decoded) ??
    detectDelimiter(text, {
      quote: given.quote === undefined ? '"' : given.quote,
      complete,
      limits: facts.limits,
    });
  const quote = given.quote === undefined ? detectQuote(text, delimiter) : given.quote;
  return {
    dialect: {
      encoding,
      encoding_guessed: given.encoding === undefined && detected.guessed,
      delimiter,
      quote,
      eol: detectEol(decoded),
    },
    skipLines,
  };
}

function encodingOf(given: UploadOptions["encoding"], detected: Encoding): Encoding {
  if (given !== "utf-16") return given ?? detected;
  return detected === "utf-16be" ? "utf-16be" : "utf-16le";
}

/** Excel's own first line: `sep=;`. */
const excelHint = (text: string): string | null => /^sep=(.)\r?\n/.exec(text)?.[1] ?? null;

function withoutLines(text: string, lines: number): string {
  let rest = text;
  for (let i = 0; i < lines; i += 1) {
    const match = /\r\n|\n|\r/.exec(rest);
    if (!match) return "";
    rest = rest.slice(match.index + match[0].length);
  }
  return rest;
}

/** The usual delimiters first; an unusual one only where none of those makes columns. */
function detectDelimiter(
  text: string,
  how: { quote: string | null; complete: boolean; limits: ParserLimits },
): string {
  for (const candidates of [usual, unusual]) {
    const scored = candidates
      .map((delimiter) => ({ delimiter, score: scoreOf(text, delimiter, how) }))
      .filter(({ score }) => score > 0)
      .sort((a, b) => b.score - a.score);
    if (scored[0]) return scored[0].delimiter;
  }
  return ",";
}

/** 0 where the first record has one cell; else how even the records are, then how many cells they have. */
function scoreOf(
  text: string,
  delimiter: string,
  how: { quote: string | null; complete: boolean; limits: ParserLimits },
): number {
  const { records } = readText(text, { delimiter, quote: how.quote, skipLines: 0 }, how.limits, {
    complete: how.complete || !/[\r\n]/.test(text),
    max: sampleRecords,
  });
  const width = records[0]?.length ?? 0;
  if (width < 2) return 0;
  const even = records.filter((record) => record.length === width).length / records.length;
  return even * 1000 + Math.min(width, 999) / 10;
}

/** `'` only where nothing is quoted with `"` and cells stand between apostrophes from one delimiter to the next. */
function detectQuote(text: string, delimiter: string): string {
  const cells = text.split(/\r\n|\n|\r/).flatMap((line) => line.split(delimiter));
  const wrapped = (quote: string) =>
    cells.filter((cell) => cell.length > 1 && cell.startsWith(quote) && cell.endsWith(quote)).length;
  if (cells.some((cell) => cell.startsWith('"'))) return '"';
  const single = wrapped("'");
  const begun = cells.filter((cell) => cell.startsWith("'")).length;
  return single >= 2 && single * 2 >= begun ? "'" : '"';
}

/** The line end that comes most often; ties go to the first of the list. */
function detectEol(text: string): Dialect["eol"] {
  const counts = new Map<string, number>();
  for (const [found] of text.slice(0, sampleChars * 4).matchAll(/\r\n|\n|\r/g))
    counts.set(found, (counts.get(found) ?? 0) + 1);
  return eols.reduce((best, eol) => ((counts.get(eol) ?? 0) > (counts.get(best) ?? 0) ? eol : best));
}
