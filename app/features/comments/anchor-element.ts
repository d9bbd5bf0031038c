import { type AnchorPlace, anchorKey, type CellPath, type PointPath } from "#contracts/comment-anchors.ts";
import type { SeenAnchor } from "./comment-store.ts";

/**
 * Which number an element on the page shows: pages say it in attributes (`data-cohort`, `data-point`, `data-widget`), so comments need
 * not reach into charts.
 */
export function anchorOfElement(element: Element, dashboardId: string | null): SeenAnchor | null {
  const card = element.closest<HTMLElement>("[data-widget]");
  // the page of cohorts has a widget that no dashboard knows
  const widgetId = dashboardId === null ? null : (card?.dataset.widget ?? null);
  const label = card?.getAttribute("aria-label") || null;
  const cell = element.closest<HTMLElement>("td[data-cohort]");
  const cellPath = cell && pathOfCell(cell);
  if (cell && cellPath)
    return {
      place: { kind: "cohort_cell", dashboard_id: dashboardId, widget_id: widgetId, path: cellPath },
      label,
      shown: shownIn(cell),
    };
  if (dashboardId === null || widgetId === null) return null;
  const point = element.closest<HTMLElement>("[data-point]");
  const { point: period, of } = point?.dataset ?? {};
  if (point && period && of)
    return {
      place: {
        kind: "point",
        dashboard_id: dashboardId,
        widget_id: widgetId,
        // the chart's own metric
        path: { metric: of as PointPath["metric"], period },
      },
      label,
      shown: shownIn(point),
    };
  return {
    place: { kind: "widget", dashboard_id: dashboardId, widget_id: widgetId, path: {} },
    label,
    shown: null,
  };
}

const shownIn = (element: HTMLElement): string | null => element.dataset.shown?.slice(0, 100) || null;

function pathOfCell(cell: HTMLElement): CellPath | null {
  const { basis, measure } = cell.closest("table")?.dataset ?? {};
  const { cohort, period } = cell.dataset;
  if (!basis || !measure || !cohort || !period) return null;
  return {
    cohort,
    period: Number(period),
    basis: basis as CellPath["basis"],
    measure: measure as CellPath["measure"],
  };
}

/** Where on the page a thread's number stands; null where it is not shown: other filters, another range, a widget that is gone. */
export function findAnchorElement(place: AnchorPlace): HTMLElement | null {
  const isIt = (element: HTMLElement) => {
    const here = anchorOfElement(element, place.dashboard_id);
    return here !== null && anchorKey(here.place) === anchorKey(place);
  };
  switch (place.kind) {
    case "cohort_cell": {
      const { cohort, period } = place.path;
      const cells = document.querySelectorAll<HTMLElement>(
        `td[data-cohort="${CSS.escape(cohort)}"][data-period="${period}"]`,
      );
      const fitting = [...cells].filter(isIt);
      const own = fitting.find(
        (cell) => cell.closest<HTMLElement>("[data-widget]")?.dataset.widget === place.widget_id,
      );
      return own ?? fitting[0] ?? null;
    }
    case "point":
      return (
        [...document.querySelectorAll<HTMLElement>(`[data-point="${CSS.escape(place.path.period)}"]`)].find(
          isIt,
        ) ?? null
      );
    case "widget":
      return document.querySelector<HTMLElement>(`[data-widget="${CSS.escape(place.widget_id)}"]`);
    case "dashboard":
      return null;
  }
}
