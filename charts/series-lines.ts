import { segmentColorOrder } from "#contracts/segment-colors.ts";
import type { SeriesPoint, SeriesView } from "#contracts/widgets.ts";

/** What a series chart draws of one metric: one line, or one per segment that is compared. */
export interface DrawnLine {
  id: string;
  name: string;
  points: readonly SeriesPoint[];
  /** Which colour of `palette.lines`. */
  color: number;
  /** Which mark its points have; 0 where there is one line. */
  mark: number;
}

/** The lines of a metric in the order of the legend. Marks are by place, so that equal colours are still told apart. */
export function drawnLines(view: SeriesView, line: SeriesView["lines"][number]): DrawnLine[] {
  if (!view.segments) return [{ id: line.metric, name: line.name, points: line.points, color: 0, mark: 0 }];
  const all = [line.points, ...(line.others ?? [])];
  return view.segments.map((segment, index) => ({
    id: segment.id,
    name: segment.name,
    points: all[index] ?? [],
    color: segment.color === null ? index : segmentColorOrder.indexOf(segment.color),
    mark: index + 1,
  }));
}
