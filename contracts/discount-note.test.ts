import { expect, test } from "vitest";
import { discountNote, noteUnder } from "./discount-note.ts";

const parts = [
  "2 × 50 USD",
  discountNote("10 %", "Loyal (old), really", "forever"),
  discountNote("5 USD", "SPRING", "repeating"),
  discountNote("20 %", "WELCOME", "once"),
  "÷ 12",
];
const under = (discounts: Parameters<typeof noteUnder>[1]["discounts"]) =>
  (noteUnder(parts.join(", "), { discounts }) ?? "").match(/\w+: not counted/g) ?? [];

test("a note says which discounts the policy in force does not count", () => {
  expect(under("all")).toEqual([]);
  expect(under("recurring")).toEqual(["once: not counted"]);
  expect(under("forever_only")).toEqual(["months: not counted", "once: not counted"]);
  expect(under("none")).toHaveLength(3);
  expect(noteUnder("1 × 5 USD", { discounts: "none" })).toBe("1 × 5 USD");
  expect(noteUnder(null, { discounts: "none" })).toBeNull();
});
