/**
 * A streaming CSV parser with bounds. It reports where cells stand in the text instead of making strings of them: most
 * cells of an import are checked and passed on without ever becoming a string of their own (docs/decisions/005-csv.md).
 */

export interface ParserLimits {
  columns: number;
  /** Characters of one cell. */
  field: number;
  /** Characters of one record. */
  record: number;
}

export type RecordProblem =
  | "unclosed_quote"
  | "quote_malformed"
  | "record_too_long"
  | "field_too_long"
  | "too_many_columns"
  | "nul_character";

/** Quotes are opened and never closed, again and again: another quote character is meant, or none. */
export class MalformedCsv extends Error {
  override readonly name = "MalformedCsv";
  constructor(readonly line: number) {
    super("Too many quotes are opened and never closed. Set the right quote character, or none.");
  }
}

/** One record, valid only while `onRecord` runs: the arrays and the text are used again for the next. */
export interface RecordView {
  /** Physical line on which the record begins; the file's first line is 1. */
  line: number;
  text: string;
  /** Where each cell begins and ends in `text`, without its quotes. */
  start: Int32Array;
  end: Int32Array;
  /** 0 as it stands; 1 was quoted; 2 was quoted and holds doubled quotes. */
  form: Uint8Array;
  count: number;
  /** The whole record in `text`, without its line end. */
  from: number;
  to: number;
  /** Characters of the file before `text[0]`. */
  base: number;
  /** No quotes, backslashes or NULs: the record's text stands for itself. */
  plain: boolean;
  problem: RecordProblem | null;
  /** The column of the problem, counted from 0. */
  problemColumn: number;
}

export interface RecordParser {
  push(text: string): void;
  /** Physical line of what is pushed next, where `isBetween`. */
  readonly line: number;
  /** Nothing is half read: what is pushed next begins a record. */
  readonly isBetween: boolean;
  /** Counts whole lines that somebody else has read; only where `isBetween`. */
  passOver(lines: number, chars: number): void;
  /** The text is complete: what is left is the last record. */
  end(): void;
}

const LF = 10;
const CR = 13;
const backslash = 92;
/** Each recovery reads up to one record's length again; a file that needs more of them is not CSV with this quote. */
const maxRecoveries = 100;

/** Where a text ends that nobody needs, but for a CR that may be half of a CRLF. */
const withoutCr = (text: string): number =>
  text.charCodeAt(text.length - 1) === CR ? text.length - 1 : text.length;

const DELIMITER = 1;
const EOL = 2;
const ODD = 3;

/**
 * @param options.skipLines physical lines before the first record
 * @throws MalformedCsv (from push and end) when quotes never add up
 */
