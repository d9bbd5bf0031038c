import { type Rect, type WidgetType, widgetTypes } from "#contracts/widgets.ts";
import { type Breakpoint, byPlace, clampRect, compactLayout, mostRows } from "../layout.ts";
import { widgetSizes } from "./sizes.ts";

/** A widget that can be shown: whatever a document holds, this is complete and within bounds. */
export interface LiveWidget {
  id: string;
  type: WidgetType;
  /** Empty: the type's own title. */
  title: string;
  /** As stored; the widget's type reads it. */
  cfg: Record<string, unknown>;
  rect: Record<Breakpoint, Rect>;
  /** Reading order, where places do not say it; sorts as text. */
  ord: string;
}

const mostTitle = 200;

/**
 * The widgets of a projection as they are drawn: complete, on a grid without gaps and overlaps, in reading order. A key that is
 * missing or cannot be used counts as its default; what has no type that we know, and what is deleted, is left out.
 */
export function readWidgets(stored: Readonly<Record<string, unknown>>): LiveWidget[] {
  const widgets = Object.entries(stored)
    .flatMap(([id, value]) => readWidget(id, value) ?? [])
    .sort((a, b) => compareText(a.ord, b.ord) || compareText(a.id, b.id));
  const places = {
    lg: compactLayout(
      widgets.map(({ id, rect }) => ({ id, rect: rect.lg })),
      "lg",
    ),
    sm: compactLayout(
      widgets.map(({ id, rect }) => ({ id, rect: rect.sm })),
      "sm",
    ),
  };
  return widgets
    .map((widget) => ({
      ...widget,
      rect: {
        lg: places.lg.get(widget.id) ?? widget.rect.lg,
        sm: places.sm.get(widget.id) ?? widget.rect.sm,
      },
    }))
    .sort((a, b) => byPlace({ rect: a.rect.lg }, { rect: b.rect.lg }));
}

function readWidget(id: string, value: unknown): LiveWidget | null {
  if (!isRecord(value) || (value.del !== null && value.del !== undefined)) return null;
  const type = widgetTypes.find((known) => known === value.type);
  if (!type) return null;
  const rect = isRecord(value.rect) ? value.rect : {};
  return {
    id,
    type,
    ord: typeof value.ord === "string" ? value.ord : "",
    title: typeof value.title === "string" ? [...value.title].slice(0, mostTitle).join("") : "",
    cfg: isRecord(value.cfg) ? value.cfg : {},
    rect: { lg: readRect(rect.lg, type, "lg"), sm: readRect(rect.sm, type, "sm") },
  };
}

/** Without a place of its own a widget goes under all others. */
function readRect(value: unknown, type: WidgetType, breakpoint: Breakpoint): Rect {
  const numbers = Array.isArray(value) ? value.map(Number) : [];
  const [x, y, w, h] = numbers;
  if (
    x === undefined ||
    y === undefined ||
    w === undefined ||
    h === undefined ||
    !numbers.every(Number.isFinite)
  )
    return [0, mostRows.y, ...widgetSizes[type][breakpoint]];
  return clampRect([x, y, w, h], breakpoint);
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
