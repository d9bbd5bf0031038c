import { expect, test } from "vitest";
import { percentOfShare, sharePercent } from "./share-percent.ts";

test("a margin is typed in per cent and kept as an exact share", () => {
  for (const [percent, share] of [
    ["80", "0.8"],
    ["72.35", "0.7235"],
    ["-5", "-0.05"],
    ["0", "0"],
  ] as const) {
    expect(sharePercent(percent)).toBe(share);
    expect(percentOfShare(share)).toBe(percent);
  }
});

test("what is no number is left for the check to refuse", () => {
  expect(sharePercent("eighty")).toBe("eighty");
  expect(sharePercent("1e2")).toBe("1e2");
});
