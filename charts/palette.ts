import type { MovementPart } from "#contracts/widgets.ts";

/**
 * Every colour a chart may use. Charts take a palette and know no theme: on the page it holds CSS variables (a theme switch recolours
 * without a render), in exports and PDFs resolved values (an SVG file and svg-to-pdfkit know no variables).
 */
export interface Palette {
  surface: string;
  line: string;
  ink: string;
  ink2: string;
  /** Axis labels and other secondary text. */
  ink3: string;
  /** Lines and sparklines. */
  stroke: string;
  /** Lines side by side; the first is `stroke`. Marks tell them apart as well. */
  lines: readonly string[];
  positive: string;
  negative: string;
  movements: Record<MovementPart, string>;
  /** Parts of a whole, from the largest. */
  parts: readonly string[];
  /** What has no value, and what is too small to be told apart. */
  rest: string;
  /** One hue in even steps: a cell's fill, its text colour (contrast ≥ 4.5), and both for a running period. */
  heat: readonly { fill: string; ink: string; running: string; runningInk: string }[];
}

/** The design tokens that charts read (app/styles/tokens.css); a test keeps the values below equal to that file. */
const lightTokens = {
  surface: "#ffffff",
  line: "#e6e6ea",
  ink: "#17171c",
  "ink-2": "#4b4b55",
  "ink-3": "#6a6a75",
  positive: "#0b7a70",
  negative: "#c81e4a",
  "chart-new": "#4f46e5",
  "chart-expansion": "#0d9488",
  "chart-reactivation": "#0ea5e9",
  "chart-contraction": "#f59e0b",
  "chart-churn": "#e11d48",
  "chart-fx": "#8d8d99",
  "chart-line": "#4f46e5",
  "chart-line-2": "#b45309",
  "chart-line-3": "#0f766e",
  "chart-line-4": "#be185d",
  "heat-0": "#f1f1fd",
  "heat-1": "#e0e0fb",
  "heat-2": "#cbcaf6",
  "heat-3": "#b3b1f0",
  "heat-4": "#9a97ea",
  "heat-5": "#8480e0",
  "heat-6": "#655fd6",
  "heat-7": "#544dc4",
  "heat-8": "#453eac",
  "heat-9": "#372f93",
  "heat-ink-low": "#17171c",
  "heat-ink-high": "#ffffff",
};
export type TokenName = keyof typeof lightTokens;
export type Tokens = Record<TokenName, string>;

const darkTokens: Tokens = {
  surface: "#131317",
  line: "#26262c",
  ink: "#f4f4f6",
  "ink-2": "#b9b9c3",
  "ink-3": "#92929e",
  positive: "#2dd4bf",
  negative: "#fb7d91",
  "chart-new": "#818cf8",
  "chart-expansion": "#2dd4bf",
  "chart-reactivation": "#38bdf8",
  "chart-contraction": "#fbbf24",
  "chart-churn": "#fb7185",
  "chart-fx": "#92929e",
  "chart-line": "#818cf8",
  "chart-line-2": "#fbbf24",
  "chart-line-3": "#2dd4bf",
  "chart-line-4": "#f472b6",
  "heat-0": "#1a1a28",
  "heat-1": "#222139",
  "heat-2": "#2b2a4e",
  "heat-3": "#353363",
  "heat-4": "#413e7c",
  "heat-5": "#4e4b97",
  "heat-6": "#6f74d8",
  "heat-7": "#7f88f2",
  "heat-8": "#929cf9",
  "heat-9": "#a9b2fc",
  "heat-ink-low": "#f4f4f6",
  "heat-ink-high": "#0c0c0f",
};

export const heatSteps = 10;
/** From this step on the text is the high ink. */
const inkFlip = 6;
const partShares = [1, 0.8, 0.62, 0.47, 0.34, 0.23, 0.15];

type Mix = (color: string, other: string, share: number) => string;

function paletteOf(token: (name: TokenName) => string, mix: Mix): Palette {
  const heatToken = (step: number): string => {
    const name = `heat-${step}`;
    return isTokenName(name) ? token(name) : token("heat-0");
  };
  return {
    surface: token("surface"),
    line: token("line"),
    ink: token("ink"),
    ink2: token("ink-2"),
    ink3: token("ink-3"),
    stroke: token("chart-line"),
    lines: [token("chart-line"), token("chart-line-2"), token("chart-line-3"), token("chart-line-4")],
    positive: token("positive"),
    negative: token("negative"),
    movements: {
      new: token("chart-new"),
      expansion: token("chart-expansion"),
      reactivation: token("chart-reactivation"),
      contraction: token("chart-contraction"),
      churn: token("chart-churn"),
      fx: token("chart-fx"),
    },
    parts: partShares.map((share) =>
      share === 1 ? token("chart-new") : mix(token("chart-new"), token("surface"), share),
    ),
    rest: token("chart-fx"),
    heat: Array.from({ length: heatSteps }, (_, step) => ({
      fill: heatToken(step),
      ink: token(step < inkFlip ? "heat-ink-low" : "heat-ink-high"),
      running: mix(heatToken(step), token("surface"), 0.36),
      runningInk: token("ink"),
    })),
  };
}

const isTokenName = (name: string): name is TokenName => name in lightTokens;
export const tokenNames: readonly TokenName[] = Object.keys(lightTokens).filter(isTokenName);

const channels = (hex: string): number[] => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));

/** `share` of `color` over `other`, as CSS color-mix in srgb does it. Colours as `#rrggbb`. */
export const mixHex: Mix = (color, other, share) => {
  const under = channels(other);
  return `#${channels(color)
    .map((value, index) => Math.round(value * share + (under[index] ?? 0) * (1 - share)))
    .map((value) => value.toString(16).padStart(2, "0"))
    .join("")}`;
};

const mixCss: Mix = (color, other, share) =>
  `color-mix(in srgb, ${color} ${Math.round(share * 100)}%, ${other})`;

/** For the page: CSS variables. */
export const cssPalette: Palette = paletteOf((name) => `var(--${name})`, mixCss);

/** For files: resolved colours from `#rrggbb` tokens, e.g. those that the reader's theme has now. */
export const resolvedPalette = (tokens: Tokens): Palette => paletteOf((name) => tokens[name], mixHex);

export const lightPalette: Palette = resolvedPalette(lightTokens);
export const darkPalette: Palette = resolvedPalette(darkTokens);
