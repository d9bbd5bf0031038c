import { unguardFormula } from "#contracts/csv-export.ts";
import type { UploadErrorItem } from "#contracts/uploads.ts";
import { cellText, type RecordView } from "#db/csv/records.ts";
import { type Cell, type CellProblem, type CellSettings, churnValue, createJudges } from "./cells.ts";
import type { Layout, StageColumn } from "./layout.ts";
import { apostrophe, createPlainRows, emptySeen, maxKey, type PlainRows, valueSeen } from "./plain-rows.ts";
import { recordProblems } from "./record-problems.ts";
import type { RowBuffer } from "./row-buffer.ts";
import { rulesOf } from "./row-rules.ts";

/**
 * One record → the text of its staged row (or rows), or the reason why not. A record that is plain and whose cells already
 * stand as Postgres takes them is passed on as it is: most records of most files, at the price of a slice.
 */

export interface RowStager {
  /** Text for COPY, ended by \n; null when the record is refused. */
  stage(record: RecordView): string | null;
  /**
   * The same for lines that are plain, in bulk and as bytes. @param longest lines of more bytes are not
   * @returns null where the file's rows have to be put together anew
   */
  plain(out: RowBuffer, longest: number): PlainRows | null;
  /** Columns that some rows fill and others leave empty. */
  mixed(): string[];
  /** Some time named its zone. */
  zoned(): boolean;
}

const zoneBits: Readonly<Record<string, number>> = {
  started_at: 1,
  date: 1,
  ended_at: 2,
  trial_end: 4,
  signup_at: 8,
};

const missing: CellProblem = {
  code: "missing_value",
  message: "is empty, but the row cannot do without it.",
};
const keyTooLong: CellProblem = { code: "key_too_long", message: `is longer than ${maxKey} characters.` };

