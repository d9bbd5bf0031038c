import type { CompositionView } from "#contracts/widgets.ts";
import type { Palette } from "./palette.ts";

/** A part's colour: by its rank; grey for what has no value and for ranks beyond the palette. */
export const partColor = (palette: Palette, parts: CompositionView["parts"], index: number): string => {
  const part = parts[index];
  if (!part || part.key === null) return palette.rest;
  const rank = parts.slice(0, index).filter(({ key }) => key !== null).length;
  return palette.parts[rank] ?? palette.rest;
};

/** The largest parts, and one that holds the rest; an own key tells it from a part that has no value. */
export function leadingParts(
  parts: CompositionView["parts"],
  limit: number,
): { shown: CompositionView["parts"]; rest: CompositionView["parts"] } {
  if (parts.length <= limit) return { shown: parts, rest: [] };
  return { shown: parts.slice(0, limit - 1), rest: parts.slice(limit - 1) };
}
