import { expect, test } from "vitest";
import { restatedIn, restatedLines, restatedOf } from "./restated-months.ts";

const restated = restatedOf(
  {
    currency: "USD",
    months: [
      { month: "2026-03", change: "-420", last_at: "2026-11-20T23:30:00.000Z" },
      { month: "2026-02", change: "0", last_at: "2026-11-20T23:30:00.000Z" },
      { month: "2025-12", change: "12.5", last_at: "2026-11-02T10:00:00.000Z" },
    ],
  },
  "Europe/Berlin",
);
const monthsIn = (period: string) => restatedIn(restated, period).map(({ month }) => month);

test("a month that is back where it was is not restated", () => {
  expect(restated.map(({ month }) => month)).toEqual(["2026-03", "2025-12"]);
});

test("a period holds the restated months that are in it; weeks and days hold none", () => {
  expect(monthsIn("2026-03")).toEqual(["2026-03"]);
  expect(monthsIn("2026-Q1")).toEqual(["2026-03"]);
  expect(monthsIn("2026-Q2")).toEqual([]);
  expect(monthsIn("2025-Q4")).toEqual(["2025-12"]);
  expect(monthsIn("2025")).toEqual(["2025-12"]);
  for (const period of ["2026-W10", "2026-03-02", "2026-02", "soon"]) expect(monthsIn(period)).toEqual([]);
});

test("says when, in the organisation’s zone, and by how much", () => {
  expect(restatedLines(restated, "2026-03")).toEqual(["Restated on 21 Nov 2026: MRR −$420"]);
  expect(restatedLines(restated, "2025")).toEqual(["Dec restated on 2 Nov 2026: MRR +$12.50"]);
});
