import { describe, expect, test } from "vitest";
import { isLiveHandle, liveOn } from "../../lib/live-handle.ts";
import { changeWords } from "./change-words.ts";
import { retryDelay } from "./retry-delay.ts";
import { changedNumbers, type ShownNumber } from "./shown-numbers.ts";

const number = (value: string, text: string, title: string | null = null): ShownNumber => ({
  element: {} as Element,
  value,
  text,
  title,
});
const shown = (numbers: Record<string, ShownNumber>) => new Map(Object.entries(numbers));
const words = (before: Record<string, ShownNumber>, after: Record<string, ShownNumber>) =>
  changeWords(changedNumbers(shown(before), shown(after)), new Set(["metrics"]));

describe("what changed before the reader's eyes", () => {
  test("is told by the first number that has a name, and how many more there are", () => {
    const before = { a: number("1", "1"), arr: number("12", "$12", "ARR"), mrr: number("1", "$1", "MRR") };
    expect(words(before, before)).toBeNull();
    expect(words(before, { ...before, arr: number("24", "$24", "ARR") })).toBe("ARR $12 → $24");
    expect(
      words(before, { a: number("2", "2"), arr: number("24", "$24", "ARR"), mrr: number("2", "$2", "MRR") }),
    ).toBe("ARR $12 → $24, and 2 more numbers");
  });

  test("says of a change that is too small for how it is written that it is one", () => {
    expect(words({ arr: number("1.1", "$1M", "ARR") }, { arr: number("1.2", "$1M", "ARR") })).toBe(
      "ARR moved a little",
    );
  });

  test("counts numbers without a name, and leaves out what came or went", () => {
    const before = { a: number("1", "1"), b: number("1", "1") };
    expect(words(before, { a: number("2", "2"), c: number("9", "9") })).toBe("1 number changed");
    expect(words(before, { c: number("9", "9") })).toBeNull();
  });

  test("is said of annotations and segments where no number moved", () => {
    expect(changeWords([], new Set(["annotations"]))).toBe("Annotations were changed");
    expect(changeWords([], new Set(["segments"]))).toBe("Segments were changed");
    expect(changeWords([], new Set(["uploads"]))).toBeNull();
  });
});

describe("a page's handle", () => {
  test("says after which events its data may be another", () => {
    const handle = liveOn("metrics", "annotations");
    expect(isLiveHandle(handle)).toBe(true);
    expect(handle.live({ topic: "metrics", keys: {} }, {})).toBe(true);
    expect(handle.live({ topic: "uploads", keys: {} }, {})).toBe(false);
    for (const other of [undefined, null, {}, { live: true }]) expect(isLiveHandle(other)).toBe(false);
  });
});

describe("the delay before another try", () => {
  test("security row 28: spreads a thousand pages over all of its turn, and the turns grow to half a minute", () => {
    const spread = (attempt: number) => Array.from({ length: 1_000 }, () => retryDelay(attempt));
    for (const [attempt, most] of [
      [0, 500],
      [3, 4_000],
      [50, 30_000],
    ] as const) {
      const delays = spread(attempt);
      expect(Math.max(...delays)).toBeLessThanOrEqual(most);
      const quarters = [0, 1, 2, 3].map(
        (quarter) => delays.filter((delay) => Math.floor((delay / most) * 4) === quarter).length,
      );
      for (const count of quarters) expect(count).toBeGreaterThan(150);
    }
  });
});
