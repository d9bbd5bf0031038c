import { describe, expect, test } from "vitest";
import type { Rect } from "#contracts/widgets.ts";
import { boxOf, nudge, resize } from "./grid-geometry.ts";

const places = new Map<string, Rect>([
  ["a", [0, 0, 6, 3]],
  ["b", [6, 0, 6, 3]],
  ["c", [0, 3, 12, 4]],
]);
const after = (moved: ReadonlyMap<string, Rect>) => Object.fromEntries(moved);

describe("moving a card by keyboard", () => {
  test("down goes past the next card, up goes back", () => {
    const down = nudge(places, "a", [0, 1], "lg");
    expect(after(down)).toEqual({ b: [6, 0, 6, 3], c: [0, 3, 12, 4], a: [0, 7, 6, 3] });
    expect(after(nudge(down, "a", [0, -1], "lg"))).toEqual(after(places));
  });

  test("sideways goes by a column, and what is in the way makes room", () => {
    expect(after(nudge(places, "a", [1, 0], "lg"))).toMatchObject({ a: [1, 0, 6, 3], b: [6, 3, 6, 3] });
  });

  test("stops at the edges of the grid, and of the dashboard", () => {
    expect(nudge(places, "a", [-1, 0], "lg")).toBe(places);
    expect(nudge(places, "b", [1, 0], "lg")).toBe(places);
    expect(nudge(places, "a", [0, -1], "lg")).toBe(places);
    expect(nudge(places, "c", [0, 1], "lg")).toBe(places);
    expect(nudge(places, "gone", [0, 1], "lg")).toBe(places);
  });

  test("a card is resized within the grid", () => {
    expect(after(resize(places, "a", [-2, 1], "lg"))).toMatchObject({ a: [0, 0, 4, 4], c: [0, 4, 12, 4] });
    expect(resize(places, "b", [5, -50], "lg").get("b")).toEqual([6, 0, 6, 2]);
  });
});

test("boxes are those of the style sheet's grid", () => {
  expect(boxOf([0, 0, 12, 1], 1200, 12)).toEqual({ left: 0, top: 0, width: 1200, height: 32 });
  expect(boxOf([6, 2, 3, 2], 1200, 12)).toEqual({ left: 606, top: 88, width: 291, height: 76 });
});
