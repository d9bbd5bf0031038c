import type { WidgetType } from "#contracts/widgets.ts";

/** Equal for widgets that show the same numbers, wherever they stand and whatever they are called. */
export const settingsKey = ({ type, cfg }: { type: WidgetType; cfg: Record<string, unknown> }): string =>
  JSON.stringify([type, Object.entries(cfg).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))]);
