import { Form, Link, useLocation, useNavigate } from "@remix-run/react";
import { X } from "lucide-react";
import { type FormEvent, type ReactNode, useEffect, useState } from "react";
import { grainNames } from "#charts/widget-words.ts";
import type { Grain } from "#contracts/analytics.ts";
import { CompareChip } from "./compare-chip.tsx";
import { ChipText, FilterChip, RadioList } from "./filter-chip.tsx";
import { FilterChoices } from "./filter-choices.tsx";
import type { FilterOption, NamedSegment } from "./filter-options.ts";
import { FilterRange, isHalfARange } from "./filter-range.tsx";
import { type PageFilters, parseFilters, printFilters } from "./page-filters.ts";

interface FilterBarProps {
  /** What the page in view was made with; its address says the same. */
  filters: PageFilters;
  /** The days in view and the grain that they are shown in; null where a page has neither. */
  scope: { fromDay: string; toDay: string; grain: Grain } | null;
  /** Which grains can be chosen. */
  grains: readonly Grain[];
  options: readonly FilterOption[];
  /** Segments that the page can stand beside its own numbers; absent where it cannot. */
  comparable?: readonly NamedSegment[];
  /** Fields of the page's own beside the filters, kept when these change: name → value. */
  kept?: Record<string, string>;
  children?: ReactNode;
}

/**
 * Chips that open lists. A plain form: without scripts each list has an Apply button and the browser makes the address; with them
 * every choice is applied at once, and the chips show it before the numbers are there.
 */
export function FilterBar({
  filters: loaded,
  scope,
  grains,
  options,
  comparable = [],
  kept = {},
  children,
}: FilterBarProps) {
  const { pathname } = useLocation();
  const navigate = useNavigate();
  // What was just chosen shows at once, before the page that it leads to is there.
  const [chosen, setChosen] = useState<PageFilters | null>(null);
  useEffect(() => setChosen(null), [loaded]);
  const filters = chosen ?? loaded;

  const pathOf = (wanted: PageFilters): string => {
    const search = printFilters(wanted);
    for (const [name, value] of Object.entries(kept)) search.set(name, value);
    return search.size > 0 ? `${pathname}?${search}` : pathname;
  };
  const apply = (form: HTMLFormElement) => {
    const search = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (typeof value === "string") search.append(name, value);
    if (isHalfARange(search)) return;
    const next = parseFilters(search);
    setChosen(next);
    navigate(pathOf(next), { preventScrollReset: true });
  };

  return (
    <Form
      method="get"
      aria-label="Filters"
      className="flex flex-wrap items-center gap-2"
      onChange={(event: FormEvent<HTMLFormElement>) => apply(event.currentTarget)}
      onSubmit={(event: FormEvent<HTMLFormElement>) => {
        event.preventDefault();
        apply(event.currentTarget);
      }}
    >
      {Object.entries(kept).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      {filters.asOf ? <input type="hidden" name="as_of" value={filters.asOf} /> : null}
      {scope ? (
        <>
          <FilterRange
            range={filters.range}
            fromDay={scope.fromDay}
            toDay={scope.toDay}
            isComing={chosen !== null}
          />
          <FilterChip
            panelClass="w-40"
            summary={
              <ChipText name="Grain" value={grainNames[chosen ? filters.grain : scope.grain].toLowerCase()} />
            }
          >
            <RadioList
              name="grain"
              label="Grain"
              chosen={filters.grain}
              choices={grains.map((grain): [Grain, string] => [grain, grainNames[grain]])}
            >
              {!chosen && filters.grain !== scope.grain && grains.includes(filters.grain) ? (
                <p role="status" className="px-2.5 pt-1 pb-1.5 text-xs text-ink-3">
                  The range is too long for this: shown by {grainNames[scope.grain].toLowerCase()}.
                </p>
              ) : null}
            </RadioList>
          </FilterChip>
        </>
      ) : null}
      <FilterChoices options={options} filter={filters.filter} />
      {comparable.length > 0 || filters.compare.length > 0 ? (
        <CompareChip segments={comparable} compare={filters.compare} />
      ) : null}
      {Object.keys(filters.filter).length > 0 || filters.compare.length > 0 ? (
        <Link
          to={pathOf({ ...filters, filter: {}, compare: [] })}
          preventScrollReset
          className="flex h-8 items-center gap-1 rounded-lg px-2 text-sm text-ink-2 hover:bg-hover hover:text-ink"
        >
          <X aria-hidden="true" className="size-3.5" />
          Clear
        </Link>
      ) : null}
      {children ? (
        <div className="flex flex-wrap items-center gap-2 max-sm:gap-x-4 max-sm:gap-y-0 lg:ml-auto">
          {children}
        </div>
      ) : null}
    </Form>
  );
}
