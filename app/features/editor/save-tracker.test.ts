import { expect, test } from "vitest";
import { createSaveTracker } from "./save-tracker.ts";

test("an edit is saved when its frame and all before it are acknowledged", () => {
  const tracker = createSaveTracker(() => {});
  expect(tracker.state()).toBe("offline");
  tracker.opened();
  tracker.sent();
  tracker.acknowledged(1);
  expect(tracker.state()).toBe("saved");
  tracker.edited();
  tracker.sent();
  tracker.sent();
  tracker.acknowledged(2);
  expect(tracker.state()).toBe("saving");
  tracker.acknowledged(3);
  expect(tracker.state()).toBe("saved");
});

test("what was edited offline is unsaved until the first frames of the next connection are acknowledged", () => {
  let changes = 0;
  const tracker = createSaveTracker(() => changes++);
  tracker.opened();
  tracker.sent();
  tracker.acknowledged(1);
  tracker.closed();
  tracker.edited();
  expect([tracker.state(), tracker.isUnsaved()]).toEqual(["offline", true]);
  tracker.opened();
  // nothing was sent yet: there is nothing to be acknowledged
  tracker.acknowledged(0);
  expect(tracker.state()).toBe("saving");
  tracker.sent();
  tracker.acknowledged(1);
  expect([tracker.state(), tracker.isUnsaved()]).toEqual(["saved", false]);
  expect(changes).toBe(5);
});

test("a connection that is lost before the acknowledgement leaves the edit unsaved", () => {
  const tracker = createSaveTracker(() => {});
  tracker.opened();
  tracker.edited();
  tracker.sent();
  tracker.closed();
  tracker.opened();
  expect(tracker.state()).toBe("saving");
});
