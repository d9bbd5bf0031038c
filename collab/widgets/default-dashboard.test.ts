import { expect, test } from "vitest";
import { widgetTypes } from "#contracts/widgets.ts";
import { gridColumns } from "../layout.ts";
import { defaultDashboard } from "./default-dashboard.ts";
import { widgetRegistry } from "./registry.ts";
import { widgetSchema } from "./widget.ts";

const widgets = Object.entries(defaultDashboard().widgets);

test("every widget fits the schema of a stored one and the settings of its type", () => {
  for (const [, widget] of widgets) {
    expect(widgetSchema.parse(widget)).toEqual(widget);
    expect(() => widgetRegistry[widget.type].cfg.parse(widget.cfg)).not.toThrow();
  }
});

test("every widget type is on it, every metric once", () => {
  expect(new Set(widgets.map(([, { type }]) => type))).toEqual(new Set(widgetTypes));
  const metrics = widgets.filter(([, { type }]) => type === "kpi").map(([, { cfg }]) => cfg.metric);
  expect(new Set(metrics).size).toBe(metrics.length);
});

test.each(["lg", "sm"] as const)("no two widgets overlap, and none leaves the grid (%s)", (screen) => {
  const taken = new Map<string, string>();
  for (const [id, widget] of widgets) {
    const [x, y, w, h] = widget.rect[screen];
    expect(x + w).toBeLessThanOrEqual(gridColumns[screen]);
    for (let column = x; column < x + w; column++)
      for (let row = y; row < y + h; row++) {
        const cell = `${column},${row}`;
        expect(taken.get(cell), `${id} at ${cell}`).toBeUndefined();
        taken.set(cell, id);
      }
  }
});
