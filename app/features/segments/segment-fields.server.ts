import type { SegmentColor } from "#contracts/segment-colors.ts";
import type { Expression } from "#metrics/segments.ts";
import { fieldText } from "../../lib/form-fields.ts";

/** What the form of a segment sends. The procedure checks it: here it only gets its shape. */
export function segmentFields(form: FormData): {
  name: string;
  color: SegmentColor | null;
  expression: Expression;
} {
  return {
    name: fieldText(form, "name").trim(),
    color: (fieldText(form, "color") || null) as SegmentColor | null,
    expression: parsed(fieldText(form, "expression")) as Expression,
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