export function createRowStager(
  layout: Layout,
  settings: CellSettings & { currency: string },
  refuse: (item: UploadErrorItem) => void,
): RowStager {
  const { columns, attributes, names, quote, delimiter } = layout;
  const judges = createJudges(settings);
  const judgeOf = columns.map(({ type }) =>
    type === null || type === "key" || type === "text" ? null : judges[type],
  );
  const bits = columns.map(({ type, name }) => (type === "date" ? (zoneBits[name] ?? 0) : 0));
  const position = new Map(columns.map(({ name }, at) => [name, at]));
  const rules = rulesOf(layout.kind, (name) => position.get(name) ?? -1, settings.currency);
  const dateColumns = columns.flatMap(({ type }, at) => (type === "date" ? [at] : []));
  const intervalAt = position.get("interval") ?? -1;
  const countAt = position.get("interval_count") ?? -1;
  const churnedAt = position.get("churned") ?? -1;
  const judged: (Cell | null)[] = columns.map(() => null);
  const lastGiven = columns.map(() => "");
  const lastCell: (Cell | null)[] = columns.map(() => null);
  const seen = columns.map(() => 0);
  const width = names.length;
  const escapeText = createEscape(delimiter);
  const attributeKeys = attributes.map(({ name }) => `${JSON.stringify(name.toWellFormed())}:`);

  function fail(line: number, column: string | null, problem: CellProblem, value: string | null): null {
    const subject = column === null ? "" : `${column} `;
    const message = /^[a-z]/.test(problem.message) ? `${subject}${problem.message}` : problem.message;
    refuse({ line, column, code: problem.code, message, value: value === null ? null : shown(value) });
    return null;
  }
  const failCell = (record: RecordView, index: number, problem: CellProblem): null =>
    fail(
      record.line,
      names[index] ?? `column_${index + 1}`,
      problem,
      index < record.count ? cellText(record, index, quote) : null,
    );

  /** A text or key that may be passed on as it stands. */
  const isPlainText = (record: RecordView, index: number): boolean =>
    record.text.charCodeAt(record.start[index]!) !== apostrophe;

  /** Looks at every column; true when the record may be passed on, null when it was refused. */
  function judgeAll(record: RecordView): boolean | null {
    let verbatim = layout.verbatim && record.plain && record.count === width;
    for (let at = 0; at < columns.length; at += 1) {
      const { index, type, required } = columns[at] as StageColumn;
      judged[at] = null;
      if (type === null) continue;
      const from = record.start[index]!;
      const to = record.end[index]!;
      if (index >= record.count || from === to) {
        if (required) return failCell(record, index, missing);
        seen[at]! |= emptySeen;
        continue;
      }
      seen[at]! |= valueSeen;
      const judge = judgeOf[at] as ((given: string) => Cell) | null;
      if (judge === null) {
        if (type === "key") {
          if (to - from > maxKey) return failCell(record, index, keyTooLong);
          if (required && record.text.charCodeAt(from) <= 32 && cellText(record, index, quote).trim() === "")
            return failCell(record, index, missing);
        }
        if (verbatim && !isPlainText(record, index)) verbatim = false;
        continue;
      }
      // columns such as currency say the same thing row after row
      const last = lastGiven[at] as string;
      if (to - from === last.length && record.form[index] !== 2 && record.text.startsWith(last, from)) {
        const known = lastCell[at] as Cell;
        if (known.text !== last) verbatim = false;
        judged[at] = known;
        continue;
      }
      const given = record.form[index] === 2 ? cellText(record, index, quote) : record.text.slice(from, to);
      const cell = judge(given);
      if (cell.problem !== null) return failCell(record, index, cell.problem);
      if (required && cell.text === "") return failCell(record, index, missing);
      if (cell.text !== given) verbatim = false;
      judged[at] = cell;
      lastGiven[at] = given;
      lastCell[at] = cell;
    }
    return verbatim;
  }

  function hasSurplus(record: RecordView): boolean {
    for (let index = width; index < record.count; index += 1)
      if (record.end[index]! > record.start[index]!) return true;
    return false;
  }

  let anyZone = false;
  function zones(): number {
    let found = 0;
    for (const at of dateColumns) if (judged[at]?.zoned) found |= bits[at]!;
    if (found !== 0) anyZone = true;
    return found;
  }

  /** What is staged of one column of a record that was judged. */
  function staged(record: RecordView, at: number): string {
    const cell = judged[at];
    if (cell) return cell.text;
    const { index, type } = columns[at]!;
    if (index >= record.count || (type !== "key" && type !== "text")) return "";
    return escapeText(unguardFormula(cellText(record, index, quote)));
  }

  function attributesJson(record: RecordView): string {
    let json = "";
    attributes.forEach(({ index }, at) => {
      if (index >= record.count || record.end[index] === record.start[index]) return;
      const value = unguardFormula(cellText(record, index, quote)).toWellFormed();
      json += `${json === "" ? "{" : ","}${attributeKeys[at]}${JSON.stringify(value)}`;
    });
    return json + unreadChurn(record, json);
  }

  /** What the churned column says and nobody can read is kept as an attribute: "unparseable" has to be shown later. */
  function unreadChurn(record: RecordView, json: string): string {
    const closing = json === "" ? "" : "}";
    if (churnedAt < 0) return closing;
    const { index } = columns[churnedAt]!;
    if (index >= record.count) return closing;
    const raw = cellText(record, index, quote);
    if (raw.trim() === "" || churnValue(raw, settings) !== null) return closing;
    return `${json === "" ? "{" : ","}${JSON.stringify(names[index]!.toWellFormed())}:${JSON.stringify(raw.toWellFormed())}}`;
  }

  function monthRows(record: RecordView, head: string): string | null {
    let rows = "";
    for (const { index, month } of layout.months) {
      if (index >= record.count) continue;
      const cell = judges.positive(cellText(record, index, quote));
      if (cell.problem !== null) return failCell(record, index, cell.problem);
      if (cell.text !== "") rows += `${head}${delimiter}${month}${delimiter}${cell.text}\n`;
    }
    // a customer without any value is still a customer
    return rows === "" ? `${head}${delimiter}${delimiter}\n` : rows;
  }

  return {
    stage(record) {
      if (record.problem !== null) {
        const inCell = record.problem === "field_too_long" || record.problem === "nul_character";
        return inCell
          ? failCell(record, record.problemColumn, recordProblems[record.problem])
          : fail(
              record.line,
              null,
              recordProblems[record.problem],
              record.text.slice(record.from, Math.min(record.to, record.from + 500)),
            );
      }
      if (record.count > width && hasSurplus(record))
        return fail(
          record.line,
          null,
          { code: "extra_columns", message: `The row has ${record.count} cells, the header ${width}.` },
          cellText(record, width, quote),
        );
      const verbatim = judgeAll(record);
      if (verbatim === null) return null;
      for (const rule of rules) {
        const broken = rule(judged);
        if (broken) return failCell(record, columns[position.get(broken.column) ?? 0]!.index, broken);
      }
      const count = (judged[intervalAt]?.count ?? 1) * (judged[countAt]?.count ?? 1);
      let head = `${record.line}${delimiter}${zones()}${delimiter}${count}`;
      if (verbatim) return `${head}${delimiter}${record.text.slice(record.from, record.to)}\n`;
      for (let at = 0; at < columns.length; at += 1) head += delimiter + staged(record, at);
      if (!layout.verbatim) head += delimiter + escapeText(attributesJson(record));
      return layout.months.length > 0 ? monthRows(record, head) : `${head}\n`;
    },
    plain: (out, longest) =>
      createPlainRows(layout, { judgeOf, rules, intervalAt, countAt, seen }, out, longest),
    zoned: () => anyZone,
    mixed: () => columns.filter((_, at) => seen[at] === (emptySeen | valueSeen)).map(({ name }) => name),
  };
}

/** Text as COPY's text format takes it. */
function createEscape(delimiter: string): (text: string) => string {
  const special = new RegExp(`[\\\\\\n\\r${delimiter === "\t" ? "\\t" : `\\${delimiter}`}]`, "g");
  return (text) =>
    text.replace(special, (char) => (char === "\n" ? "\\n" : char === "\r" ? "\\r" : `\\${char}`));
}

/** A refused value as it is listed: short, and without what text cannot hold. */
const shown = (value: string): string => value.slice(0, 500).replaceAll("\0", "\ufffd").toWellFormed();
