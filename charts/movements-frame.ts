import { type MovementPart, type MovementsView, movementParts } from "#contracts/widgets.ts";
import { niceScale } from "./axis.ts";
import type { Size } from "./figure.tsx";
import { plotMargin } from "./plot.tsx";

/** Bars read from zero outwards in this order. */
const stackOrder: readonly MovementPart[] = [
  "new",
  "expansion",
  "reactivation",
  "contraction",
  "churn",
  "fx",
];

/** The parts that occur at all; exchange rates stay out where there is one currency. */
export const movementPartsOf = (view: MovementsView): MovementPart[] =>
  movementParts.filter(
    (part) => part !== "fx" || view.points.some((point) => Number(point.parts.fx ?? 0) !== 0),
  );

/** What the movements chart is laid out by; what lies over it (tooltips) fits by the same numbers. */
export function movementsFrame(view: MovementsView, size: Size, hidden: readonly MovementPart[]) {
  const allParts = movementPartsOf(view);
  const parts = stackOrder.filter((part) => allParts.includes(part) && !hidden.includes(part));
  const sums = view.points.map((point) => {
    const values = parts.map((part) => Number(point.parts[part] ?? 0));
    return {
      gain: values.reduce((sum, one) => sum + Math.max(0, one), 0),
      loss: values.reduce((sum, one) => sum + Math.min(0, one), 0),
    };
  });
  const scale = niceScale(
    Math.min(0, ...sums.map(({ loss }) => loss)),
    Math.max(0, ...sums.map(({ gain }) => gain)),
    Math.max(3, Math.round(size.height / 44)),
  );
  return { allParts, parts, sums, scale, margin: plotMargin(scale) };
}
