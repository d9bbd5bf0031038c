import { columnsOf, looseName, type UploadKind } from "#contracts/upload-kinds.ts";
import type { UploadMapping } from "#contracts/uploads.ts";

/** Kinds whose unknown columns become attributes of the customer. */
const kindsWithAttributes: readonly UploadKind[] = [
  "subscriptions",
  "mrr_by_month",
  "customers",
  "transactions",
];

export const takesAttributes = (kind: UploadKind): boolean => kindsWithAttributes.includes(kind);

const monthHeader =
  /^(\d{4}[-/.]?\d{1,2}|\d{1,2}[-/.]\d{4}|(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[\s\-/.']*\d{2,4})$/i;

/** Whether a column of a wide file stands for one month. */
export const namesMonth = (column: string): boolean => monthHeader.test(column.trim());

/**
 * What each file column probably is: by its name, as detection does it, one column per meaning. Months of a wide file are `mrr`; what
 * fits nothing becomes an attribute, or is left out where the kind has no customers.
 */
export function suggestMapping(kind: UploadKind, columns: readonly string[]): UploadMapping {
  const taken = new Set<string>();
  const mapping: UploadMapping = {};
  const canonical = columnsOf(kind);
  const matching = (column: string, exact: boolean): string | null => {
    const loose = looseName(column);
    const match = canonical.find(
      ({ name, synonyms }) =>
        !taken.has(name) && (looseName(name) === loose || (!exact && synonyms.some((one) => one === loose))),
    );
    return match?.name ?? null;
  };
  for (const exact of [true, false])
    for (const column of columns) {
      if (mapping[column]) continue;
      const match = matching(column, exact);
      if (!match) continue;
      taken.add(match);
      mapping[column] = match;
    }
  const wide = kind === "mrr_by_month" && !taken.has("mrr");
  for (const column of columns) {
    if (mapping[column]) continue;
    if (wide && namesMonth(column)) mapping[column] = "mrr";
    else mapping[column] = takesAttributes(kind) ? `attr.${column}` : null;
  }
  return mapping;
}

/** What still stands in the way of an import: needed columns without a file column, and meanings given twice. */
export function mappingGaps(
  kind: UploadKind,
  mapping: UploadMapping,
): { missing: string[]; twice: string[] } {
  const used = Object.entries(mapping).filter(([, target]) => target !== null);
  const wideMonths =
    kind === "mrr_by_month" && used.some(([column, target]) => target === "mrr" && namesMonth(column));
  const missing = columnsOf(kind)
    .filter(({ required }) => required)
    .map(({ name }) => name)
    .filter((name) => !used.some(([, target]) => target === name))
    .filter((name) => !(wideMonths && name === "month"));
  const counts = new Map<string, number>();
  for (const [, target] of used) if (target) counts.set(target, (counts.get(target) ?? 0) + 1);
  const twice = [...counts]
    .filter(([name, count]) => count > 1 && !(wideMonths && name === "mrr"))
    .map(([name]) => name);
  return { missing, twice };
}
