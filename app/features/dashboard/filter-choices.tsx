import { ListFilter } from "lucide-react";
import { formatCount } from "#charts/format.ts";
import type { Filter, FilterOptions } from "#contracts/analytics.ts";
import { cx } from "../../components/class-names.ts";
import { ChipText, choiceClass, FilterChip, ignore } from "./filter-chip.tsx";

type Option = FilterOptions["options"][number];

/** Filters with a chip of their own; the others share one. */
const mainKeys = ["plan", "country"];

const chosenText = (chosen: readonly string[] | undefined): string =>
  !chosen || chosen.length === 0
    ? "all"
    : chosen.length === 1
      ? (chosen[0] ?? "")
      : `${chosen.length} chosen`;

/** Chips for what the numbers can be filtered by: plan, country, and the rest. */
export function FilterChoices({ options, filter }: { options: readonly Option[]; filter: Filter }) {
  const others = options.filter(({ key }) => !mainKeys.includes(key));
  const used = others.filter(({ key }) => filter[key]).length;
  return (
    <>
      {options
        .filter(({ key }) => mainKeys.includes(key))
        .map((option) => (
          <FilterChip
            key={option.key}
            summary={<ChipText name={option.label} value={chosenText(filter[option.key])} />}
          >
            <Choices option={option} chosen={filter[option.key] ?? []} />
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
                <span className="truncate text-xs text-ink-3">{chosenText(filter[option.key])}</span>
              </summary>
              <div className="pl-3">
                <Choices option={option} chosen={filter[option.key] ?? []} />
              </div>
            </details>
          ))}
        </FilterChip>
      ) : null}
    </>
  );
}

/** Any of some values. One that came with the address and that nobody has any more stays, so that it can be taken off. */
function Choices({ option: { key, label, values }, chosen }: { option: Option; chosen: readonly string[] }) {
  const gone = chosen.filter((value) => !values.some((known) => known.value === value));
  return (
    <fieldset>
      <legend className="sr-only">{label}</legend>
      {[...gone.map((value) => ({ value, customers: 0 })), ...values].map(({ value, customers }) => (
        <label key={value} className={choiceClass}>
          <input
            type="checkbox"
            name={`filter.${key}`}
            value={value}
            checked={chosen.includes(value)}
            onChange={ignore}
            className="accent-accent-fill"
          />
          <span className="min-w-0 flex-1 truncate">{value}</span>
          <span className="tabular text-xs text-ink-3">{formatCount(customers)}</span>
        </label>
      ))}
    </fieldset>
  );
}
