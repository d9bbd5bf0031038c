import { Form, Link, useLocation, useNavigate, useNavigation } from "@remix-run/react";
import { CalendarDays, ListFilter, X } from "lucide-react";
import type { FormEvent, ReactNode } from "react";
import { formatCount } from "#charts/format.ts";
import { formatDay, formatPeriodRange } from "#charts/format-dates.ts";
import type { FilterOptions, Grain } from "#contracts/analytics.ts";
import { buttonClass } from "../../components/button.tsx";
import { cx } from "../../components/class-names.ts";
import { DisclosureMenu } from "../../components/disclosure-menu.tsx";
import { filtersPath, type PageFilters, parseFilters, rangeNames, rangePresets } from "./page-filters.ts";

interface FilterBarProps {
  /** What the page in view was made with; the address shows it. */
  filters: PageFilters;
  scope: { fromDay: string; toDay: string; grain: Grain };
  options: FilterOptions["options"];
  /** Which grains can be chosen; none hides the choice. */
  grains: readonly Grain[];
  /** More fields of the page's own, kept when filters change: name → value. */
  kept?: Record<string, string>;
  children?: ReactNode;
}

const chip =
  "flex h-8 items-center gap-1.5 rounded-lg border border-line bg-surface px-3 text-sm whitespace-nowrap text-ink-2 hover:bg-hover [[open]>&]:bg-hover [[open]>&]:border-line-strong";
const panel = "left-0 top-9 max-h-80 w-64 overflow-auto";
const option = "flex h-8 cursor-pointer items-center gap-2.5 rounded-lg px-2.5 text-sm hover:bg-hover";
const grainNames: Record<Grain, string> = {
  day: "Day",
  week: "Week",
  month: "Month",
  quarter: "Quarter",
  year: "Year",
};
const mainKeys = ["plan", "country"];

/**
 * Chips that open lists. A plain form: without scripts each list has an Apply button and the browser makes the address; with them
 * every choice is applied at once, and the chips show it before the numbers are there.
 */
