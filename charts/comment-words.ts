import type { AnchorPlace } from "#contracts/comment-anchors.ts";
import { metricDefinitions } from "#metrics/definitions.ts";
import { findGrain } from "#metrics/period.ts";
import { formatPeriod } from "./format-dates.ts";
import { cohortBasisNames, cohortMeasureNames } from "./widget-words.ts";

/** What a thread is about, in a few words: `March 2026, month 4`. */
export function anchorTitle(anchor: AnchorPlace, label: string | null): string {
  switch (anchor.kind) {
    case "cohort_cell": {
      const { cohort, period } = anchor.path;
      return `${formatPeriod(cohort, "long")}, ${findGrain(cohort) ?? "period"} ${period}`;
    }
    case "point":
      return `${metricDefinitions[anchor.path.metric].label}, ${formatPeriod(anchor.path.period, "long")}`;
    case "widget":
      return label || "A widget";
    case "dashboard":
      return "The whole dashboard";
  }
}

/** Where that is: the widget, how it counts. Empty where the title says all. */
export function anchorPlaceText(anchor: AnchorPlace, label: string | null): string {
  switch (anchor.kind) {
    case "cohort_cell": {
      const { basis, measure } = anchor.path;
      const how = `by ${cohortBasisNames[basis].toLowerCase()}`;
      const what = measure === "customers" ? [] : [cohortMeasureNames[measure]];
      return [label || "Cohorts", ...what, how].join(" · ");
    }
    case "point":
      return label ?? "";
    default:
      return "";
  }
}
