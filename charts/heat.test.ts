import { expect, test } from "vitest";
import type { CohortHeatmapView } from "#contracts/widgets.ts";
import { heatScale, heatStep } from "./heat.ts";
import { heatSteps } from "./palette.ts";

const of = (rates: (number | null)[], complete = true): Pick<CohortHeatmapView, "cohorts"> => ({
  cohorts: [
    {
      cohort: "2026-01",
      size: 10,
      initial: "10",
      cells: rates.map((rate) => (rate === null ? null : { value: 1, rate, complete })),
    },
  ],
});

test("the colours tell apart what occurs, from a round tenth to 100 %", () => {
  expect(heatScale(of([1, 0.83, 0.64, null]))).toEqual({ low: 0.6, high: 1 });
  expect(heatScale(of([1, 1.27, 0.97]))).toEqual({ low: 0.9, high: 1.3 });
  expect(heatScale(of([]))).toEqual({ low: 0, high: 1 });
});

test("a running period does not widen the scale", () => {
  expect(heatScale(of([0.1], false))).toEqual({ low: 0, high: 1 });
});

test("what lies beyond the scale takes its ends", () => {
  const scale = { low: 0.5, high: 1 };
  expect(heatStep(0.2, scale)).toBe(0);
  expect(heatStep(0.5, scale)).toBe(0);
  expect(heatStep(1, scale)).toBe(heatSteps - 1);
  expect(heatStep(3, scale)).toBe(heatSteps - 1);
});
