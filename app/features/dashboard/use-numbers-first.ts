import { startTransition, useEffect, useLayoutEffect, useState } from "react";
import { beginLateDrawing, endLateDrawing } from "../../lib/late-drawing.ts";
import type { ShownWidget } from "./merge-widgets.ts";

/** The server does not lay out, and says so loudly. */
const useLayout = typeof document === "undefined" ? useEffect : useLayoutEffect;

/**
 * Of cards that changed, those of one number are drawn at once and all others right after: charts and tables take several times as
 * long to draw, and nobody should wait for them to see that a number moved.
 */
export function useNumbersFirst(widgets: readonly ShownWidget[]): readonly ShownWidget[] {
  const [drawn, setDrawn] = useState(widgets);
  const isLate = drawn !== widgets;
  useLayout(() => {
    if (isLate) beginLateDrawing();
    else endLateDrawing();
  }, [isLate]);
  useEffect(() => endLateDrawing, []);
  useEffect(() => {
    if (isLate) startTransition(() => setDrawn(widgets));
  }, [isLate, widgets]);
  return isLate ? numbersOf(widgets, drawn) : widgets;
}

/** The cards of one number as they are now, and all others as they were `before`, or as they are where they were not. */
export function numbersOf(
  widgets: readonly ShownWidget[],
  before: readonly ShownWidget[],
): readonly ShownWidget[] {
  const known = new Map(before.map((widget) => [widget.id, widget]));
  return widgets.map((widget) => (widget.type === "kpi" ? widget : (known.get(widget.id) ?? widget)));
}
