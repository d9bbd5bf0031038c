import { z } from "zod";
import { sizeBands } from "#metrics/composition.ts";
import { conditionsOf, type Expression, numberKeys } from "#metrics/segments.ts";
import { tenureBands } from "#metrics/tenure.ts";
import { instant } from "./accounts.ts";
import { filterKey, nullReason } from "./analytics.ts";
import { money, pageOf, text } from "./lists.ts";
import { segmentColorOrder } from "./segment-colors.ts";

/** Segments on the wire: saved filters with AND and OR. */

/** How deep groups may stand in each other, and how many rows there may be. */
export const expressionLimits = { depth: 4, conditions: 50, values: 200, characters: 65_536 } as const;
export const mostSegments = 200;

const conditionOps = ["is", "is_not", "at_least", "at_most"] as const;
const isNumberKey = (key: string): boolean => (numberKeys as readonly string[]).includes(key);
const bandKeys: Record<string, ReadonlySet<string>> = {
  size: new Set(["", ...sizeBands.map(({ key }) => key)]),
  tenure: new Set(["", ...tenureBands.map(({ key }) => key)]),
};

const conditionKey = filterKey.refine((key) => key !== "segment", "a segment cannot hold segments");

const condition = z
  .strictObject({
    key: conditionKey,
    op: z.enum(conditionOps),
    values: z.array(text(2_000)).min(1).max(expressionLimits.values),
  })
  .superRefine(({ key, op, values }, ctx) => {
    const refuse = (message: string) => ctx.addIssue({ code: "custom", path: ["values"], message });
    if (op === "at_least" || op === "at_most") {
      if (!isNumberKey(key))
        ctx.addIssue({ code: "custom", path: ["op"], message: "only size and tenure compare by number" });
      else if (values.length !== 1 || !numberOf(key).test(values[0] ?? ""))
        refuse(key === "size" ? "must be one amount, such as 500" : "must be one whole number of months");
    } else if (bandKeys[key] && !values.every((value) => bandKeys[key]?.has(value)))
      refuse(`of ${key} must be among ${[...bandKeys[key]].filter(Boolean).join(", ")}`);
  });

const numberOf = (key: string): RegExp => (key === "size" ? /^\d{1,15}(\.\d{1,12})?$/ : /^\d{1,4}$/);

/** Groups in groups to a fixed depth: what is deeper is refused before anything walks it. */
const nested = (depth: number): z.ZodType => {
  if (depth === 0) return condition;
  const inner = z
    .array(nested(depth - 1))
    .min(1)
    .max(expressionLimits.conditions);
  return z.union([condition, z.strictObject({ all: inner }), z.strictObject({ any: inner })], {
    error: "must be a condition {key, op, values}, or a group {all: […]} or {any: […]}, at most 4 deep",
  });
};

export const expression = (nested(expressionLimits.depth) as z.ZodType<Expression>)
  .refine(
    (given) => conditionsOf(given).length <= expressionLimits.conditions,
    `must have at most ${expressionLimits.conditions} conditions`,
  )
  .refine(
    (given) => JSON.stringify(given).length <= expressionLimits.characters,
    "is too long: name fewer values",
  );
export type { Expression };

/** By default the next colour that a chart has. */
const color = z.enum(segmentColorOrder).nullable();

const name = text(200).refine((value) => value.trim() !== "", "must not be empty");

export const segment = z.object({
  id: z.uuid(),
  name: z.string(),
  color,
  // as it was checked when it was saved; a transform here would leave the OpenAPI document without words
  expression: z.looseObject({}) as unknown as z.ZodType<Expression>,
  created_at: instant,
  updated_at: instant,
});
export type Segment = z.output<typeof segment>;
export const segmentsOutput = pageOf(segment);

export const createSegmentInput = z.strictObject({ name, color: color.optional(), expression });
export const updateSegmentInput = z.strictObject({
  id: z.uuid(),
  name: name.optional(),
  color: color.optional(),
  expression: expression.optional(),
});

export const segmentPreviewInput = z.strictObject({ expression });
/** Who matches today: `customers` pay now, `matching` counts those as well who do not (any more). */
export const segmentPreview = z.object({
  customers: z.number().int(),
  matching: z.number().int(),
  mrr: money.nullable(),
  /** Of the organisation's MRR. */
  share: z.number().nullable(),
  currency: z.string(),
  reason: nullReason.nullable(),
});
export type SegmentPreview = z.output<typeof segmentPreview>;
