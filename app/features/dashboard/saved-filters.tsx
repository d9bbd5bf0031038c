import { ListFilter } from "lucide-react";
import { type FilterOption, withChosen } from "./filter-options.ts";

/** What the dashboard itself is narrowed by, for everybody: said where its numbers are. */
export function SavedFilters({
  filters,
  options,
}: {
  filters: Readonly<Record<string, string[]>>;
  options: readonly FilterOption[];
}) {
  const entries = Object.entries(filters);
  if (entries.length === 0) return null;
  return (
    <p data-saved-filters className="flex flex-wrap items-center gap-x-2 text-sm text-ink-2">
      <ListFilter aria-hidden="true" className="size-3.5 text-ink-3" />
      This dashboard shows only
      {entries.map(([key, values], index) => {
        const option = options.find((one) => one.key === key) ?? { key, label: key, values: [] };
        const known = withChosen(option, { [key]: values });
        const names = values.map((value) => known.find((one) => one.value === value)?.label ?? value);
        return (
          <span key={key}>
            {index > 0 ? "and " : ""}
            {option.label.toLowerCase()}{" "}
            <strong className="font-medium text-ink">{names.join(" or ")}</strong>
          </span>
        );
      })}
    </p>
  );
}
