import { type ByteMemo, createByteMemo } from "./byte-memo.ts";
import type { Cell } from "./cells.ts";
import type { Layout } from "./layout.ts";
import type { RowBuffer } from "./row-buffer.ts";
import type { RowRule } from "./row-rules.ts";

/**
 * Most lines of most files are ASCII without quotes, and their cells stand as Postgres takes them. Such lines are checked and passed on
 * as bytes, at a quarter of what it costs to make text of them. Whatever is not so plain is left to `createRowStager`, which knows what
 * to do with it; what is staged here is what that would have staged (plain-rows.test.ts).
 */
export interface PlainRows {
  /**
   * Stages lines until one is not plain, or not whole.
   * @param line physical line on which `from` stands
   * @returns how many, and the index behind the last
   */
  take(bytes: Buffer, from: number, line: number): { rows: number; to: number };
}

export const emptySeen = 1;
export const valueSeen = 2;
/** Room for a key in an index, whatever it is written in. */
export const maxKey = 500;
export const apostrophe = 39;

const DELIMITER = 1;
const LF = 2;
const CR = 3;
const ODD = 4;

/** What the row stager knows and shares. */
export interface SharedChecks {
  /** By place in `layout.columns`; null: text, a key, or nothing at all. */
  judgeOf: readonly (((given: string) => Cell) | null)[];
  rules: readonly RowRule[];
  intervalAt: number;
  countAt: number;
  /** Is written to: what each column was seen to hold. */
  seen: number[];
}

/**
 * @param longest lines of more bytes are not plain
 * @returns null where rows cannot be passed on as they stand in the file
 */
export function createPlainRows(
  layout: Layout,
  { judgeOf, rules, intervalAt, countAt, seen }: SharedChecks,
  out: RowBuffer,
  longest: number,
): PlainRows | null {
  const { columns, names, delimiter, quote } = layout;
  const width = names.length;
  if (!layout.verbatim || columns.length !== width) return null;
  const kindOf = new Uint8Array(256).fill(ODD, 128);
  kindOf[0] = ODD;
  kindOf["\\".charCodeAt(0)] = ODD;
  if (quote !== null) kindOf[quote.charCodeAt(0) & 255] = ODD;
  kindOf[delimiter.charCodeAt(0)] = DELIMITER;
  kindOf["\n".charCodeAt(0)] = LF;
  kindOf["\r".charCodeAt(0)] = CR;
  const isRequired = columns.map(({ required }) => required);
  const isKey = columns.map(({ type }) => type === "key");
  const isLeftOut = columns.map(({ type }) => type === null);
  const judged: (Cell | null)[] = columns.map(() => null);
  const seenInLine = new Uint8Array(width);
  const memos = judgeOf.map((judge, at): ByteMemo<Cell | null> | null =>
    judge
      ? createByteMemo((given) => {
          const cell = judge(given);
          const isAsGiven = cell.problem === null && cell.text === given && !cell.zoned;
          return isAsGiven && !(isRequired[at] && given === "") ? cell : null;
        })
      : null,
  );

  /** Looks at one cell. @returns whether it may be passed on */
  function isPlain(at: number, bytes: Buffer, from: number, to: number): boolean {
    judged[at] = null;
    if (isLeftOut[at]) return true;
    seenInLine[at] = from === to ? emptySeen : valueSeen;
    if (from === to) return !isRequired[at];
    const memo = memos[at] as ByteMemo<Cell | null> | null;
    if (memo) {
      const cell = memo.find(bytes, from, to);
      judged[at] = cell;
      return cell !== null;
    }
    const first = bytes[from] as number;
    if (isKey[at] && (to - from > maxKey || (isRequired[at] && first <= 32))) return false;
    return first !== apostrophe;
  }

  let cellsEnd = 0;

  /** @returns the index behind the line; -1 where it is not plain or not whole. `cellsEnd` is then where its last cell ends */
  function readLine(bytes: Buffer, from: number): number {
    const stop = Math.min(bytes.length, from + longest);
    let at = 0;
    let start = from;
    let i = from;
    for (;;) {
      let kind = 0;
      while (i < stop) {
        kind = kindOf[bytes[i] as number] as number;
        if (kind !== 0) break;
        i += 1;
      }
      if (kind === 0 || kind === ODD || at === width || !isPlain(at, bytes, start, i)) return -1;
      at += 1;
      if (kind === DELIMITER) {
        i += 1;
        start = i;
        continue;
      }
      // an empty line is no record
      if (at !== width || i === from) return -1;
      cellsEnd = i;
      if (kind === LF) return i + 1;
      return i + 1 < bytes.length && kindOf[bytes[i + 1] as number] === LF ? i + 2 : -1;
    }
  }

  return {
    take(bytes, from, line) {
      let at = from;
      let rows = 0;
      for (;;) {
        const next = readLine(bytes, at);
        if (next < 0 || rules.some((rule) => rule(judged) !== null)) return { rows, to: at };
        const count = (judged[intervalAt]?.count ?? 1) * (judged[countAt]?.count ?? 1);
        for (let column = 0; column < width; column += 1) seen[column]! |= seenInLine[column]!;
        out.copy(line + rows, count, bytes, at, cellsEnd);
        rows += 1;
        at = next;
      }
    },
  };
}
