import { filterKeyName, filterValueName } from "#charts/filter-words.ts";
import { formatMoney } from "#charts/format.ts";
import type { Condition, Expression } from "#metrics/segments.ts";

/** A segment in plain words: `Plan is Scale or Growth, and (Country is DE or MRR is at least $500)`. */
export const describeExpression = (expression: Expression, currency: string): string =>
  describe(expression, currency, true);

function describe(expression: Expression, currency: string, isOutermost: boolean): string {
  if ("key" in expression) return describeCondition(expression, currency);
  const [word, inner] =
    "all" in expression ? (["and", expression.all] as const) : (["or", expression.any] as const);
  const [only] = inner;
  if (only && inner.length === 1) return describe(only, currency, isOutermost);
  const words = inner.map((one) => describe(one, currency, false)).join(`, ${word} `);
  return isOutermost ? words : `(${words})`;
}

export const opNames: Record<Condition["op"], string> = {
  is: "is",
  is_not: "is not",
  at_least: "is at least",
  at_most: "is at most",
};

function describeCondition({ key, op, values }: Condition, currency: string): string {
  if (op === "at_least" || op === "at_most") {
    const [value = ""] = values;
    return key === "size"
      ? `MRR ${opNames[op]} ${formatMoney(value, currency)}`
      : `${filterKeyName(key)} ${opNames[op]} ${value} ${value === "1" ? "month" : "months"}`;
  }
  return `${filterKeyName(key)} ${opNames[op]} ${listed(values.map((value) => filterValueName(key, value)))}`;
}

const shown = 5;

function listed(names: readonly string[]): string {
  const some = names.slice(0, shown);
  const rest = names.length - some.length;
  const all = rest > 0 ? [...some, `${rest} more`] : some;
  return all.length < 2 ? all.join("") : `${all.slice(0, -1).join(", ")} or ${all.at(-1)}`;
}
