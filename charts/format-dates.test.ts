import { expect, test } from "vitest";
import {
  formatDateTime,
  formatDay,
  formatDuration,
  formatPeriod,
  formatPeriodRange,
  formatRelative,
} from "./format-dates.ts";

test("every grain of period has a readable name", () => {
  expect(formatPeriod("2026-02")).toBe("Feb 2026");
  expect(formatPeriod("2026-09", "long")).toBe("September 2026");
  expect(formatPeriod("2026-W07")).toBe("W7 2026");
  expect(formatPeriod("2026-Q1", "short")).toBe("Q1");
  expect(formatPeriod("2026")).toBe("2026");
  expect(formatPeriod("2026-02-07", "short")).toBe("7 Feb");
  expect(formatPeriodRange("2025-11", "2026-11")).toBe("Nov 2025 – Nov 2026");
});

test("an instant is shown in the organisation's zone, not the reader's", () => {
  expect(formatDateTime("2026-11-22T23:30:00Z", "Europe/Berlin")).toBe("23 Nov 2026, 00:30");
  expect(formatDateTime("2026-11-22T23:30:00Z", "America/New_York")).toBe("22 Nov 2026, 18:30");
});

test("days and absences", () => {
  expect(formatDay("2026-09-03")).toBe("3 Sep 2026");
  expect(formatDay(null)).toBe("–");
});

test("distances in time use the largest fitting unit, both ways", () => {
  const now = Date.parse("2026-11-22T12:00:00Z");
  expect(formatRelative("2026-11-22T11:59:50Z", now)).toBe("just now");
  expect(formatRelative("2026-11-22T11:55:00Z", now)).toBe("5 minutes ago");
  expect(formatRelative("2026-11-25T12:00:00Z", now)).toBe("in 3 days");
  expect(formatDuration(125)).toBe("2 min 5 s");
  expect(formatDuration(8.4)).toBe("8 s");
});
