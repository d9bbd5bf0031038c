import type { PageScope } from "#collab/widgets/scope.ts";
import type { Filter, Grain } from "#contracts/analytics.ts";
import { addMonths, earlierDay, laterDay } from "#metrics/day.ts";
import {
  type Calendar,
  findGrain,
  grains,
  periodEnd,
  periodOf,
  periodStart,
  periodsBetween,
  previousPeriod,
} from "#metrics/period.ts";

/**
 * The filters of a page as its address holds them: `?range=last_6_months&grain=week&filter.plan=Scale&filter.plan=Growth`. The
 * names are those of the REST API. What cannot be read counts as not given: a link that was cut still opens.
 */

export const rangePresets = [
  "last_3_months",
  "last_6_months",
  "last_12_months",
  "last_24_months",
  "this_year",
  "last_year",
  "all",
] as const;
export type RangePreset = (typeof rangePresets)[number];

export const rangeNames: Record<RangePreset, string> = {
  last_3_months: "Last 3 months",
  last_6_months: "Last 6 months",
  last_12_months: "Last 12 months",
  last_24_months: "Last 24 months",
  this_year: "This year",
  last_year: "Last year",
  all: "All time",
};

export interface PageFilters {
  /** `from` and `to` are days or periods, both inclusive. */
  range: { preset: RangePreset } | { preset: null; from: string; to: string };
  grain: Grain;
  /** The observation day; null: today. */
  asOf: string | null;
  filter: Filter;
  /** Ids of segments whose numbers stand beside those of the page. */
  compare: string[];
}

export const defaultFilters: PageFilters = {
  range: { preset: "last_12_months" },
  grain: "month",
  asOf: null,
  filter: {},
  compare: [],
};

const filterPrefix = "filter.";
const filterKeys = /^(plan|interval|currency|source|country|size|tenure|segment|attr\.[\s\S]+)$/;
const segmentId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const most = { keys: 20, values: 200, length: 32_768, key: 220, compared: 3 };

function isPeriod(text: string | null): text is string {
  if (!text) return false;
  try {
    periodStart(text);
    return findGrain(text) !== null;
  } catch {
    return false;
  }
}

const isDay = (text: string | null): text is string => isPeriod(text) && findGrain(text) === "day";

export function parseFilters(search: URLSearchParams): PageFilters {
  const given = search.get("range");
  const preset = rangePresets.find((name) => name === given);
  const [from, to] = [search.get("from"), search.get("to")];
  const filter: Filter = {};
  for (const key of new Set(search.keys())) {
    if (!key.startsWith(filterPrefix)) continue;
    const name = key.slice(filterPrefix.length);
    if (!filterKeys.test(name) || name.length > most.key || Object.keys(filter).length >= most.keys) continue;
    const values = [...new Set(search.getAll(key))].filter(
      (value) => value !== "" && value.length <= most.length,
    );
    if (values.length > 0) filter[name] = values.slice(0, most.values);
  }
  const asOf = search.get("as_of");
  return {
    range: preset
      ? { preset }
      : isPeriod(from) && isPeriod(to)
        ? { preset: null, ...ordered(from, to) }
        : defaultFilters.range,
    grain: grains.find((name) => name === search.get("grain")) ?? defaultFilters.grain,
    asOf: isDay(asOf) ? asOf : null,
    filter,
    compare: [...new Set(search.getAll("compare"))]
      .filter((id) => segmentId.test(id))
      .slice(0, most.compared),
  };
}

const ordered = (from: string, to: string) =>
  periodStart(from) <= periodEnd(to) ? { from, to } : { from: to, to: from };

/** The shortest address of the filters: defaults are left out. `parseFilters` reads it back. */
export function printFilters(filters: PageFilters): URLSearchParams {
  const search = new URLSearchParams();
  const { range } = filters;
  if (range.preset === null) {
    search.set("from", range.from);
    search.set("to", range.to);
  } else if (range.preset !== "last_12_months") search.set("range", range.preset);
  if (filters.grain !== defaultFilters.grain) search.set("grain", filters.grain);
  if (filters.asOf) search.set("as_of", filters.asOf);
  for (const [key, values] of Object.entries(filters.filter))
    for (const value of values) search.append(`${filterPrefix}${key}`, value);
  for (const id of filters.compare) search.append("compare", id);
  return search;
}

/** `?…`, or nothing where all is as by default. */
export function filtersPath(pathname: string, filters: PageFilters): string {
  const search = printFilters(filters).toString();
  return search === "" ? pathname : `${pathname}?${search}`;
}

/** As many periods as a chart can show; a finer grain over a longer range gives way to the next coarser. */
const mostPeriods = 190;

function fittingGrain(fromDay: string, toDay: string, wanted: Grain, calendar: Calendar): Grain {
  const fits = (grain: Grain) =>
    periodsBetween(periodOf(fromDay, grain, calendar), periodOf(toDay, grain, calendar), calendar) <
    mostPeriods;
  return grains.slice(grains.indexOf(wanted)).find(fits) ?? "year";
}

function rangeDays(
  range: PageFilters["range"],
  { today, firstDay, calendar }: Observed,
): [from: string, to: string] {
  if (range.preset === null) return [periodStart(range.from, calendar), periodEnd(range.to, calendar)];
  const monthsBack = (months: number): string => periodStart(addMonths(today, -months).slice(0, 7));
  const year = periodOf(today, "year", calendar);
  switch (range.preset) {
    case "last_3_months":
      return [monthsBack(3), today];
    case "last_6_months":
      return [monthsBack(6), today];
    case "last_12_months":
      return [monthsBack(12), today];
    case "last_24_months":
      return [monthsBack(24), today];
    case "this_year":
      return [periodStart(year, calendar), today];
    case "last_year": {
      const before = previousPeriod(year, calendar);
      return [periodStart(before, calendar), periodEnd(before, calendar)];
    }
    case "all":
      return [firstDay ? earlierDay(firstDay, today) : monthsBack(12), today];
  }
}

/** What the days of a range depend on. */
export interface Observed {
  /** In the organisation's zone. */
  today: string;
  /** Of the organisation's history, if it has one. */
  firstDay: string | null;
  /** The last day on which anything moved. */
  lastDay: string | null;
  calendar: Calendar;
  policy: PageScope["policy"];
  policyTitle: string;
}

/** The usual range says nothing of a history that ended before it: then all of it is shown. */
function fittingRange(range: PageFilters["range"], observed: Observed): PageFilters["range"] {
  if (range.preset !== defaultFilters.range.preset || observed.lastDay === null) return range;
  const [fromDay] = rangeDays(range, observed);
  return observed.lastDay < fromDay ? { preset: "all" } : range;
}

export function scopeOf(filters: PageFilters, observed: Observed): PageScope {
  const { today, calendar, policy, policyTitle } = observed;
  const asOf = filters.asOf && filters.asOf < today ? filters.asOf : null;
  const [fromDay, toDay] = rangeDays(fittingRange(filters.range, observed), {
    ...observed,
    today: asOf ?? today,
  });
  const to = laterDay(fromDay, earlierDay(toDay, asOf ?? today));
  const grain = fittingGrain(fromDay, to, filters.grain, calendar);
  return {
    fromDay,
    toDay: to,
    grain,
    asOf,
    today,
    calendar,
    policy,
    policyTitle,
    filter: filters.filter,
    compare: filters.compare,
  };
}
