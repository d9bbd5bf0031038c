import type { Bodies } from "./body.ts";
import { provideBodies } from "./body-loaders.ts";
import { CohortHeatmapBody } from "./cohort-heatmap-body.tsx";
import { CompositionBody } from "./composition-body.tsx";
import { KpiBody } from "./kpi-body.tsx";
import { MovementsBody } from "./movements-body.tsx";
import { RetentionTableBody } from "./retention-table-body.tsx";
import { SeriesBody } from "./series-body.tsx";
import { TopCustomersBody } from "./top-customers-body.tsx";

/** For entry.server.tsx alone: the server draws every widget in the first answer, without waiting for chunks. */
export function provideServerBodies(): void {
  provideBodies({
    kpi: KpiBody,
    series: SeriesBody,
    movements: MovementsBody,
    composition: CompositionBody,
    top_customers: TopCustomersBody,
    cohort_heatmap: CohortHeatmapBody,
    retention_table: RetentionTableBody,
  } satisfies Bodies);
}
