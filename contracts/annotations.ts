import { z } from "zod";
import { isDay } from "#metrics/day.ts";
import { instant } from "./accounts.ts";
import { day, pageInput, pageOf, text } from "./lists.ts";

/** Notes on the time axis: what happened on a day. */

const realDay = day.refine(isDay, "must be a day that exists, such as 2026-03-01");
const title = text(200).refine((value) => value.trim() !== "", "must not be empty");
const body = text(2_000).nullable();

export const annotation = z.object({
  id: z.uuid(),
  day,
  title: z.string(),
  text: z.string().nullable(),
  /** The address of who wrote it. */
  created_by: z.string(),
  created_at: instant,
  updated_at: instant,
});
export type Annotation = z.output<typeof annotation>;
export const annotationsOutput = pageOf(annotation);

export const listAnnotationsInput = z.object({
  ...pageInput,
  from: realDay.optional(),
  to: realDay.optional(),
});
export const createAnnotationInput = z.strictObject({ day: realDay, title, text: body.optional() });
export const updateAnnotationInput = z.strictObject({
  id: z.uuid(),
  day: realDay.optional(),
  title: title.optional(),
  text: body.optional(),
});
