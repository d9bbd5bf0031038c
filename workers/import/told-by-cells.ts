import { columnsOf } from "#contracts/upload-kinds.ts";
import type { UploadMapping, UploadQuestion } from "#contracts/uploads.ts";
import { isCurrency } from "#metrics/currency.ts";
import { isInterval } from "./cells.ts";
import type { Matched } from "./mapping.ts";

const tellers = {
  currency: (cell: string) => /^[A-Z]{3}$/.test(cell) && isCurrency(cell),
  interval: isInterval,
};
const without = {
  currency: "the amounts count in the organisation's currency",
  interval: "each price counts for one month",
};

/**
 * Columns whose cells are all currencies or intervals though their names do not say so. Kept as attributes they would leave a year's
 * price counting for a month: wrong, and nobody would see it. So a person is asked.
 * @param rows the file's first rows, cells as in the file
 * @param mapping what a person said: that is not asked again
 */
export function askWhatCellsTell(
  { kind, targets }: Matched,
  names: readonly string[],
  rows: readonly (readonly string[])[],
  mapping: UploadMapping,
): UploadQuestion[] {
  const known = new Set(columnsOf(kind).map(({ name }) => name));
  return (["currency", "interval"] as const).flatMap((field): UploadQuestion[] => {
    if (!known.has(field) || targets.includes(field)) return [];
    const columns = names.filter((name, index) => {
      if (!targets[index]?.startsWith("attr.") || Object.hasOwn(mapping, name)) return false;
      const cells = rows.map((row) => (row[index] ?? "").trim()).filter((cell) => cell !== "");
      return cells.length > 0 && cells.every(tellers[field]);
    });
    const [column] = columns;
    if (column === undefined) return [];
    return [
      {
        ...{ code: "ambiguous_column", field, columns },
        message: `“${column}” looks like the ${field}. Choose it as that, or leave it: then ${without[field]}.`,
      },
    ];
  });
}
