import { expect, test } from "vitest";
import { createAsking } from "./asking.ts";

const [before, after] = [{}, {}];

test("an answer that is quicker than React's commit is noticed by its data, and the next question may be asked", () => {
  const asking = createAsking<string>();
  asking.begin("first", before);
  // no commit ever showed that the page was asking
  expect(asking.committed(true, after)).toBe("first");
  expect(asking.isOpen).toBe(false);
  asking.begin("second", after);
  expect(asking.committed(true, before)).toBe("second");
});

test("a page that was shown asking has its answer when it is free again, with the same data too", () => {
  const asking = createAsking<string>();
  asking.begin("first", before);
  expect(asking.committed(false, before)).toBeNull();
  expect(asking.committed(false, after)).toBeNull();
  expect(asking.committed(true, before)).toBe("first");
  expect(asking.committed(true, after)).toBeNull();
});

test("what is drawn anew for another reason is no answer", () => {
  const asking = createAsking<string>();
  expect(asking.committed(true, before)).toBeNull();
  asking.begin("first", before);
  expect(asking.committed(true, before)).toBeNull();
  expect(asking.isOpen).toBe(true);
});
