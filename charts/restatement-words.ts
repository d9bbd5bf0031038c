import type { RestatementEvent } from "#contracts/restatements.ts";
import { formatCounted, formatMoney } from "./format.ts";
import { formatPeriod } from "./format-dates.ts";

/** A change of closed months in words: pages, reports and the API say it alike. */

type Cause = Pick<RestatementEvent, "cause" | "upload" | "rows"> & Partial<Pick<RestatementEvent, "source">>;

const plainCauses: Record<string, string> = {
  merge: "customers were merged",
  split: "merged customers were split",
  exclusion: "something was excluded from the numbers",
  inclusion: "something that was excluded counts again",
  "past due": "the time for paying late ran out",
  "fx rate": "an exchange rate changed",
};

/** `the import of “march.csv” changed 3 rows`: what follows “because”. */
export function restatementReason({ cause, upload, source, rows }: Cause): string {
  const file = upload ? `“${upload.file_name}”` : "a file";
  const counted = rows === null ? "" : formatCounted(rows, "row");
  if (cause === "upload") return `the import of ${file} changed ${counted || "rows"}`;
  const connected = source?.name ? `“${source.name}”` : "a source";
  if (cause === "sync") return `${connected} told of something new about the past`;
  if (cause === "disconnect") return `${connected} was disconnected`;
  if (cause === "undo") return `the import of ${file} was undone${counted ? ` (${counted})` : ""}`;
  return cause
    .split(", ")
    .map((part) => plainCauses[part] ?? settingWords(part))
    .join(" and ");
}

const settingPatterns: readonly [RegExp, (match: RegExpExecArray) => string][] = [
  [/^currency (\S+) → (\S+)$/, ([, from, to]) => `the currency changed from ${from} to ${to}`],
  [/^time zone (\S+) → (\S+)$/, ([, from, to]) => `the time zone changed from ${from} to ${to}`],
  [/^policy version (\d+)$/, ([, version]) => `the metric policy changed (version ${version})`],
];

/** A cause that has no words yet reads as it is stored. */
function settingWords(cause: string): string {
  for (const [pattern, say] of settingPatterns) {
    const match = pattern.exec(cause);
    if (match) return say(match);
  }
  return cause.replaceAll(/[._-]/g, " ");
}

/** `March 2026 moved by −$420 because the import of “march.csv” changed 3 rows.` */
export function restatementSentence(
  event: Cause & Pick<RestatementEvent, "months" | "currency" | "total">,
): string {
  const { months, currency } = event;
  const [first, last] = [months.at(0), months.at(-1)];
  const why = `because ${restatementReason(event)}.`;
  if (!first || !last) return `Nothing moved, ${why}`;
  const by = (change: string | null) =>
    change === null ? "into another currency" : `by ${formatMoney(change, currency, { signed: true })}`;
  if (months.length === 1) return `${formatPeriod(first.month, "long")} moved ${by(first.change)} ${why}`;
  const span = `${formatPeriod(first.month, "long")} to ${formatPeriod(last.month, "long")}`;
  if (last.change === null)
    return `${formatCounted(months.length, "month")} from ${span} moved into another currency ${why}`;
  return `${formatCounted(months.length, "month")} from ${span} moved, the last ${by(last.change)}, ${why}`;
}
