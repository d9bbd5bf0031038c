import { describe, expect, test } from "vitest";
import type { Expression } from "#metrics/segments.ts";
import {
  type DraftRow,
  draftOf,
  expressionOf,
  expressionOfFilter,
  incompleteRows,
  withNode,
} from "./expression-draft.ts";
import { describeExpression } from "./segment-words.ts";

const plan = { key: "plan", op: "is", values: ["Scale", "Growth"] } as const;
const country = { key: "country", op: "is_not", values: ["DE"] } as const;
const size = { key: "size", op: "at_least", values: ["500"] } as const;
const nested: Expression = { all: [plan, { any: [country, size] }] };

describe("a segment in words", () => {
  test("says all of it, with groups in brackets", () => {
    expect(describeExpression(nested, "USD")).toBe(
      "Plan is Scale or Growth, and (Country is not DE, or MRR is at least $500)",
    );
    expect(describeExpression({ any: [{ all: [plan] }] }, "USD")).toBe("Plan is Scale or Growth");
    expect(describeExpression({ key: "tenure", op: "is", values: ["0-3", "3-6", ""] }, "USD")).toBe(
      "Tenure is Under 3 months, 3 to 6 months or Never paid",
    );
    expect(describeExpression({ key: "tenure", op: "at_most", values: ["1"] }, "USD")).toBe(
      "Tenure is at most 1 month",
    );
    const many = { key: "attr.Team", op: "is", values: ["a", "b", "c", "d", "e", "f", "g"] } as const;
    expect(describeExpression(many, "USD")).toBe("Team is a, b, c, d, e or 2 more");
  });
});

describe("a draft", () => {
  test("comes back as the expression that it was made of", () => {
    expect(expressionOf(draftOf(nested))).toEqual(nested);
    expect(expressionOf(draftOf(plan))).toEqual({ all: [plan] });
    expect(expressionOf(draftOf(null))).toBeNull();
  });

  test("leaves out what is not complete, and groups that are then empty", () => {
    const empty: DraftRow = { id: "x", key: "plan", op: "is", values: [] };
    const draft = draftOf(nested);
    draft.children.push(empty, { id: "y", join: "any", children: [{ ...empty, id: "z" }] });
    expect(expressionOf(draft)).toEqual(nested);
    expect(incompleteRows(draft).map(({ id }) => id)).toEqual(["x", "z"]);
    for (const values of [[], [""], ["-1"], ["1,5"], ["a"]])
      expect(incompleteRows({ ...size, id: "s", values })).toHaveLength(1);
    // "not set" is a value to choose, and no number
    expect(incompleteRows({ ...country, id: "c", values: [""] })).toHaveLength(0);
  });

  test("changes and loses one node at a time, however deep", () => {
    const draft = draftOf(nested);
    const changed = withNode(draft, "n-1-1", (node) => ({ ...node, values: ["900"] }) as DraftRow);
    expect(expressionOf(changed)).toEqual({ all: [plan, { any: [country, { ...size, values: ["900"] }] }] });
    expect(expressionOf(withNode(draft, "n-1", () => null))).toEqual({ all: [plan] });
    expect(expressionOf(draft)).toEqual(nested);
  });
});

test("the filters of a page become a segment, without the segments in them", () => {
  expect(expressionOfFilter({ plan: ["A"], country: ["DE", "US"], segment: ["x"] })).toEqual({
    all: [
      { key: "plan", op: "is", values: ["A"] },
      { key: "country", op: "is", values: ["DE", "US"] },
    ],
  });
  expect(expressionOfFilter({ segment: ["x"] })).toBeNull();
});
