import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  darkPalette,
  heatSteps,
  lightPalette,
  mixHex,
  resolvedPalette,
  type Tokens,
  tokenNames,
} from "./palette.ts";

const css = readFileSync(new URL("../app/styles/tokens.css", import.meta.url), "utf8");
const [lightCss = "", darkCss = ""] = css.split("@variant dark");

const tokensIn = (text: string): Tokens => {
  const found = Object.fromEntries(
    tokenNames.map((name) => [
      name,
      new RegExp(`--${name}:\\s*(#[0-9a-f]{6});`).exec(text)?.[1] ?? "missing",
    ]),
  );
  // The names are the keys of Tokens by construction.
  return found as Tokens;
};

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [hi = 0, lo = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (hi + 0.05) / (lo + 0.05);
}

test("the resolved palettes are the page's tokens", () => {
  expect(lightPalette).toEqual(resolvedPalette(tokensIn(lightCss)));
  expect(darkPalette).toEqual(resolvedPalette(tokensIn(darkCss)));
});

describe.each([
  ["light", lightPalette],
  ["dark", darkPalette],
])("in the %s theme", (_name, palette) => {
  test("text on every heat step has a contrast of 4.5 or more, hatched too", () => {
    expect(palette.heat).toHaveLength(heatSteps);
    for (const step of palette.heat) {
      expect(contrast(step.ink, step.fill)).toBeGreaterThanOrEqual(4.5);
      const stripe = mixHex(step.runningInk, step.running, 0.18);
      expect(contrast(step.runningInk, stripe)).toBeGreaterThanOrEqual(4.5);
    }
  });

  test("labels can be read on the card", () => {
    for (const color of [
      ...[palette.ink, palette.ink2, palette.ink3, palette.positive, palette.negative],
      ...palette.lines.slice(1),
    ])
      expect(contrast(color, palette.surface)).toBeGreaterThanOrEqual(4.5);
  });
});
