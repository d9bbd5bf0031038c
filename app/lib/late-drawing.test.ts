import { afterEach, expect, test, vi } from "vitest";
import { beginLateDrawing, endLateDrawing, whenAllDrawn } from "./late-drawing.ts";

afterEach(endLateDrawing);

/** What a commit does is over, with what it left for right after. */
const committed = () => Promise.resolve();

test("a change that is drawn at once is looked at after its commit", async () => {
  const look = vi.fn();
  whenAllDrawn(look);
  expect(look).not.toHaveBeenCalled();
  await committed();
  expect(look).toHaveBeenCalledTimes(1);
});

test("a change that is drawn in two steps is looked at after the second, though the first began later in the commit", async () => {
  const look = vi.fn();
  whenAllDrawn(look);
  beginLateDrawing();
  await committed();
  expect(look).not.toHaveBeenCalled();
  endLateDrawing();
  expect(look).toHaveBeenCalledTimes(1);
  endLateDrawing();
  expect(look).toHaveBeenCalledTimes(1);
});