export function createRecordParser(options: {
  delimiter: string;
  quote: string | null;
  limits: ParserLimits;
  skipLines?: number;
  firstLine?: number;
  onRecord: (record: RecordView) => void;
}): RecordParser {
  const { limits, onRecord } = options;
  const quoteText = options.quote ?? "";
  const quote = quoteText === "" ? -1 : quoteText.charCodeAt(0);
  const special = new Uint8Array(65_536);
  special[0] = ODD;
  special[backslash] = ODD;
  special[LF] = EOL;
  special[CR] = EOL;
  special[options.delimiter.charCodeAt(0)] = DELIMITER;

  const view: RecordView = {
    line: 0,
    text: "",
    start: new Int32Array(limits.columns),
    end: new Int32Array(limits.columns),
    form: new Uint8Array(limits.columns),
    count: 0,
    from: 0,
    to: 0,
    base: 0,
    plain: true,
    problem: null,
    problemColumn: 0,
  };

  let rest = "";
  let base = 0;
  let line = options.firstLine ?? 1;
  let toSkip = options.skipLines ?? 0;
  /** Inside a record that was given up: nothing counts before its line ends. */
  let dropping = false;
  let recoveries = 0;

  /** Index behind the next line end from `at`; -1 where there is none yet. */
  function afterLine(text: string, at: number, final: boolean): number {
    for (let i = at; i < text.length; i += 1) {
      const c = text.charCodeAt(i);
      if (c === LF || c === CR) return afterEol(text, i, final);
    }
    return -1;
  }

  /** Leaves out whole lines: those before the header and what follows a given-up record. */
  function skipWholeLines(text: string, at: number, final: boolean): number {
    let next = at;
    while (toSkip > 0 || dropping) {
      const after = afterLine(text, next, final);
      if (after < 0) return -1;
      if (dropping) dropping = false;
      else toSkip -= 1;
      line += 1;
      next = after;
    }
    return next;
  }

  function emitBroken(text: string, at: number, to: number, problem: RecordProblem): void {
    view.line = line;
    view.text = text;
    view.base = base;
    view.from = at;
    view.to = to;
    view.count = 0;
    view.plain = false;
    view.problem = problem;
    view.problemColumn = 0;
    onRecord(view);
  }

  /** Reports the record at `at` as broken and goes on with the line after its first: the next place that can be trusted. */
  function giveUp(text: string, at: number, problem: RecordProblem, final: boolean): number {
    recoveries += 1;
    if (recoveries > maxRecoveries) throw new MalformedCsv(line);
    const after = afterLine(text, at, final);
    if (after < 0) {
      emitBroken(text, at, text.length, problem);
      dropping = true;
      return text.length;
    }
    let to = after - 1;
    if (to > at && text.charCodeAt(to) === LF && text.charCodeAt(to - 1) === CR) to -= 1;
    emitBroken(text, at, to, problem);
    line += 1;
    return after;
  }

  // the cell that was read last; and of the record that is read, its first problem
  let cellFrom = 0;
  let cellTo = 0;
  let cellForm = 0;
  let lines = 0;
  let problem: RecordProblem | null = null;
  let problemColumn = 0;

  function note(found: RecordProblem, column: number): void {
    if (problem !== null) return;
    problem = found;
    problemColumn = column;
  }

  /** Reads a cell without quotes. @returns the index behind it */
  function readBare(text: string, at: number, column: number): number {
    const n = text.length;
    let i = at;
    for (; i < n; i += 1) {
      const kind = special[text.charCodeAt(i)];
      if (kind === 0) continue;
      if (kind !== ODD) break;
      view.plain = false;
      if (text.charCodeAt(i) === 0) note("nul_character", column);
    }
    cellFrom = at;
    cellTo = i;
    cellForm = 0;
    return i;
  }

  /** Reads a cell from its opening quote. @returns the index behind its closing quote; -1 where that does not come */
  function readQuoted(text: string, at: number, column: number, final: boolean): number {
    const n = text.length;
    view.plain = false;
    cellFrom = at + 1;
    cellForm = 1;
    let close = text.indexOf(quoteText, cellFrom);
    while (close >= 0 && close + 1 < n && text.charCodeAt(close + 1) === quote) {
      cellForm = 2;
      close = text.indexOf(quoteText, close + 2);
    }
    // a quote at the very end may be half of a doubled one
    if (close < 0 || (close + 1 === n && !final)) return -1;
    cellTo = close;
    for (let k = cellFrom; k < close; k += 1) {
      const c = text.charCodeAt(k);
      if (c === LF || (c === CR && text.charCodeAt(k + 1) !== LF)) lines += 1;
      else if (c === 0) note("nul_character", column);
    }
    return close + 1;
  }

  const endsCell = (text: string, at: number): boolean => {
    if (at >= text.length) return true;
    const kind = special[text.charCodeAt(at)];
    return kind === DELIMITER || kind === EOL;
  };

  function keepCell(column: number): void {
    if (column < limits.columns) {
      view.start[column] = cellFrom;
      view.end[column] = cellTo;
      view.form[column] = cellForm;
    } else note("too_many_columns", column);
    if (cellTo - cellFrom > limits.field) note("field_too_long", column);
  }

  /** A record whose end is not there yet: waits for it (-1) while it may still be one. */
  function unfinished(text: string, at: number, quoted: boolean, final: boolean): number {
    if (!final && text.length - at <= limits.record) return -1;
    if (quoted) return giveUp(text, at, "unclosed_quote", final);
    emitBroken(text, at, at + limits.record, "record_too_long");
    dropping = true;
    return text.length;
  }

  /** Reads the record at `at` and reports it. @returns where the next begins; -1 when more text is needed */
  function readRecord(text: string, at: number, final: boolean): number {
    const n = text.length;
    let i = at;
    let count = 0;
    lines = 0;
    problem = null;
    view.plain = true;
    for (;;) {
      const quoted = i < n && text.charCodeAt(i) === quote;
      const behind = quoted ? readQuoted(text, i, count, final) : readBare(text, i, count);
      if (behind < 0) return unfinished(text, at, true, final);
      // closed by a quote that was meant to open the next one: the lines between are records of their own
      if (!endsCell(text, behind))
        return giveUp(text, at, lines > 0 ? "unclosed_quote" : "quote_malformed", final);
      if (behind >= n && !final) return unfinished(text, at, false, final);
      keepCell(count);
      count += 1;
      i = behind;
      if (i >= n || special[text.charCodeAt(i)] === EOL) break;
      i += 1;
      if (i >= n && !final) return -1;
    }
    const to = i;
    if (i < n) {
      i = afterEol(text, i, final);
      if (i < 0) return -1;
      lines += 1;
    }
    if (to - at > limits.record) problem = "record_too_long";
    view.line = line;
    view.count = Math.min(count, limits.columns);
    view.from = at;
    view.to = to;
    view.problem = problem;
    view.problemColumn = problemColumn;
    onRecord(view);
    line += lines;
    return i;
  }

  /** Index behind the line end at `at`; -1 where it may be half of a CRLF. */
  function afterEol(text: string, at: number, final: boolean): number {
    if (text.charCodeAt(at) === LF) return at + 1;
    if (at + 1 === text.length && !final) return -1;
    return text.charCodeAt(at + 1) === LF ? at + 2 : at + 1;
  }

  /** Reads records from `text` and returns where the first unfinished one begins. */
  function scan(text: string, final: boolean): number {
    view.text = text;
    view.base = base;
    let at = skipWholeLines(text, 0, final);
    while (at >= 0 && at < text.length && !dropping) {
      const isBlank = special[text.charCodeAt(at)] === EOL;
      const next = isBlank ? afterEol(text, at, final) : readRecord(text, at, final);
      if (next < 0) return at;
      if (isBlank) line += 1;
      at = next;
    }
    return at < 0 || dropping ? withoutCr(text) : at;
  }

  function run(text: string, final: boolean): void {
    const all = rest === "" ? text : rest + text;
    const done = scan(all, final);
    rest = done >= all.length ? "" : all.slice(done);
    base += done;
  }

  return {
    push(text) {
      if (text !== "") run(text, false);
    },
    get line() {
      return line;
    },
    get isBetween() {
      return rest === "" && toSkip === 0 && !dropping;
    },
    passOver(lines, chars) {
      line += lines;
      base += chars;
    },
    end() {
      run("", true);
    },
  };
}

/** The text of one cell, exactly as in the file. */
export function cellText(record: RecordView, index: number, quote: string | null): string {
  const text = record.text.slice(record.start[index], record.end[index]);
  return record.form[index] === 2 && quote !== null ? text.replaceAll(quote + quote, quote) : text;
}

/** All cells of a record as strings. */
export const cellsOf = (record: RecordView, quote: string | null): string[] =>
  Array.from({ length: record.count }, (_, index) => cellText(record, index, quote));
