import { expect, test } from "vitest";
import {
  currencySign,
  formatBytes,
  formatCompact,
  formatCount,
  formatCounted,
  formatMetric,
  formatMoney,
  formatPercent,
  formatPoints,
} from "./format.ts";

test("money keeps every digit of a long decimal string", () => {
  expect(formatMoney("90071992547409931234.56", "USD")).toBe("$90,071,992,547,409,931,234.56");
});

test("money cuts minor units only when they are zero, unless the column wants them", () => {
  expect(formatMoney("48000", "USD")).toBe("$48,000");
  expect(formatMoney("166.666666666667", "USD")).toBe("$166.67");
  expect(formatMoney("48000", "EUR", { style: "cents" })).toBe("€48,000.00");
  expect(formatMoney("1999.6", "JPY")).toBe("¥2,000");
});

test("money is short on cards and shorter on axes", () => {
  expect(formatMoney("1392240", "USD", { style: "short" })).toBe("$1.392M");
  expect(formatMoney("11839.7", "USD", { style: "short", signed: true })).toBe("+$11,840");
  expect(formatMoney("999999.9", "USD", { style: "short" })).toBe("$1.000M");
  expect(formatMoney("-5000", "USD", { style: "axis" })).toBe("−5k");
  expect(formatMoney("20000", "USD", { style: "axis" })).toBe("20k");
});

test("losses carry a true minus sign and nothing is signed at zero", () => {
  expect(formatMoney("-420.5", "USD")).toBe("−$420.50");
  expect(formatMoney("0", "USD", { signed: true })).toBe("$0");
});

test("what is absent or no number reads as a dash, never as NaN", () => {
  expect(formatMoney(null, "USD")).toBe("–");
  expect(formatMoney("abc", "USD")).toBe("–");
  expect(formatPercent(null)).toBe("–");
  expect(formatCount(undefined)).toBe("–");
});

test("currencies with a sign of their own are told apart", () => {
  expect(currencySign("USD")).toBe("$");
  expect(currencySign("CAD")).toBe("CA$");
});

test("rates, points, counts and bytes read as people write them", () => {
  expect(formatPercent(1.084)).toBe("108.4%");
  expect(formatPercent(-0.082, { signed: true })).toBe("−8.2%");
  expect(formatPoints(0.006)).toBe("+0.6 pt");
  expect(formatCount(1412)).toBe("1,412");
  expect(formatCounted(1, "row")).toBe("1 row");
  expect(formatCounted(2, "entry", "entries")).toBe("2 entries");
  expect(formatCompact(1_240_000)).toBe("1.24M");
  expect(formatBytes(999)).toBe("999 bytes");
  expect(formatBytes(73_400_320)).toBe("73 MB");
  expect(formatBytes(1_500_000)).toBe("1.5 MB");
});

test("a metric is written by its unit", () => {
  expect(formatMetric("1392240", "money", "USD", "short")).toBe("$1.392M");
  expect(formatMetric(0.912, "rate", "USD")).toBe("91.2%");
  expect(formatMetric(3.4, "ratio", "USD")).toBe("3.4");
  expect(formatMetric(14, "months", "USD")).toBe("14.0 months");
});
