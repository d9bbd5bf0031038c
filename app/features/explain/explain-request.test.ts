import { expect, test } from "vitest";
import { explainLink } from "../../lib/explain-link.ts";
import { besideLink, explainRequestOf } from "./explain-request.ts";

const read = (link: string) => explainRequestOf(new URL(link, "http://localhost").searchParams);

test("a link is read back as the question that it was made of", () => {
  const filter = { plan: ["Pro & more", ""], "attr.size": ["L"] };
  expect(read(explainLink({ metric: "nrr", period: "2026-Q1", asOf: "2026-02-03", filter }))).toMatchObject({
    ...{ metric: "nrr", period: "2026-Q1", as_of: "2026-02-03", filter },
  });
  expect(
    read(
      explainLink({
        ...{
          metric: "cohort",
          cohort: "2026-W07",
          k: 0,
          grain: "week",
          basis: "signup",
          measure: "mrr_gross",
        },
      }),
    ),
  ).toMatchObject({ cohort: "2026-W07", k: "0", grain: "week", basis: "signup", measure: "mrr_gross" });
  expect(
    read(explainLink({ metric: "composition", by: "attr.x", key: null, at: "2026-01-01" })),
  ).toMatchObject({
    ...{ by: "attr.x", not_set: true, key: undefined, at: "2026-01-01" },
  });
});

test("a number beside it keeps the filters and the observation day, and begins at the first page", () => {
  const search = new URLSearchParams(
    "metric=mrr&period=2026-02&as_of=2026-02-03&filter.plan=&cursor=x&sort=date",
  );
  expect(besideLink(search, { metric: "customers", period: "2026-01" })).toBe(
    "/explain?metric=customers&period=2026-01&as_of=2026-02-03&filter.plan=",
  );
});
