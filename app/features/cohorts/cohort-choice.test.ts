import { expect, test } from "vitest";
import { bases, measures, parseCohortChoice, printCohortChoice } from "./cohort-choice.ts";

test("basis and measure come back from the address as they were written", () => {
  for (const basis of [null, ...bases])
    for (const measure of measures) {
      if (basis === "first_activity" && measure !== "customers") continue;
      const search = new URLSearchParams(printCohortChoice({ basis, measure }));
      expect(parseCohortChoice(search)).toEqual({ basis, measure });
    }
});

test("activity is counted in customers, whatever the address says", () => {
  expect(parseCohortChoice(new URLSearchParams("basis=first_activity&measure=mrr_net"))).toEqual({
    basis: "first_activity",
    measure: "customers",
  });
});
