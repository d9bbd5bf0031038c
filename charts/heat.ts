import type { CohortHeatmapView } from "#contracts/widgets.ts";
import { heatSteps } from "./palette.ts";

/** The span of rates that the colours of a heatmap tell apart. */
export interface HeatScale {
  low: number;
  high: number;
}

/** From a round tenth below the lowest observed rate up to 100 %, or to the highest where revenue grew beyond it. */
export function heatScale({ cohorts }: Pick<CohortHeatmapView, "cohorts">): HeatScale {
  const rates = cohorts.flatMap(({ cells }) =>
    cells.flatMap((cell) => (cell?.complete && cell.rate !== null ? [cell.rate] : [])),
  );
  if (rates.length === 0) return { low: 0, high: 1 };
  const tenth = (rate: number, round: (value: number) => number) =>
    round(Number((rate * 10).toFixed(6))) / 10;
  return {
    low: Math.min(0.9, Math.max(0, tenth(Math.min(...rates), Math.floor))),
    high: Math.min(2, Math.max(1, tenth(Math.max(...rates), Math.ceil))),
  };
}

/** Which of the palette's heat steps a rate takes; the lowest and the highest hold what lies beyond. */
export function heatStep(rate: number, { low, high }: HeatScale): number {
  const share = (rate - low) / (high - low);
  return Math.min(heatSteps - 1, Math.max(0, Math.round(share * (heatSteps - 1))));
}
