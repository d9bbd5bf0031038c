import fc from "fast-check";
import { expect, test } from "vitest";
import { niceScale, periodLabels } from "./axis.ts";
import { textWidth } from "./text-width.ts";

const amount = fc.double({ min: -1e9, max: 1e9, noNaN: true });

test("a scale holds zero and all values, with ticks between its bounds", () => {
  fc.assert(
    fc.property(amount, amount, fc.integer({ min: 2, max: 10 }), (a, b, wanted) => {
      const [low, high] = [Math.min(a, b), Math.max(a, b)];
      fc.pre(high - low > 1e-6);
      const { min, max, ticks } = niceScale(low, high, wanted);
      // a float's last digit is no pixel
      const slack = (max - min) * 1e-9;
      expect(min).toBeLessThanOrEqual(Math.min(0, low) + slack);
      expect(max).toBeGreaterThanOrEqual(Math.max(0, high) - slack);
      expect(ticks).toContain(0);
      expect(ticks.length).toBeLessThanOrEqual(wanted + 2);
      for (const tick of ticks) {
        expect(tick).toBeGreaterThanOrEqual(min - slack);
        expect(tick).toBeLessThanOrEqual(max + slack);
      }
    }),
  );
});

test("a scale of nothing is still a scale", () => {
  expect(niceScale(0, 0, 4)).toEqual({ min: 0, max: 1, ticks: [0] });
});

const months = Array.from({ length: 36 }, (_, index) => {
  const month = (index % 12) + 1;
  return `${2023 + Math.floor(index / 12)}-${String(month).padStart(2, "0")}`;
});

test("period labels never touch, and the last period always has one", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 36 }), fc.integer({ min: 60, max: 1600 }), (length, width) => {
      const periods = months.slice(0, length);
      const labels = periodLabels(periods, width, 11);
      expect(labels.at(-1)?.index).toBe(length - 1);
      for (const [at, label] of labels.entries()) {
        const next = labels[at + 1];
        if (!next) continue;
        const apart = ((next.index - label.index) * width) / length;
        expect(apart).toBeGreaterThanOrEqual((textWidth(label.text, 11) + textWidth(next.text, 11)) / 2);
      }
    }),
  );
});

test("the year stands where it begins", () => {
  const labels = periodLabels(["2025-11", "2025-12", "2026-01", "2026-02"], 400, 11);
  expect(labels.map(({ text, below }) => [text, below])).toEqual([
    ["Nov", "2025"],
    ["Dec", null],
    ["Jan", "2026"],
    ["Feb", null],
  ]);
  expect(periodLabels(["2025", "2026"], 400, 11).map(({ below }) => below)).toEqual([null, null]);
  expect(
    periodLabels(["2026-01-30", "2026-01-31", "2026-02-01"], 400, 11).map(({ text, below }) => [text, below]),
  ).toEqual([
    ["30", "Jan 2026"],
    ["31", null],
    ["1", "Feb 2026"],
  ]);
});
