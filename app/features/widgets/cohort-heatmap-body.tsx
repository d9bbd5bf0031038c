import { CohortTable } from "../cohorts/cohort-table.tsx";
import type { BodyProps } from "./body.ts";

export const CohortHeatmapBody = ({ title, view, size }: BodyProps<"cohort_heatmap">) => (
  <CohortTable title={title} view={view} height={size.height} />
);
