import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addDays, addMonths, dayNumber, dayText, isDay, monthsBetween, weekday, yearBefore } from "./day.ts";
import {
  type Calendar,
  grains,
  isComplete,
  listPeriods,
  nextPeriod,
  periodEnd,
  periodOf,
  periodStart,
  periodsBetween,
  previousPeriod,
  shiftPeriod,
} from "./period.ts";

const days = fc
  .integer({ min: dayNumber("1900-01-01"), max: dayNumber("2199-12-31") })
  .map((number) => dayText(number));
const calendars: fc.Arbitrary<Calendar> = fc.record({
  fiscalYearStart: fc.integer({ min: 1, max: 12 }),
  weekStart: fc.integer({ min: 1, max: 7 }),
});

describe("days", () => {
  it("count as the Gregorian calendar does", () => {
    expect(dayNumber("1970-01-01")).toBe(0);
    expect(addDays("2024-02-28", 1)).toBe("2024-02-29");
    expect(addDays("1900-02-28", 1)).toBe("1900-03-01");
    expect(weekday("2026-02-07")).toBe(6);
    expect(addMonths("2026-01-31", 1)).toBe("2026-02-28");
    expect([isDay("2026-02-29"), isDay("2024-02-29"), isDay("2026-2-1")]).toEqual([false, true, false]);
  });

  it("twelve months before a month's end is a month's end", () => {
    expect(yearBefore("2025-02-28")).toBe("2024-02-29");
    expect(yearBefore("2024-02-29")).toBe("2023-02-28");
    expect(yearBefore("2026-03-10")).toBe("2025-03-10");
  });

  it("whole months are counted as an age", () => {
    expect(monthsBetween("2026-01-31", "2026-02-28")).toBe(0);
    expect(monthsBetween("2026-01-31", "2026-03-31")).toBe(2);
    expect(monthsBetween("2025-06-15", "2026-06-14")).toBe(11);
  });
});

describe("periods", () => {
  it("are written as the API writes them", () => {
    expect(grains.map((grain) => periodOf("2026-02-11", grain))).toEqual([
      "2026-02-11",
      "2026-W07",
      "2026-02",
      "2026-Q1",
      "2026",
    ]);
    expect(periodStart("2026-W07")).toBe("2026-02-09");
    expect(periodEnd("2026-W07")).toBe("2026-02-15");
    expect(periodOf("2027-01-01", "week")).toBe("2026-W53");
    expect(periodOf("2024-12-30", "week")).toBe("2025-W01");
  });

  it("that are in no calendar are refused", () => {
    for (const text of ["2026-13", "2026-00", "2025-W53", "2026-W00", "2026-02-30", "2026-Q5", "26"])
      expect(() => periodStart(text)).toThrow(RangeError);
  });

  it("hold the day they were made from, and follow each other without a gap", () => {
    fc.assert(
      fc.property(days, fc.constantFrom(...grains), calendars, (day, grain, calendar) => {
        const period = periodOf(day, grain, calendar);
        const [start, end] = [periodStart(period, calendar), periodEnd(period, calendar)];
        expect(start <= day && day <= end).toBe(true);
        expect([periodOf(start, grain, calendar), periodOf(end, grain, calendar)]).toEqual([period, period]);
        expect(periodStart(nextPeriod(period, calendar), calendar)).toBe(addDays(end, 1));
        expect(nextPeriod(previousPeriod(period, calendar), calendar)).toBe(period);
      }),
    );
  });

  it("shifting and counting agree", () => {
    fc.assert(
      fc.property(
        days,
        fc.constantFrom(...grains),
        fc.integer({ min: -400, max: 400 }),
        calendars,
        (day, grain, steps, calendar) => {
          const period = periodOf(day, grain, calendar);
          expect(periodsBetween(period, shiftPeriod(period, steps, calendar), calendar)).toBe(steps);
        },
      ),
    );
  });

  it("follow the fiscal year and the week's first day", () => {
    const april = { fiscalYearStart: 4, weekStart: 7 };
    expect(periodOf("2026-02-11", "year", april)).toBe("2026");
    expect(periodStart("2026", april)).toBe("2025-04-01");
    expect(periodOf("2026-02-11", "quarter", april)).toBe("2026-Q4");
    expect(periodStart(periodOf("2026-02-11", "week", april), april)).toBe("2026-02-08");
  });

  it("of a range hold both its ends", () => {
    expect(listPeriods("2025-11-15", "2026-01-01", "month")).toEqual(["2025-11", "2025-12", "2026-01"]);
    expect(listPeriods("2026-01-02", "2025-12-31", "month")).toEqual([]);
  });

  it("are complete when they are observed, over and covered", () => {
    const seen = { asOf: "2026-03-31", today: "2026-03-31", coveredUntil: null };
    expect(isComplete("2026-02", seen)).toBe(true);
    expect(isComplete("2026-03", seen)).toBe(false);
    expect(isComplete("2026-03", { ...seen, today: "2026-04-01" })).toBe(true);
    expect(isComplete("2026-03", { ...seen, asOf: "2026-03-30", today: "2026-04-01" })).toBe(false);
    expect(isComplete("2026-02", { ...seen, coveredUntil: "2026-01-01" })).toBe(false);
    expect(isComplete("2026-02", { ...seen, coveredUntil: "2026-02-01" })).toBe(true);
  });
});
