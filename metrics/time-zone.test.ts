import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dayOfInstant, formatInstant, instantOfWall, isTimeZone, parseInstant } from "./time-zone.ts";

const wall = (text: string, zone: string): string => formatInstant(instantOfWall(text, zone));

describe("time zones", () => {
  it("T-edge an end at 2026-02-01T00:00Z is 1 February in UTC and 31 January in Los Angeles", () => {
    const end = parseInstant("2026-02-01T00:00Z");
    expect(dayOfInstant(end, "UTC")).toBe("2026-02-01");
    expect(dayOfInstant(end, "America/Los_Angeles")).toBe("2026-01-31");
  });

  it("a time that never comes is the first instant after the jump", () => {
    expect(wall("2026-03-08T02:30:00", "America/New_York")).toBe("2026-03-08T07:00:00.000Z");
    expect(wall("2018-11-04", "America/Sao_Paulo")).toBe("2018-11-04T03:00:00.000Z");
  });

  it("a time that comes twice is its first", () => {
    expect(wall("2026-11-01 01:30", "America/New_York")).toBe("2026-11-01T05:30:00.000Z");
    expect(wall("2026-10-25T02:30:00", "Europe/Berlin")).toBe("2026-10-25T00:30:00.000Z");
  });

  it("a day's noon is on that day in every zone", () => {
    const zones = fc.constantFrom(
      "UTC",
      "Asia/Kolkata",
      "Pacific/Auckland",
      "America/St_Johns",
      "Asia/Tehran",
    );
    // 1980-01-01 to 2099-12-31
    const instants = fc.integer({ min: 315_532_800_000, max: 4_102_444_799_999 });
    fc.assert(
      fc.property(instants, zones, (instant, zone) => {
        const day = dayOfInstant(instant, "UTC");
        expect(dayOfInstant(instantOfWall(`${day}T12:00:00`, zone), zone)).toBe(day);
        expect(formatInstant(instant).slice(0, 10)).toBe(day);
        expect(parseInstant(formatInstant(instant))).toBe(instant);
      }),
    );
  });

  it("offsets are read, and times without one refused", () => {
    expect(formatInstant(parseInstant("2026-02-01T00:00:00.5+05:30"))).toBe("2026-01-31T18:30:00.500Z");
    expect(() => parseInstant("2026-02-01T00:00")).toThrow(RangeError);
    expect(() => parseInstant("2026-02-01")).toThrow(RangeError);
    expect(() => instantOfWall("2026-02-01T25:00", "UTC")).toThrow(RangeError);
    expect([isTimeZone("Europe/Berlin"), isTimeZone("Mars/Olympus")]).toEqual([true, false]);
  });
});
