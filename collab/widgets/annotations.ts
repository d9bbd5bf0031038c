import type { AnnotationMark } from "#contracts/widgets.ts";
import { periodOf } from "#metrics/period.ts";
import type { PageScope, PeriodScope } from "./scope.ts";

/** What was noted in the shown periods, the earliest day first. */
export const annotationMarks = (
  { annotations = [], calendar }: PageScope,
  { grain, from, to }: PeriodScope,
): AnnotationMark[] =>
  annotations
    .map(({ id, day, title, text }) => ({ id, day, period: periodOf(day, grain, calendar), title, text }))
    .filter(({ period }) => period >= from && period <= to)
    .sort((a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : a.id < b.id ? -1 : 1));
