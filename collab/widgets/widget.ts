import { z } from "zod";
import { text } from "#contracts/lists.ts";
import { widgetTypes } from "#contracts/widgets.ts";
import { gridColumns } from "../layout.ts";

/** A widget as a dashboard holds it. Unknown keys are kept: a newer client may have written them. */

const whole = (min: number, max: number) => z.number().int().min(min).max(max);

const rect = (columns: number) =>
  z
    .tuple([whole(0, columns - 1), whole(0, 10_000), whole(1, columns), whole(1, 100)])
    .refine(([x, , w]) => x + w <= columns, `must end within ${columns} columns`);

export const widgetSchema = z.looseObject({
  type: z.enum(widgetTypes),
  /** `[x, y, w, h]` in grid units on wide screens and on phones. */
  rect: z.object({ lg: rect(gridColumns.lg), sm: rect(gridColumns.sm) }),
  /** Reading order; sorts as text. */
  ord: z.string().max(64),
  /** Empty: the type's own title. */
  title: text(200),
  cfg: z.record(z.string(), z.json()),
  /** Set when deleted, so that an undo finds it. */
  del: z.object({ by: z.string(), at: z.string() }).nullable().default(null),
});
export type Widget = z.output<typeof widgetSchema>;
