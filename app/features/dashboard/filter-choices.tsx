import { ListFilter } from "lucide-react";
import { formatCount } from "#charts/format.ts";
import type { Filter } from "#contracts/analytics.ts";
import { cx } from "../../components/class-names.ts";
import { ChipText, choiceClass, FilterChip, ignore } from "./filter-chip.tsx";
import { type FilterOption, withChosen } from "./filter-options.ts";
import { SegmentLinks } from "./segment-links.tsx";

/** Filters with a chip of their own; the others share one. */
const mainKeys = ["segment", "plan", "country"];

function chosenText(option: FilterOption, filter: Filter): string {
  const chosen = filter[option.key] ?? [];
  const [first = ""] = chosen;
  if (chosen.length === 0) return "all";
  if (chosen.length > 1) return `${chosen.length} chosen`;
  return withChosen(option, filter).find(({ value }) => value === first)?.label ?? first;
}

/** Chips for what the numbers can be filtered by: segments, plan, country, and the rest. */
export function FilterChoices({ options, filter }: { options: readonly FilterOption[]; filter: Filter }) {
  const others = options.filter(({ key }) => !mainKeys.includes(key));
  const used = others.filter(({ key }) => filter[key]).length;
  return (
    <>
      {options
        .filter(({ key }) => mainKeys.includes(key))
        .map((option) => (
          <FilterChip
            key={option.key}
            summary={<ChipText name={option.label} value={chosenText(option, filter)} />}
          >
            <Choices option={option} filter={filter} />
            {option.key === "segment" ? (
              <SegmentLinks filter={filter} isEmpty={withChosen(option, filter).length === 0} />
            ) : null}
          </FilterChip>
        ))}
      {others.length > 0 ? (
        <FilterChip
          dashed={used === 0}
          panelClass="w-72"
          summary={
            <>
              <ListFilter aria-hidden="true" className="size-3.5 text-ink-3" />
              {used > 0 ? (
                <span className="font-medium text-ink">
                  {used} more {used === 1 ? "filter" : "filters"}
                </span>
              ) : (
                "Filter"
              )}
            </>
          }
        >
          {others.map((option) => (
            <details key={option.key} open={filter[option.key] !== undefined}>
              <summary className={cx(choiceClass, "justify-between")}>
                <span className="truncate">{option.label}</span>
                <span className="truncate text-xs text-ink-3">{chosenText(option, filter)}</span>
              </summary>
              <div className="pl-3">
                <Choices option={option} filter={filter} />
              </div>
            </details>
          ))}
        </FilterChip>
      ) : null}
    </>
  );
}

/** Any of some values. */
function Choices({ option, filter }: { option: FilterOption; filter: Filter }) {
  const chosen = filter[option.key] ?? [];
  return (
    <fieldset>
      <legend className="sr-only">{option.label}</legend>
      {withChosen(option, filter).map(({ value, label, customers }) => (
        <label key={value} className={choiceClass}>
          <input
            type="checkbox"
            name={`filter.${option.key}`}
            value={value}
            checked={chosen.includes(value)}
            onChange={ignore}
            className="accent-accent-fill"
          />
          <span className="min-w-0 flex-1 truncate">{label}</span>
          {customers === null ? null : (
            <span className="tabular text-xs text-ink-3">{formatCount(customers)}</span>
          )}
        </label>
      ))}
    </fieldset>
  );
}
