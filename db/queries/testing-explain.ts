import type { ExplainInput, ExplainMovement, ExplainOutput } from "#contracts/explain.ts";
import {
  add,
  divide,
  type Exact,
  exact,
  isZero,
  multiply,
  parseDecimal,
  subtract,
  sum,
  zero,
} from "#metrics/decimal.ts";
import type { ExplainPart } from "#metrics/explanation.ts";
import { type FormulaToken, formulaTokens } from "#metrics/formula-words.ts";
import { getExplanation } from "./explain.ts";
import type { LedgerTx } from "./ledger.ts";

/** Reads explanations to their end and does their sums again, for tests. */

/** An explanation with the listed rows of all its pages. */
export async function wholeExplanation(
  tx: LedgerTx,
  query: Partial<ExplainInput> & { metric: string },
  limit = 2,
): Promise<ExplainOutput> {
  const asked: ExplainInput = {
    ...{ filter: {}, measure: "customers", by: "plan", not_set: false, sort: "-size" },
    ...query,
    limit,
  };
  const first = await getExplanation(tx, asked);
  const movements = [...first.movements];
  for (let { next } = first; next !== null; ) {
    const page = await getExplanation(tx, { ...asked, cursor: next });
    movements.push(...page.movements);
    next = page.next;
  }
  return { ...first, movements };
}

/** What the rows add up to for a part that is made of rows, exactly. */
export function sumOfRows(
  origin: Extract<ExplainPart["origin"], { of: "rows" }>,
  movements: readonly ExplainMovement[],
): Exact {
  const rows = movements.filter(({ part }) => !origin.parts || origin.parts.includes(part));
  if (origin.sum === "rows") return exact(rows.length);
  if (origin.sum === "customers") return exact(rows.reduce((all, row) => all + row.counted_customers, 0));
  const of = origin.sum;
  return sum(
    rows.map((row) =>
      row.annual
        ? divide(parseDecimal(row.annual[of] ?? "0"), exact(12))
        : parseDecimal((of === "counted" ? row.counted : row.before) ?? "0"),
    ),
  );
}

/** Does a formula's arithmetic; null where it divides by 0. */
export function evaluate(template: string, values: ReadonlyMap<string, Exact>): Exact | null {
  const words = formulaTokens(template).flatMap((token): FormulaToken[] =>
    typeof token === "string" ? (token.match(/\d+|[()+−×÷]/g) ?? []) : [token],
  );
  let at = 0;
  const product = (): Exact | null => {
    let left = factor();
    while (words[at] === "×" || words[at] === "÷") {
      const operator = words[at++];
      const right = factor();
      if (left === null || right === null || (operator === "÷" && isZero(right))) return null;
      left = operator === "×" ? multiply(left, right) : divide(left, right);
    }
    return left;
  };
  const whole = (): Exact | null => {
    let left = product();
    while (words[at] === "+" || words[at] === "−") {
      const operator = words[at++];
      const right = product();
      if (left === null || right === null) return null;
      left = operator === "+" ? add(left, right) : subtract(left, right);
    }
    return left;
  };
  const factor = (): Exact | null => {
    const word = words[at++];
    if (word === undefined) throw new Error(`“${template}” ends too early`);
    if (typeof word !== "string") return values.get(word.part) ?? zero;
    if (word !== "(") return parseDecimal(word);
    const inner = whole();
    at += 1;
    return inner;
  };
  return whole();
}
