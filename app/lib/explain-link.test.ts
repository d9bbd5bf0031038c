import { expect, test } from "vitest";
import { explainLink } from "./explain-link.ts";

test("a metric's link names its period, its observation day and every filter value", () => {
  expect(
    explainLink({
      metric: "mrr",
      period: "2026-Q1",
      asOf: "2026-02-03",
      filter: { plan: ["Pro & more", ""], "attr.size": ["L"] },
    }),
  ).toBe(
    "/explain?metric=mrr&period=2026-Q1&as_of=2026-02-03&filter.plan=Pro+%26+more&filter.plan=&filter.attr.size=L",
  );
});

test("a cohort cell's link names the cell", () => {
  expect(
    explainLink({
      ...{ metric: "cohort", cohort: "2024-01", k: 0, grain: "month" },
      ...{ basis: "first_payment", measure: "mrr_net", asOf: null },
    }),
  ).toBe("/explain?metric=cohort&cohort=2024-01&k=0&grain=month&basis=first_payment&measure=mrr_net");
});

test("the whole of a composition, a part of it and the part that is not set are three links", () => {
  const links = [undefined, "not_set", null].map((key) =>
    explainLink({ metric: "composition", by: "plan", at: "2026-02-03", ...(key !== undefined && { key }) }),
  );
  expect(links).toEqual([
    "/explain?metric=composition&by=plan&at=2026-02-03",
    "/explain?metric=composition&by=plan&key=not_set&at=2026-02-03",
    "/explain?metric=composition&by=plan&not_set=true&at=2026-02-03",
  ]);
});
