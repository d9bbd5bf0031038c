import type { CsvCell } from "#contracts/csv-export.ts";
import type { ExplainOutput } from "#contracts/explain.ts";

/** The rows of an explanation as records of a file. `annual_counted` ÷ 12 adds up to the number exactly. */
export const recordHeader = [
  ...["type", "counts_for", "date", "customer_id", "customer_name", "kind", "cause", "note"],
  ...["before", "after", "amount", "counted", "counted_customers", "annual_counted", "source"],
] as const;

export function explainRecords({ movements, rows }: ExplainOutput): CsvCell[][] {
  const sources = new Map<number, string[]>();
  for (const { movement, source, line, object } of rows) {
    const where = object ? ` ${object.type} ${object.id}` : line === null ? "" : ` line ${line}`;
    const name = `${source.file_name ?? source.name ?? source.kind}${where}`;
    sources.set(movement, [...(sources.get(movement) ?? []), name]);
  }
  return movements.map((row, index) => [
    ...[row.type, row.part, row.date, row.customer_id, row.customer_name, row.kind, row.cause, row.note],
    ...[row.before, row.after, row.amount, row.counted, row.counted_customers, row.annual?.counted],
    [...new Set(sources.get(index))].join("; "),
  ]);
}
