import { expect, it } from "vitest";
import { explanationOf } from "./explain.ts";
import { formulaText, formulaTokens, formulaWithNumbers, plainNumber } from "./formula-words.ts";
import { metricNames } from "./metric-names.ts";
import { policyPresets, resolvePolicy } from "./policy.ts";

it("writes a formula in words and with its numbers", () => {
  const { formula, parts } = explanationOf("net_mrr_churn_rate", resolvePolicy(), { margin: false });
  const values: Record<string, string> = {
    ...{ churn: "700", contraction: "300", expansion: "500", reactivation: "200", start: "10000" },
  };
  const known = parts.map((part) => ({ ...part, value: values[part.name] ?? null }));
  expect(formulaText(formula, known)).toBe("(churn + contraction − expansion − reactivation) ÷ MRR at start");
  expect(formulaWithNumbers(formula, known, { value: 0.03, unit: "rate" })).toBe(
    "(churn 700 + contraction 300 − expansion 500 − reactivation 200) ÷ MRR at start 10,000 = 3.0 %",
  );
});

it("names the parts that there are, in their order, whatever the policy", () => {
  for (const preset of policyPresets)
    for (const name of metricNames)
      for (const margin of [true, false]) {
        const { formula, parts } = explanationOf(name, resolvePolicy({ preset }), { margin });
        const used = formulaTokens(formula).flatMap((token) =>
          typeof token === "string" ? [] : [token.part],
        );
        expect([...new Set(used)], name).toEqual(parts.map((part) => part.name));
      }
});

it.each([
  ["1234567.891", "money", "1,234,567.89"],
  ["-1234", "money", "-1,234"],
  [12345, "count", "12,345"],
  [0.12345, "rate", "12.3 %"],
  [-0.5, "rate", "-50.0 %"],
  [1e-9, "rate", "0.0 %"],
  [2.2, "ratio", "2.2"],
  [null, "money", "–"],
] as const)("writes %s as %s: %s", (value, unit, text) => {
  expect(plainNumber(value, unit)).toBe(text);
});
