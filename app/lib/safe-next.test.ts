import { expect, test } from "vitest";
import { safeNext } from "./safe-next.ts";

test("a path of this site is kept with its query", () => {
  expect(safeNext("/uploads/1?tab=errors")).toBe("/uploads/1?tab=errors");
});

test.each([
  "//evil.example",
  "/\\evil.example",
  "https:evil.example",
  "https://evil.example",
  "/%2f%2fevil.example/..//x",
  "/%2fevil.example",
  "/%5cevil.example",
  "javascript:alert(1)",
  "/x\r\nSet-Cookie: a=b",
  "/\tevil",
  "@evil.example",
  "",
  null,
])("%s falls to the start page", (next) => {
  expect(safeNext(next)).toBe("/");
});
