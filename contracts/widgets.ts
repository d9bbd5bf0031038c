import type { CohortsOutput, Filter, Grain, MetricName, MetricUnit, NullReason } from "./analytics.ts";
import type { SegmentColor } from "./segment-colors.ts";

/**
 * What a widget shows, after its queries were answered and before it is drawn: plain data that the page, the chart renderers, the
 * exports and the reports share. A widget type is one name in every registry (`satisfies Record<WidgetType, …>`).
 */
export const widgetTypes = [
  "kpi",
  "series",
  "movements",
  "composition",
  "top_customers",
  "cohort_heatmap",
  "retention_table",
] as const;
export type WidgetType = (typeof widgetTypes)[number];

/** `[x, y, w, h]` in grid units: 12 columns on wide screens (lg), 4 on phones (sm). */
export type Rect = readonly [x: number, y: number, w: number, h: number];

/** A metric's value as the API gives it: money as a decimal string, the rest as a number. */
export type MetricValue = string | number | null;

export interface SeriesPoint {
  period: string;
  value: MetricValue;
  complete: boolean;
  reason: NullReason | null;
}

/** Whose numbers a line or a second value shows, where segments stand side by side. */
export interface ComparedSegment {
  /** A segment's id; "page" for what the page itself shows, "everyone" for all. */
  id: string;
  name: string;
  color: SegmentColor | null;
}

/** What somebody noted on the time axis, in the period that holds its day. */
export interface AnnotationMark {
  id: string;
  day: string;
  period: string;
  title: string;
  text: string | null;
}

export interface KpiView {
  type: "kpi";
  metric: MetricName;
  name: string;
  definition: string;
  /** The policy that the number follows, and the rules of it that shape this metric, a sentence each. */
  policy: { title: string; rules: string[] };
  unit: MetricUnit;
  currency: string;
  grain: Grain;
  point: SeriesPoint;
  /** Null where there is nothing to compare with. */
  comparison: {
    period: string;
    /** relative: a rate of the earlier value · points: difference of two rates · absolute: difference in the metric's unit. */
    kind: "relative" | "points" | "absolute";
    change: string | number;
    direction: -1 | 0 | 1;
    /** Null where neither direction is good news. */
    good: boolean | null;
  } | null;
  points: SeriesPoint[];
  /** The same of another segment, in the shown period; absent where nothing is compared. */
  compared?: { segment: ComparedSegment; point: SeriesPoint };
  /** The observation day when the shown period still runs, else null. */
  asOf: string | null;
}

export interface SeriesView {
  type: "series";
  grain: Grain;
  currency: string;
  /**
   * The first is shown, the others are a switch away; all have the same periods. Where segments are compared, `points` are of the
   * first of them and `others` of the rest, in their order.
   */
  lines: {
    metric: MetricName;
    name: string;
    unit: MetricUnit;
    points: SeriesPoint[];
    others?: SeriesPoint[][];
  }[];
  /** Absent where nothing is compared. */
  segments?: ComparedSegment[];
  annotations?: AnnotationMark[];
}

export const movementParts = ["new", "expansion", "reactivation", "contraction", "churn", "fx"] as const;
export type MovementPart = (typeof movementParts)[number];

/** Signed money strings; `net` is what customers' changes add up to (without fx). Null: the period cannot be valued (`reason`). */
export interface MovementsPoint {
  period: string;
  complete: boolean;
  parts: Record<MovementPart, string | null>;
  net: string | null;
  reason: NullReason | null;
}

export interface MovementsView {
  type: "movements";
  grain: Grain;
  currency: string;
  points: MovementsPoint[];
  annotations?: AnnotationMark[];
}

export interface CompositionView {
  type: "composition";
  by: string;
  byName: string;
  measure: "arr" | "mrr";
  at: string;
  currency: string;
  total: string | null;
  reason: NullReason | null;
  parts: { key: string | null; amount: string; share: number | null; customers: number }[];
  /** What the parts leave out, where there are too many for a page. */
  others: { count: number; amount: string; share: number; customers: number } | null;
}

export interface TopCustomersView {
  type: "top_customers";
  measure: "arr" | "mrr";
  asOf: string;
  currency: string;
  total: number;
  items: {
    customerId: string;
    name: string | null;
    amount: string | null;
    share: number | null;
    cumulativeShare: number | null;
    change90d: number | null;
    tenureMonths: number | null;
  }[];
}

interface CohortTable {
  grain: Grain;
  basis: CohortsOutput["basis"];
  measure: CohortsOutput["measure"];
  currency: string;
  asOf: string;
  cohorts: CohortsOutput["cohorts"];
  average: CohortsOutput["average"];
}

export interface CohortHeatmapView extends CohortTable {
  type: "cohort_heatmap";
}

export interface RetentionTableView extends CohortTable {
  type: "retention_table";
  /** The periods after the start that have a column. */
  milestones: number[];
}

export interface WidgetViews {
  kpi: KpiView;
  series: SeriesView;
  movements: MovementsView;
  composition: CompositionView;
  top_customers: TopCustomersView;
  cohort_heatmap: CohortHeatmapView;
  retention_table: RetentionTableView;
}
export type WidgetView = WidgetViews[WidgetType];

/** A widget on the page. A failure or an emptiness belongs to its card and leaves the others alone. */
export interface PlacedWidget {
  id: string;
  type: WidgetType;
  title: string;
  /** What it is called where nobody gave it a title. */
  ownTitle: string;
  /** The unit, the scope, and the policy by name. */
  subtitle: string;
  /** The policy that its numbers follow: `Jarvis policy v1`. */
  policy: string;
  /** With which filters, and as seen on which day (null: today), its numbers hold. */
  scope: { asOf: string | null; filter: Filter };
  rect: { lg: Rect; sm: Rect };
  /** What its numbers were asked with; another text: they are of other settings. */
  settings: string;
  state:
    | { kind: "ready"; view: WidgetView }
    | { kind: "empty"; message: string }
    | { kind: "failed"; message: string };
}
