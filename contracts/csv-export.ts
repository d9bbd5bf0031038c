/**
 * CSV as we write it: RFC 4180 (CRLF, quotes doubled), and no cell that a spreadsheet would run as a formula.
 * `guardFormula` and `unguardFormula` are exact inverses, so that what we export can be imported again unchanged.
 */

/** First characters that make a spreadsheet calculate: ASVS 1.2.10, line ends, and the full-width twins. */
const dangerous = new Set("=+-@\t\r\n\u0000＝＋－＠");
const pureNumber = /^[+-]?\d+([.,]\d+)*%?$/;

/** True when a spreadsheet may take the text for a formula, however it is indented or quoted. */
function looksLikeFormula(text: string): boolean {
  let at = 0;
  while (at < text.length && (text[at] === " " || text[at] === '"' || text[at] === "'")) at += 1;
  const first = text[at];
  if (first === undefined || !dangerous.has(first)) return false;
  return !pureNumber.test(text.slice(at));
}

/** Puts an apostrophe before what a spreadsheet would run; numbers such as `-12.5` stay numbers. */
export const guardFormula = (text: string): string => (looksLikeFormula(text) ? `'${text}` : text);

/** Takes the apostrophe away that `guardFormula` put; every other text stays as it is. */
export const unguardFormula = (text: string): string =>
  text.charCodeAt(0) === 0x27 && looksLikeFormula(text.slice(1)) ? text.slice(1) : text;

export type CsvCell = string | number | boolean | null | undefined;

/** One cell: guarded, then quoted where RFC 4180 asks for it (or where another locale's separator stands in it). */
export function csvCell(value: CsvCell): string {
  if (value === null || value === undefined) return "";
  const text = typeof value === "string" ? guardFormula(value) : String(value);
  return /[",;\t\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** One record with its line end. A record of one empty cell is written `""`, so that it is no blank line. */
export const csvRecord = (cells: readonly CsvCell[]): string =>
  `${cells.length === 1 && csvCell(cells[0]) === "" ? '""' : cells.map(csvCell).join(",")}\r\n`;

/** A whole file: the header, then the records. */
export const toCsv = (header: readonly string[], records: Iterable<readonly CsvCell[]>): string =>
  csvRecord(header) + Array.from(records, csvRecord).join("");

/**
 * Response headers of a CSV download.
 * @param name without extension; what cannot stand in a file name is replaced
 */
export function csvDownloadHeaders(name: string): Record<string, string> {
  const safe =
    name
      .replace(/[\p{Cc}\p{Cf}\p{Cs}/\\:*?"<>|]+/gu, "_")
      .trim()
      .slice(0, 120) || "export";
  const ascii = safe.replace(/[^\x20-\x7e]/g, "_").replaceAll("%", "_");
  return {
    "Content-Type": "text/csv; charset=utf-8",
    "Content-Disposition": `attachment; filename="${ascii}.csv"; filename*=UTF-8''${rfc5987(safe)}.csv`,
    "X-Content-Type-Options": "nosniff",
  };
}

const rfc5987 = (text: string): string =>
  encodeURIComponent(text.toWellFormed()).replace(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
