import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { defaultPolicy } from "#metrics/policy.ts";
import {
  defaultFilters,
  filtersPath,
  type PageFilters,
  parseFilters,
  printFilters,
  rangePresets,
  scopeOf,
} from "./page-filters.ts";

const parse = (search: string) => parseFilters(new URLSearchParams(search));

const month = fc
  .record({ year: fc.integer({ min: 2000, max: 2099 }), month: fc.integer({ min: 1, max: 12 }) })
  .map(({ year, month: m }) => `${year}-${String(m).padStart(2, "0")}`);
const key = fc.oneof(
  fc.constantFrom("plan", "interval", "currency", "source", "country", "size", "tenure", "segment"),
  fc.string({ minLength: 1, maxLength: 20 }).map((name) => `attr.${name}`),
);
const filters: fc.Arbitrary<PageFilters> = fc.record({
  range: fc.oneof(
    fc.constantFrom(...rangePresets).map((preset) => ({ preset })),
    fc
      .tuple(month, month)
      .map((pair) => pair.toSorted())
      .map(([from = "", to = ""]) => ({ preset: null, from, to })),
  ),
  grain: fc.constantFrom("day", "week", "month", "quarter", "year"),
  asOf: fc.option(month.map((m) => `${m}-15`)),
  filter: fc.dictionary(key, fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 5 }), {
    maxKeys: 5,
    noNullPrototype: true,
  }),
  compare: fc.uniqueArray(fc.uuid(), { maxLength: 3 }),
});

describe("the filters in the address", () => {
  test("come back as they were written, whatever they hold", () => {
    fc.assert(
      fc.property(filters, (given) => {
        expect(parseFilters(new URLSearchParams(printFilters(given).toString()))).toEqual(given);
      }),
    );
  });

  test("leave the defaults out", () => {
    expect(filtersPath("/", defaultFilters)).toBe("/");
    expect(filtersPath("/", { ...defaultFilters, grain: "week" })).toBe("/?grain=week");
  });

  test("are read from what a form without scripts sends, empty fields included", () => {
    expect(
      parse("range=&from=&to=&grain=month&as_of=&filter.plan=&filter.country=US&filter.country=DE"),
    ).toEqual({
      ...defaultFilters,
      filter: { country: ["US", "DE"] },
    });
  });

  test("a named range wins over days, days over nothing", () => {
    expect(parse("range=this_year&from=2020-01&to=2020-02").range).toEqual({ preset: "this_year" });
    expect(parse("range=custom&from=2020-03&to=2020-02").range).toEqual({
      preset: null,
      from: "2020-02",
      to: "2020-03",
    });
  });

  test("ignore what cannot be read", () => {
    expect(
      parse("range=ever&from=2020-13&to=x&grain=hour&as_of=2020-02-31&filter.shape=big&compare=x&other=1"),
    ).toEqual(defaultFilters);
  });
});

describe("the scope of a page", () => {
  const today = "2026-11-22";
  const observed = {
    today,
    firstDay: null,
    lastDay: null,
    calendar: { fiscalYearStart: 1, weekStart: 1 },
    policy: defaultPolicy,
    policyTitle: "Jarvis policy v1",
  };

  test("shows all of a history that ended before the usual range", () => {
    const ended = { ...observed, firstDay: "2023-12-05", lastDay: "2024-06-30" };
    expect(scopeOf(defaultFilters, ended).fromDay).toBe("2023-12-05");
    expect(scopeOf(defaultFilters, { ...ended, lastDay: "2026-01-01" }).fromDay).toBe("2025-11-01");
  });

  test("by default reaches from the running month back over twelve whole ones", () => {
    expect(scopeOf(defaultFilters, observed)).toMatchObject({
      fromDay: "2025-11-01",
      toDay: today,
      grain: "month",
      asOf: null,
    });
  });

  test("never reaches past the observation day", () => {
    const filters = parse("from=2026-01&to=2027-12&as_of=2026-06-10");
    expect(scopeOf(filters, observed)).toMatchObject({
      fromDay: "2026-01-01",
      toDay: "2026-06-10",
      asOf: "2026-06-10",
    });
  });

  test("an observation day of today or later is today", () => {
    expect(scopeOf(parse("as_of=2027-01-01"), observed).asOf).toBeNull();
  });

  test("all time begins with the first movement", () => {
    expect(scopeOf(parse("range=all"), { ...observed, firstDay: "2023-12-05" }).fromDay).toBe("2023-12-05");
  });

  test("days over years give way to a grain that a chart can show", () => {
    expect(scopeOf(parse("range=all&grain=day"), { ...observed, firstDay: "2023-12-05" }).grain).toBe("week");
  });

  test("this year begins with the organisation's own", () => {
    const calendar = { fiscalYearStart: 4, weekStart: 1 };
    expect(scopeOf(parse("range=this_year"), { ...observed, calendar }).fromDay).toBe("2026-04-01");
    expect(scopeOf(parse("range=last_year"), { ...observed, calendar })).toMatchObject({
      fromDay: "2025-04-01",
      toDay: "2026-03-31",
    });
  });
});
