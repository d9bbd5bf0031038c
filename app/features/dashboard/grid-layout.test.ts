import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { bodySize, gridGap, gridRow, gridWidthCookie, gridWidthOf, wideFrom } from "./grid-layout.ts";

const css = readFileSync(new URL("./grid.css", import.meta.url), "utf8");

test("the style sheet and the layout agree on rows, gaps and the breakpoint", () => {
  expect(css).toContain(`grid-auto-rows: ${gridRow}px`);
  expect(css).toContain(`gap: ${gridGap}px`);
  expect(css).toContain(`(min-width: ${wideFrom}px)`);
});

describe("the width that the server draws for", () => {
  test("is that of the last visit", () => {
    const cookie = `theme=dark; ${gridWidthCookie(1412.4).split(";")[0]}`;
    expect(gridWidthOf(new Headers({ cookie }))).toBe(1412);
  });

  test("without one is a desktop's, or a phone's where the browser says so", () => {
    expect(gridWidthOf(new Headers())).toBe(993);
    expect(gridWidthOf(new Headers({ "user-agent": "Mozilla/5.0 (iPhone) Mobile/15E148" }))).toBe(358);
    expect(gridWidthOf(new Headers({ cookie: "grid=99999" }))).toBe(993);
  });
});

test("a body is what the card leaves under its head, on wide screens and on phones", () => {
  const rect = { lg: [0, 0, 8, 7], sm: [0, 0, 4, 8] } as const;
  expect(bodySize(rect, 993)).toEqual({ width: 624, height: 236 });
  expect(bodySize(rect, 358)).toEqual({ width: 324, height: 280 });
});
