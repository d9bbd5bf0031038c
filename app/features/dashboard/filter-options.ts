import { filterValueName } from "#charts/filter-words.ts";
import type { Filter, FilterOptions } from "#contracts/analytics.ts";
import type { Segment } from "#contracts/segments.ts";

/** What one can filter by, in the reader's words. */
export interface FilterOption {
  key: string;
  label: string;
  /** `customers`: how many have it; null where nobody counted. */
  values: { value: string; label: string; customers: number | null }[];
}
export type NamedSegment = Pick<Segment, "id" | "name" | "color">;

/** Segments first, then what the facts offer. */
export const filterOptions = (
  options: FilterOptions["options"],
  segments: readonly NamedSegment[],
): FilterOption[] => [
  {
    key: "segment",
    label: "Segment",
    values: segments.map(({ id, name }) => ({ value: id, label: name, customers: null })),
  },
  ...options.map(({ key, label, values }) => ({
    key,
    label,
    values: values.map(({ value, customers }) => ({ value, customers, label: filterValueName(key, value) })),
  })),
];

/** Values that came with the address and that nobody has (any more) stay, so that they can be taken off. */
export const withChosen = ({ key, values }: FilterOption, filter: Filter): FilterOption["values"] => [
  ...(filter[key] ?? [])
    .filter((value) => !values.some((known) => known.value === value))
    .map((value) => ({
      value,
      label: key === "segment" ? "Deleted segment" : filterValueName(key, value),
      customers: 0,
    })),
  ...values,
];
