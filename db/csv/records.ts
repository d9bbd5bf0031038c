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
  const quoteText = options.quote;
  const quote = quoteText === null ? -1 : quoteText.charCodeAt(0);
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
      if (c === LF) return i + 1;
      if (c === CR) {
        if (i + 1 < text.length) return text.charCodeAt(i + 1) === LF ? i + 2 : i + 1;
        return final ? i + 1 : -1;
      }
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

  /** Reads records from `text` and returns where the first unfinished one begins. */
  function scan(text: string, final: boolean): number {
    const { start, end, form } = view;
    const n = text.length;
    view.text = text;
    view.base = base;
    let at = skipWholeLines(text, 0, final);
    if (at < 0) return withoutCr(text);

    record: while (at < n) {
      const first = text.charCodeAt(at);
      if (first === LF) {
        at += 1;
        line += 1;
        continue;
      }
      if (first === CR) {
        if (at + 1 === n && !final) return at;
        at += text.charCodeAt(at + 1) === LF ? 2 : 1;
        line += 1;
        continue;
      }

      let i = at;
      let count = 0;
      let plain = true;
      let lines = 0;
      let problem: RecordProblem | null = null;
      let problemColumn = 0;
      for (;;) {
        let from = i;
        let to: number;
        let how = 0;
        if (quote >= 0 && i < n && text.charCodeAt(i) === quote) {
          plain = false;
          how = 1;
          from = i + 1;
          let close = text.indexOf(quoteText as string, from);
          while (close >= 0 && close + 1 < n && text.charCodeAt(close + 1) === quote) {
            how = 2;
            close = text.indexOf(quoteText as string, close + 2);
          }
          if (close < 0 || (close + 1 === n && !final)) {
            if (!final && n - at <= limits.record) return at;
            if (close < 0) {
              at = giveUp(text, at, "unclosed_quote", final);
              if (dropping) return withoutCr(text);
              continue record;
            }
            return at;
          }
          to = close;
          for (let k = from; k < to; k += 1) {
            const c = text.charCodeAt(k);
            if (c === LF) lines += 1;
            else if (c === CR && text.charCodeAt(k + 1) !== LF) lines += 1;
            else if (c === 0 && problem === null) {
              problem = "nul_character";
              problemColumn = count;
            }
          }
          i = close + 1;
          if (i < n) {
            const kind = special[text.charCodeAt(i)];
            if (kind !== DELIMITER && kind !== EOL) {
              // closed by a quote that was meant to open the next one: the lines between are records of their own
              at = giveUp(text, at, lines > 0 ? "unclosed_quote" : "quote_malformed", final);
              if (dropping) return withoutCr(text);
              continue record;
            }
          }
        } else {
          for (; i < n; i += 1) {
            const kind = special[text.charCodeAt(i)];
            if (kind === 0) continue;
            if (kind !== ODD) break;
            plain = false;
            if (text.charCodeAt(i) === 0 && problem === null) {
              problem = "nul_character";
              problemColumn = count;
            }
          }
          to = i;
        }

        if (i >= n && !final) {
          if (n - at <= limits.record) return at;
          emitBroken(text, at, at + limits.record, "record_too_long");
          dropping = true;
          return withoutCr(text);
        }
        if (count < limits.columns) {
          start[count] = from;
          end[count] = to;
          form[count] = how;
        } else if (problem === null) {
          problem = "too_many_columns";
          problemColumn = count;
        }
        if (to - from > limits.field && problem === null) {
          problem = "field_too_long";
          problemColumn = count;
        }
        count += 1;
        if (i >= n || special[text.charCodeAt(i)] === EOL) break;
        i += 1;
        if (i >= n && !final) return at;
      }

      const to = i;
      if (i < n) {
        if (text.charCodeAt(i) === CR) {
          if (i + 1 === n && !final) return at;
          i += text.charCodeAt(i + 1) === LF ? 2 : 1;
        } else i += 1;
        lines += 1;
      }
      if (to - at > limits.record) problem = "record_too_long";
      view.line = line;
      view.count = Math.min(count, limits.columns);
      view.from = at;
      view.to = to;
      view.plain = plain;
      view.problem = problem;
      view.problemColumn = problemColumn;
      onRecord(view);
      line += lines;
      at = i;
    }
    return at;
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
