import { CalendarDays } from "lucide-react";
import { formatPeriodRange } from "#charts/format-dates.ts";
import { FilterChip, RadioList } from "./filter-chip.tsx";
import { type PageFilters, rangeNames, rangePresets } from "./page-filters.ts";

/** The form's value for a range of two days. */
const custom = "custom";

/** The range of a page: a named one, or two days. `isComing`: chosen, and not yet what the page shows. */
export const FilterRange = ({
  range,
  fromDay,
  toDay,
  isComing,
}: {
  range: PageFilters["range"];
  fromDay: string;
  toDay: string;
  isComing: boolean;
}) => (
  <FilterChip
    panelClass="w-80"
    summary={
      <>
        <CalendarDays aria-hidden="true" className="size-3.5 text-ink-3" />
        <span className="sr-only">Range: </span>
        <span className="font-medium text-ink">
          {isComing && range.preset
            ? rangeNames[range.preset]
            : formatPeriodRange(fromDay.slice(0, 7), toDay.slice(0, 7))}
        </span>
      </>
    }
  >
    <RadioList
      name="range"
      label="Range"
      chosen={range.preset ?? custom}
      choices={[
        ...rangePresets.map((preset): [string, string] => [preset, rangeNames[preset]]),
        [custom, "From – to"],
      ]}
    >
      <div
        key={`${fromDay}${toDay}`}
        className="grid grid-cols-2 gap-2 px-2.5 pt-1 pb-2"
        onChangeCapture={(event) => {
          const choice = event.currentTarget
            .closest("fieldset")
            ?.querySelector<HTMLInputElement>(`input[value="${custom}"]`);
          if (choice) choice.checked = true;
        }}
      >
        <DayField name="from" label="From" day={fromDay} />
        <DayField name="to" label="To" day={toDay} />
      </div>
    </RadioList>
  </FilterChip>
);

const DayField = ({ name, label, day }: { name: string; label: string; day: string }) => (
  <label className="grid gap-1 text-xs text-ink-3">
    {label}
    <input
      type="date"
      name={name}
      defaultValue={day}
      className="h-8 w-full rounded-md border border-line-control bg-surface px-1.5 text-xs text-ink"
    />
  </label>
);

/** A custom range counts once both its days are there. */
export const isHalfARange = (search: URLSearchParams): boolean =>
  search.get("range") === custom && !(search.get("from") && search.get("to"));
