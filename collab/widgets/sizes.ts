import type { WidgetType } from "#contracts/widgets.ts";
import type { Breakpoint } from "../layout.ts";

type Size = readonly [w: number, h: number];

/** Default width and height in grid units. */
export const widgetSizes: Record<WidgetType, Record<Breakpoint, Size>> = {
  kpi: { lg: [2, 3], sm: [2, 3] },
  series: { lg: [8, 6], sm: [4, 7] },
  movements: { lg: [8, 7], sm: [4, 8] },
  composition: { lg: [4, 7], sm: [4, 7] },
  top_customers: { lg: [4, 9], sm: [4, 9] },
  cohort_heatmap: { lg: [8, 9], sm: [4, 9] },
  retention_table: { lg: [8, 9], sm: [4, 9] },
};
