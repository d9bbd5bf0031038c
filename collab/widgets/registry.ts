import type { WidgetType } from "#contracts/widgets.ts";
import { cohortHeatmap, retentionTable } from "./cohorts.ts";
import { composition } from "./composition.ts";
import type { WidgetDefinition } from "./define.ts";
import { kpi } from "./kpi.ts";
import { movements } from "./movements.ts";
import { series } from "./series.ts";
import { topCustomers } from "./top-customers.ts";

/** Every widget type: its settings, default size, queries, and what becomes of their answers. */
export const widgetRegistry = {
  kpi,
  series,
  movements,
  composition,
  top_customers: topCustomers,
  cohort_heatmap: cohortHeatmap,
  retention_table: retentionTable,
} satisfies { [Type in WidgetType]: WidgetDefinition<Type> };
