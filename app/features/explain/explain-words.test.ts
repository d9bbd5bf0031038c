import { expect, test } from "vitest";
import type { ExplainOutput } from "#contracts/explain.ts";
import { isMadeOfNumbers } from "./explain-words.ts";

type Part = ExplainOutput["formula"]["parts"][number];

const part = (opens: Part["opens"], of: Part["of"] = []): Part => ({
  ...{ name: "held", label: "MRR of all customers", unit: "money", value: "0", annual: null, opens, of },
});
const answer = (parts: Part[], value: string | null = "0") => ({
  ...{ metric: "reactivation_mrr", period: "2026-10" },
  formula: { parts } as ExplainOutput["formula"],
  value,
});

/** MRR of nobody said that it was made of other numbers, and there was none to open. */
test("a number without rows is made of others only where its formula leads to them", () => {
  const opens = { metric: "mrr", period: "2026-10" };
  expect(isMadeOfNumbers(answer([part(null)]))).toBe(false);
  expect(isMadeOfNumbers(answer([part({ metric: "reactivation_mrr", period: "2026-10" })]))).toBe(false);
  expect(isMadeOfNumbers(answer([part(null), part(opens)]))).toBe(true);
  expect(
    isMadeOfNumbers(answer([part(null, [{ label: "October", value: "0", unit: "money", opens }])])),
  ).toBe(true);
  expect(isMadeOfNumbers(answer([part(opens)], null))).toBe(false);
});
