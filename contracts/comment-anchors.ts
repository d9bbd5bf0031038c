import { findGrain } from "#metrics/period.ts";
import type { CohortsOutput, MetricName } from "./analytics.ts";

/**
 * Where a thread is pinned: a coordinate in the data, not a place on the screen, so it stays with its number through sorting, filters
 * and imports. Without zod: the browser takes this too.
 */
export const anchorKinds = ["cohort_cell", "point", "widget", "dashboard"] as const;
export type AnchorKind = (typeof anchorKinds)[number];

export interface CellPath {
  /** A period: its grain is the heatmap's. */
  cohort: string;
  /** Periods since. */
  period: number;
  basis: CohortsOutput["basis"];
  measure: CohortsOutput["measure"];
}

export interface PointPath {
  metric: MetricName;
  period: string;
}

/** `dashboard_id` is null for a cell of the cohort page; only cells can be pinned without a dashboard. */
export type AnchorPlace =
  | { kind: "cohort_cell"; dashboard_id: string | null; widget_id: string | null; path: CellPath }
  | { kind: "point"; dashboard_id: string; widget_id: string; path: PointPath }
  | { kind: "widget"; dashboard_id: string; widget_id: string; path: Record<string, never> }
  | { kind: "dashboard"; dashboard_id: string; widget_id: null; path: Record<string, never> };

/** A stored anchor as its kind says: the database keeps what contracts/comments.ts lets in. */
export const placeOf = ({
  kind,
  dashboard_id,
  widget_id,
  path,
}: {
  kind: AnchorKind;
  dashboard_id: string | null;
  widget_id: string | null;
  path: Record<string, string | number>;
}): AnchorPlace => ({ kind, dashboard_id, widget_id, path }) as AnchorPlace;

export const cellKey = ({ basis, measure, cohort, period }: CellPath): string =>
  `cell ${basis} ${measure} ${cohort} ${period}`;

export const pointKey = (widgetId: string, { metric, period }: PointPath): string =>
  `point ${widgetId} ${metric} ${period}`;

/**
 * What two anchors of one page have in common when they mean the same number. A cell is the same in every heatmap that shows it; a
 * point belongs to its widget, whose filters it has.
 */
export function anchorKey(anchor: AnchorPlace): string {
  switch (anchor.kind) {
    case "cohort_cell":
      return cellKey(anchor.path);
    case "point":
      return pointKey(anchor.widget_id, anchor.path);
    case "widget":
      return `widget ${anchor.widget_id}`;
    case "dashboard":
      return "dashboard";
  }
}

/** The page that shows what the thread is about, with the thread open: path and query. */
export function threadLink(anchor: AnchorPlace, threadId: string): string {
  const search = new URLSearchParams();
  const grain =
    anchor.kind === "cohort_cell"
      ? findGrain(anchor.path.cohort)
      : anchor.kind === "point"
        ? findGrain(anchor.path.period)
        : null;
  if (grain !== null && grain !== "month") search.set("grain", grain);
  if (anchor.kind === "cohort_cell" && anchor.dashboard_id === null) {
    search.set("basis", anchor.path.basis);
    if (anchor.path.measure !== "customers") search.set("measure", anchor.path.measure);
  }
  search.set("thread", threadId);
  return `${anchor.dashboard_id === null ? "/cohorts" : `/dashboards/${anchor.dashboard_id}`}?${search}`;
}
