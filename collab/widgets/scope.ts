import type { Filter, Grain } from "#contracts/analytics.ts";
import type { Annotation } from "#contracts/annotations.ts";
import type { Segment } from "#contracts/segments.ts";
import { earlierDay } from "#metrics/day.ts";
import { type Calendar, periodEnd, periodOf, shiftPeriod } from "#metrics/period.ts";
import type { PolicySettings } from "#metrics/policy.ts";

/** What a page looks at: days, both inclusive, in the organisation's zone. */
export interface PageScope {
  fromDay: string;
  toDay: string;
  grain: Grain;
  /** The day up to which is known; null: today. */
  asOf: string | null;
  today: string;
  /** When the organisation's years and weeks begin. */
  calendar: Calendar;
  /** What the numbers count: definitions say so. */
  policy: PolicySettings;
  /** The policy by name: `Jarvis policy v1`. */
  policyTitle: string;
  filter: Filter;
  /** The organisation's segments: charts name them. */
  segments?: readonly Pick<Segment, "id" | "name" | "color">[];
  /** Ids of segments whose numbers stand beside those of the page. */
  compare?: readonly string[];
  /** What was noted in the range. */
  annotations?: readonly Pick<Annotation, "id" | "day" | "title" | "text">[];
}

/** The scope in periods of one grain. */
export interface PeriodScope {
  grain: Grain;
  from: string;
  to: string;
  /** One period earlier: what the first period is compared with. */
  before: string;
  asOf: string | null;
  /** The day of a picture: the last that is both in range and observed; null: today. */
  at: string | null;
  filter: Filter;
}

/**
 * Key by key, what a widget asks beside what the page asks. Where both name a key, values must be in both; one may be in two
 * segments at once (`ID.ID`).
 */
export function joinFilters(page: Filter, widget: Filter): Filter {
  const joined: Filter = { ...page };
  for (const [key, values] of Object.entries(widget)) {
    const given = page[key];
    if (given && key === "segment") {
      joined[key] = given.flatMap((one) => values.map((other) => (one === other ? one : `${one}.${other}`)));
      continue;
    }
    const both = given ? values.filter((value) => given.includes(value)) : values;
    // Nothing can be in both: a value that nobody has, rather than no filter at all.
    joined[key] = both.length > 0 ? both : ["\u0001"];
  }
  return joined;
}

/** @param own a widget's grain and filters, over those of the page */
export function periodScope(
  page: PageScope,
  own: { grain?: Grain | undefined; filters?: Filter | undefined } = {},
): PeriodScope {
  const grain = own.grain ?? page.grain;
  const from = periodOf(page.fromDay, grain, page.calendar);
  const to = periodOf(page.toDay, grain, page.calendar);
  const observed = earlierDay(page.asOf ?? page.today, page.today);
  const last = earlierDay(periodEnd(to, page.calendar), observed);
  return {
    grain,
    from,
    to,
    before: shiftPeriod(from, -1, page.calendar),
    asOf: page.asOf,
    at: last === page.today ? null : last,
    filter: joinFilters(page.filter, own.filters ?? {}),
  };
}
