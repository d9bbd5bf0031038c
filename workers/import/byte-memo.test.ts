import { expect, test } from "vitest";
import { createByteMemo } from "./byte-memo.ts";

function counted() {
  const asked: string[] = [];
  const memo = createByteMemo((text) => {
    asked.push(text);
    return `<${text}>`;
  });
  const find = (text: string) => {
    const bytes = Buffer.from(`,${text},`);
    return memo.find(bytes, 1, bytes.length - 1);
  };
  return { asked, find };
}

test("a text is judged once, wherever it stands", () => {
  const { asked, find } = counted();
  for (const text of ["EUR", "USD", "EUR", "EURO", "", "USD", ""]) expect(find(text)).toBe(`<${text}>`);
  expect(asked).toEqual(["EUR", "USD", "EURO", ""]);
});

test("more texts than can be remembered, and longer ones, are still told right", () => {
  const { asked, find } = counted();
  for (let n = 0; n < 40_000; n += 1) expect(find(String(n))).toBe(`<${n}>`);
  expect(find("39999")).toBe("<39999>");
  // those that found no place near theirs are asked for again
  expect(asked.length).toBeLessThan(40_100);
  const long = "x".repeat(33);
  expect([find(long), find(long)]).toEqual([`<${long}>`, `<${long}>`]);
});

test("texts of one hash are told apart, and cost no more than a few looks", () => {
  const { find } = counted();
  // "Aa" and "BB" have one hash of this kind: so have all words made of them
  const words = Array.from({ length: 1_024 }, (_, n) =>
    Array.from({ length: 10 }, (_, bit) => ((n >> bit) & 1 ? "Aa" : "BB")).join(""),
  );
  for (const word of [...words, ...words]) expect(find(word)).toBe(`<${word}>`);
});