export function FilterBar({ filters: loaded, scope, options, grains, kept = {}, children }: FilterBarProps) {
  const { pathname } = useLocation();
  const navigate = useNavigate();
  const navigation = useNavigation();
  const coming = navigation.location?.pathname === pathname ? navigation.location : null;
  const filters = coming ? parseFilters(new URLSearchParams(coming.search)) : loaded;
  const keep = (path: string) => {
    const [, search = ""] = path.split("?");
    const all = new URLSearchParams(search);
    for (const [name, value] of Object.entries(kept)) all.set(name, value);
    return all.size > 0 ? `${pathname}?${all}` : pathname;
  };
  const apply = (form: HTMLFormElement) => {
    const search = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (typeof value === "string") search.append(name, value);
    // A custom range counts once both its days are there.
    if (search.get("range") === "custom" && !(search.get("from") && search.get("to"))) return;
    navigate(keep(filtersPath(pathname, parseFilters(search))), { preventScrollReset: true });
  };
  const others = options.filter(({ key }) => !mainKeys.includes(key));
  const otherCount = others.filter(({ key }) => filters.filter[key]).length;
  const isFiltered = Object.keys(filters.filter).length > 0;
  const { range } = filters;

  return (
    <Form
      method="get"
      preventScrollReset
      aria-label="Filters"
      className="flex flex-wrap items-center gap-2"
      onSubmit={(event: FormEvent<HTMLFormElement>) => {
        event.preventDefault();
        apply(event.currentTarget);
      }}
      onChange={(event: FormEvent<HTMLFormElement>) => apply(event.currentTarget)}
    >
      {Object.entries(kept).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      {filters.asOf ? <input type="hidden" name="as_of" value={filters.asOf} /> : null}
      <DisclosureMenu
        summaryClass={chip}
        panelClass={panel}
        summary={
          <>
            <CalendarDays aria-hidden="true" className="size-3.5 text-ink-3" />
            <span className="sr-only">Range: </span>
            <span className="font-medium text-ink">
              {coming && range.preset
                ? rangeNames[range.preset]
                : formatPeriodRange(scope.fromDay.slice(0, 7), scope.toDay.slice(0, 7))}
            </span>
          </>
        }
      >
        <fieldset>
          <legend className="sr-only">Range</legend>
          {rangePresets.map((preset) => (
            <label key={preset} className={option}>
              <input
                type="radio"
                name="range"
                value={preset}
                checked={range.preset === preset}
                onChange={ignore}
                className="accent-accent-fill"
              />
              {rangeNames[preset]}
            </label>
          ))}
          <label className={option}>
            <input
              type="radio"
              name="range"
              value="custom"
              checked={range.preset === null}
              onChange={ignore}
              className="accent-accent-fill"
            />
            From – to
          </label>
          <DayRange
            key={`${scope.fromDay}${scope.toDay}`}
            from={scope.fromDay}
            to={scope.toDay}
            isSet={range.preset === null}
          />
        </fieldset>
        <ApplyWithoutScripts />
      </DisclosureMenu>

      {grains.length > 0 ? (
        <DisclosureMenu
          summaryClass={chip}
          panelClass={cx(panel, "w-40")}
          summary={
            <ChipText name="Grain" value={grainNames[coming ? filters.grain : scope.grain].toLowerCase()} />
          }
        >
          <fieldset>
            <legend className="sr-only">Grain</legend>
            {grains.map((grain) => (
              <label key={grain} className={option}>
                <input
                  type="radio"
                  name="grain"
                  value={grain}
                  checked={filters.grain === grain}
                  onChange={ignore}
                  className="accent-accent-fill"
                />
                {grainNames[grain]}
              </label>
            ))}
          </fieldset>
          <ApplyWithoutScripts />
        </DisclosureMenu>
      ) : null}

      {options
        .filter(({ key }) => mainKeys.includes(key))
        .map(({ key, label, values }) => (
          <DisclosureMenu
            key={key}
            summaryClass={chip}
            panelClass={panel}
            summary={<ChipText name={label} value={chosenText(filters.filter[key])} />}
          >
            <Choices name={key} label={label} values={values} chosen={filters.filter[key] ?? []} />
            <ApplyWithoutScripts />
          </DisclosureMenu>
        ))}

      {others.length > 0 ? (
        <DisclosureMenu
          summaryClass={cx(chip, otherCount === 0 && "border-dashed")}
          panelClass={cx(panel, "w-72")}
          summary={
            <>
              <ListFilter aria-hidden="true" className="size-3.5 text-ink-3" />
              {otherCount > 0 ? (
                <span className="font-medium text-ink">
                  {otherCount} more {otherCount === 1 ? "filter" : "filters"}
                </span>
              ) : (
                "Filter"
              )}
            </>
          }
        >
          {others.map(({ key, label, values }) => (
            <details key={key} open={filters.filter[key] !== undefined} className="group/key">
              <summary className={cx(option, "justify-between")}>
                <span className="truncate">{label}</span>
                <span className="truncate text-xs text-ink-3">{chosenText(filters.filter[key])}</span>
              </summary>
              <div className="pl-3">
                <Choices name={key} label={label} values={values} chosen={filters.filter[key] ?? []} />
              </div>
            </details>
          ))}
          <ApplyWithoutScripts />
        </DisclosureMenu>
      ) : null}

      {isFiltered ? (
        <Link
          to={keep(filtersPath(pathname, { ...filters, filter: {} }))}
          preventScrollReset
          className="flex h-8 items-center gap-1 rounded-lg px-2 text-sm text-ink-2 hover:bg-hover hover:text-ink"
        >
          <X aria-hidden="true" className="size-3.5" />
          Clear
        </Link>
      ) : null}
      {children ? <div className="flex flex-wrap items-center gap-2 lg:ml-auto">{children}</div> : null}
    </Form>
  );
}

/** Controlled inputs want a handler; the form's own does the work. */
const ignore = () => {};

const chosenText = (chosen: readonly string[] | undefined): string =>
  !chosen || chosen.length === 0
    ? "all"
    : chosen.length === 1
      ? (chosen[0] ?? "")
      : `${chosen.length} chosen`;

const ChipText = ({ name, value }: { name: string; value: string }) => (
  <>
    {name} <span className="max-w-40 truncate font-medium text-ink">{value}</span>
  </>
);

function Choices({
  name,
  label,
  values,
  chosen,
}: {
  name: string;
  label: string;
  values: FilterOptions["options"][number]["values"];
  chosen: readonly string[];
}) {
  // A value that came with the address but that nobody has any more stays, so that it can be taken off.
  const gone = chosen.filter((value) => !values.some((known) => known.value === value));
  return (
    <fieldset>
      <legend className="sr-only">{label}</legend>
      {[...gone.map((value) => ({ value, customers: 0 })), ...values].map(({ value, customers }) => (
        <label key={value} className={option}>
          <input
            type="checkbox"
            name={`filter.${name}`}
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

/** Two days; with scripts they are applied when both are there and one left the field. */
const DayRange = ({ from, to, isSet }: { from: string; to: string; isSet: boolean }) => (
  <div
    className="grid grid-cols-2 gap-2 px-2.5 pt-1 pb-2"
    onChangeCapture={(event) => {
      const custom = event.currentTarget
        .closest("fieldset")
        ?.querySelector<HTMLInputElement>('input[value="custom"]');
      if (custom) custom.checked = true;
    }}
  >
    {[
      { name: "from", label: "From", value: from },
      { name: "to", label: "To", value: to },
    ].map((field) => (
      <label key={field.name} className="grid gap-1 text-xs text-ink-3">
        {field.label}
        <input
          type="date"
          name={field.name}
          defaultValue={field.value}
          aria-label={`${field.label}${isSet ? "" : ` (${formatDay(field.value)})`}`}
          className="h-8 w-full rounded-md border border-line-control bg-surface px-1.5 text-xs text-ink"
        />
      </label>
    ))}
  </div>
);

const ApplyWithoutScripts = () => (
  <noscript>
    <button type="submit" className={buttonClass("primary", "sm", "mt-1 w-full")}>
      Apply
    </button>
  </noscript>
);
