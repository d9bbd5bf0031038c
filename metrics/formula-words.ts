import { type Decimal, exact, formatDecimal, multiply, parseDecimal } from "./decimal.ts";
import type { MetricUnit } from "./metric-names.ts";

/** Formulas with part names in braces, as words and with the numbers in them. */

/** Text between parts, or a part's name. */
export type FormulaToken = string | { part: string };

/** `{a} ÷ {b}` → a part, " ÷ ", a part. */
export const formulaTokens = (formula: string): FormulaToken[] =>
  formula
    .split(/(\{[a-z_]+\})/)
    .filter((text) => text !== "")
    .map((text) => (text.startsWith("{") ? { part: text.slice(1, -1) } : text));

interface Named {
  name: string;
  label: string;
  unit: MetricUnit;
  value: string | number | null;
}

/** "(churn + contraction) ÷ MRR at start" */
export const formulaText = (formula: string, parts: readonly Named[]): string =>
  written(formula, parts, ({ label }) => label);

/** "(churn 700 + contraction 300) ÷ MRR at start 10,000 = 10.0 %" */
export const formulaWithNumbers = (
  formula: string,
  parts: readonly Named[],
  result: { value: string | number | null; unit: MetricUnit },
): string => {
  const left = written(formula, parts, ({ label, value, unit }) => `${label} ${plainNumber(value, unit)}`);
  return `${left}${left === "" ? "" : " "}= ${plainNumber(result.value, result.unit)}`;
};

const written = (formula: string, parts: readonly Named[], write: (part: Named) => string): string =>
  formulaTokens(formula)
    .map((token) => {
      if (typeof token === "string") return token;
      const part = parts.find(({ name }) => name === token.part);
      return part ? write(part) : token.part;
    })
    .join("");

/** For reading: thousands apart, two decimals at most of money, rates in per cent. */
export function plainNumber(value: string | number | null, unit: MetricUnit): string {
  if (value === null) return "–";
  if (unit === "rate") return `${grouped(fixed(percent(value), 1))} %`;
  if (unit === "count") return grouped(String(value));
  return grouped(formatDecimal(parseDecimal(decimalText(value)), 2));
}

/** Numbers on the wire are doubles: written out without an exponent. */
const decimalText = (value: string | number): Decimal => {
  if (typeof value === "string") return value;
  const text = String(value);
  return /e/i.test(text) ? value.toFixed(20) : text;
};
const percent = (value: string | number): Decimal =>
  formatDecimal(multiply(parseDecimal(decimalText(value)), exact(100)), 1);
const fixed = (text: Decimal, decimals: number): string => {
  const [whole = "0", fraction = ""] = text.split(".");
  return `${whole}.${fraction.padEnd(decimals, "0")}`;
};
const grouped = (text: string): string => {
  const [whole = "", fraction] = text.split(".");
  const apart = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return fraction === undefined ? apart : `${apart}.${fraction}`;
};
