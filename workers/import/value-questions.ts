import { type ColumnType, columnsOf, type UploadKind } from "#contracts/upload-kinds.ts";
import type { DateOrder, UploadOptions, UploadQuestion } from "#contracts/uploads.ts";
import { orderEvidence } from "./dates.ts";
import { commaEvidence } from "./numbers.ts";

/** What the values of a file say about how its dates and numbers are written; what they leave open becomes a question. */

const dateTypes: ReadonlySet<ColumnType> = new Set(["date", "month"]);
const numberTypes: ReadonlySet<ColumnType> = new Set(["amount", "positive", "percent"]);
const examplesKept = 5;

/** File columns by index in which something was left open, with examples. */
type Open = Map<number, string[]>;

export interface ValueReader {
  /** Shows it one record. */
  read(cell: (index: number) => string): void;
  /** True when more records cannot change the answer. */
  decided(): boolean;
  result(): { dateOrder: DateOrder; decimalComma: boolean; questions: UploadQuestion[] };
}

/** @param names of the file's columns, by index as `targets` */
export function createValueReader(
  kind: UploadKind,
  targets: readonly (string | null)[],
  names: readonly string[],
  options: UploadOptions,
): ValueReader {
  const types = new Map(columnsOf(kind).map(({ name, type }) => [name, type]));
  const indexesOf = (wanted: ReadonlySet<ColumnType>) =>
    targets.flatMap((target, index) => {
      const type = target === null ? undefined : types.get(target);
      return type !== undefined && wanted.has(type) ? [index] : [];
    });
  const dates = options.date_format === undefined ? indexesOf(dateTypes) : [];
  const numbers = options.decimal_comma === undefined ? indexesOf(numberTypes) : [];
  const order = { dmy: false, mdy: false, open: new Map() as Open };
  const comma = { comma: false, point: false, open: new Map() as Open };

  return {
    read(cell) {
      for (const index of dates) {
        const value = cell(index);
        const evidence = orderEvidence(value);
        if (evidence === "dmy" || evidence === "mdy") order[evidence] = true;
        else if (evidence === "either") note(order.open, index, value);
      }
      for (const index of numbers) {
        const value = cell(index);
        const evidence = commaEvidence(value);
        if (evidence === "comma" || evidence === "point") comma[evidence] = true;
        else if (evidence === "either") note(comma.open, index, value);
      }
    },
    decided: () =>
      (order.open.size === 0 || order.dmy || order.mdy) &&
      (comma.open.size === 0 || comma.comma || comma.point),
    result() {
      const questions: UploadQuestion[] = [];
      const [dateColumn] = order.open;
      if (order.dmy === order.mdy && (dateColumn !== undefined || order.dmy)) {
        const [index, examples] = dateColumn ?? [dates[0]!, []];
        questions.push({
          code: "date_format",
          column: names[index]!,
          examples,
          choices: ["dmy", "mdy"],
          message: `Does the day or the month come first in ${names[index]}?`,
        });
      }
      const [numberColumn] = comma.open;
      if (comma.comma === comma.point && (numberColumn !== undefined || comma.comma)) {
        const [index, examples] = numberColumn ?? [numbers[0]!, []];
        questions.push({
          code: "decimal_comma",
          column: names[index]!,
          examples,
          message: `Is the comma in ${names[index]} a decimal sign (1,5 = one and a half) or does it group thousands?`,
        });
      }
      return {
        dateOrder: options.date_format ?? (order.mdy ? "mdy" : "dmy"),
        decimalComma: options.decimal_comma ?? comma.comma,
        questions,
      };
    },
  };
}

function note(open: Open, index: number, value: string): void {
  const examples = open.get(index) ?? [];
  if (examples.length < examplesKept && !examples.includes(value)) examples.push(value.slice(0, 100));
  open.set(index, examples);
}
