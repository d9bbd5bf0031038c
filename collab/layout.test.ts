import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Rect } from "#contracts/widgets.ts";
import { compactLayout, freePlace, gridColumns } from "./layout.ts";

const any = fc.oneof(fc.integer({ min: -5, max: 40 }), fc.constantFrom(Number.NaN, 1e9, 2.5));
const items = fc
  .array(fc.tuple(any, any, any, any), { maxLength: 24 })
  .map((rects) => rects.map((rect, index) => ({ id: `w${index}`, rect: rect as Rect })));
const overlap = ([ax, ay, aw, ah]: Rect, [bx, by, bw, bh]: Rect) =>
  ax < bx + bw && bx < ax + aw && ay < by + bh && by < ay + ah;

describe("a layout", () => {
  test("of any rectangles has no overlap, stays in its columns, and is the same again when it is laid out again", () => {
    fc.assert(
      fc.property(items, fc.constantFrom("lg", "sm"), (given, breakpoint) => {
        const placed = [...compactLayout(given, breakpoint)];
        expect(placed).toHaveLength(given.length);
        for (const [index, [, rect]] of placed.entries()) {
          const [x, y, w, h] = rect;
          expect([x >= 0, y >= 0, w >= 1, h >= 1, x + w <= gridColumns[breakpoint]]).not.toContain(false);
          for (const [, other] of placed.slice(index + 1)) expect(overlap(rect, other)).toBe(false);
        }
        const again = compactLayout(
          placed.map(([id, rect]) => ({ id, rect })),
          breakpoint,
        );
        expect([...again]).toEqual(placed);
      }),
      { numRuns: 60 },
    );
  });

  test("closes gaps upwards and lets what overlaps slide down", () => {
    const placed = compactLayout(
      [
        { id: "late", rect: [0, 9, 6, 2] },
        { id: "first", rect: [0, 0, 6, 3] },
        { id: "over", rect: [2, 1, 6, 3] },
      ],
      "lg",
    );
    expect(Object.fromEntries(placed)).toEqual({
      first: [0, 0, 6, 3],
      over: [2, 3, 6, 3],
      late: [0, 6, 6, 2],
    });
  });

  test("a new card goes to the first place that is free", () => {
    expect(freePlace([[0, 0, 6, 3]], [4, 3], "lg")).toEqual([6, 0, 4, 3]);
    expect(freePlace([[0, 0, 12, 3]], [4, 3], "lg")).toEqual([0, 3, 4, 3]);
    expect(freePlace([], [8, 9], "sm")).toEqual([0, 0, 4, 9]);
  });
});
