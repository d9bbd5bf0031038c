import type { WidgetType } from "#contracts/widgets.ts";
import type { Bodies, Body } from "./body.ts";

/** Where the code of each widget's content comes from: a chunk of its own, so that the first page carries none of it. */
const loaders: { [Type in WidgetType]: () => Promise<Body<Type>> } = {
  kpi: () => import("./kpi-body.tsx").then((module) => module.KpiBody),
  series: () => import("./series-body.tsx").then((module) => module.SeriesBody),
  movements: () => import("./movements-body.tsx").then((module) => module.MovementsBody),
  composition: () => import("./composition-body.tsx").then((module) => module.CompositionBody),
  top_customers: () => import("./top-customers-body.tsx").then((module) => module.TopCustomersBody),
  cohort_heatmap: () => import("./cohort-heatmap-body.tsx").then((module) => module.CohortHeatmapBody),
  retention_table: () => import("./retention-table-body.tsx").then((module) => module.RetentionTableBody),
};

/** What has come so far. The server has everything from the start (server-bodies.ts). */
const loaded: Partial<Bodies> = {};

export const findBody = <Type extends WidgetType>(type: Type): Body<Type> | null => loaded[type] ?? null;

export function provideBodies(bodies: Partial<Bodies>): void {
  Object.assign(loaded, bodies);
}

export async function loadBody<Type extends WidgetType>(type: Type): Promise<Body<Type>> {
  const body = await loaders[type]();
  provideBodies({ [type]: body });
  return body;
}
