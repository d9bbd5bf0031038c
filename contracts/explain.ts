import { z } from "zod";
import {
  cohortBases,
  cohortMeasures,
  compositionInput,
  filter,
  movementKinds,
  nullReason,
  periodText,
  policyName,
} from "./analytics.ts";
import { day, money, pageInput } from "./lists.ts";
import { sourcedFact } from "./source-objects.ts";

/** `GET /explain`: a number followed down to the rows it came from. */

const listOrder = {
  ...pageInput,
  /** By what a row counts for (largest first is the default) or by day. */
  sort: z.enum(["-size", "size", "date", "-date"]).default("-size"),
};

export const explainInput = z.object({
  /** A metric's name, `cohort` or `composition`. */
  metric: z.string().max(60),
  /** Of a metric: any period of any grain. */
  period: periodText.optional(),
  as_of: day.optional(),
  filter,
  /** Of a cohort cell. */
  cohort: periodText.optional(),
  k: z.coerce.number().int().min(0).max(5000).optional(),
  grain: z.enum(["week", "month", "quarter", "year"]).optional(),
  basis: z.enum(cohortBases).optional(),
  measure: z.enum(cohortMeasures).default("customers"),
  /** Of a composition: a part's key, or `not_set=true` for the part without one; neither: the whole. */
  by: compositionInput.shape.by,
  key: z.string().max(32_768).optional(),
  not_set: z.boolean().default(false),
  at: day.optional(),
  ...listOrder,
});
export type ExplainInput = z.output<typeof explainInput>;

const value = z.union([z.string(), z.number()]).nullable();
const unit = z.enum(["money", "count", "rate", "ratio", "months"]);

/** The number behind a part, for a link to its own explanation. */
const opens = z.object({ metric: z.string(), period: z.string() }).nullable();

const subPart = z.object({ label: z.string(), value, unit, opens });
export const explainPart = z.object({
  /** As `formula.template` names it. */
  name: z.string(),
  label: z.string(),
  unit,
  value,
  /** Of MRR: exact, per year; the value is a twelfth of it, rounded. */
  annual: money.nullable(),
  opens,
  /** What a part is itself made of. */
  of: z.array(subPart),
});
export type ExplainPartOutput = z.output<typeof explainPart>;

/**
 * A row that makes up the number. `type` says what it is:
 * a customer's state (`after`, since `date`), a movement (`before` → `after` on `date`), a comparison (`before`: twelve months
 * ago, `after`: now), a cohort's member (`before`: first MRR, `after`: MRR then), a trial, a row of spend, a transaction.
 */
export const explainRowTypes = [
  "state",
  "movement",
  "comparison",
  "member",
  "trial",
  "spend",
  "transaction",
] as const;
export const explainMovement = z.object({
  type: z.enum(explainRowTypes),
  /** Which part of the formula it counts for; `not_counted`: for none. */
  part: z.string(),
  date: day,
  customer_id: z.string().nullable(),
  customer_name: z.string().nullable(),
  kind: z.enum(movementKinds).nullable(),
  cause: z.string().nullable(),
  /** A trial's outcome, a category of spend. */
  note: z.string().nullable(),
  /** MRR (of spend and transactions: money), signed. `amount` of a state: the MRR itself. */
  before: money.nullable(),
  after: money.nullable(),
  amount: money.nullable(),
  /** What of it is added up, and how many customers. */
  counted: money.nullable(),
  counted_customers: z.number().int(),
  /** The same per year and exact, where the amounts are MRR. */
  annual: z
    .object({
      before: money.nullable(),
      after: money.nullable(),
      amount: money.nullable(),
      counted: money.nullable(),
    })
    .nullable(),
});
export type ExplainMovement = z.output<typeof explainMovement>;

/** A row of a file (`line`) or of a connected system (`object`) behind a listed movement. */
export const explainSourceRow = z.object({
  /** Index of the movement on this page. */
  movement: z.number().int(),
  customer_id: z.string().nullable(),
  /** What the row does there: begins, ends or holds; a comparison has `then` and `now`. */
  role: z.string(),
  source: z.object({
    kind: z.string(),
    upload_id: z.string().nullable(),
    file_name: z.string().nullable(),
    /** Of a connected system. */
    source_id: z.uuid().nullable().optional(),
    name: z.string().nullable().optional(),
  }),
  line: z.number().int().nullable(),
  /** What it was read from; `confidence` says whether that told it, and `note` how the amount came about. */
  ...sourcedFact,
  object: sourcedFact.object.unwrap(),
  /** What the row said. */
  columns: z.record(z.string(), z.string().nullable()),
});
export type ExplainSourceRow = z.output<typeof explainSourceRow>;

export const explainOutput = z.object({
  metric: z.string(),
  label: z.string(),
  definition: z.string(),
  unit,
  currency: z.string(),
  as_of: day,
  /** Of a metric; of a cohort cell the period that it looks at. */
  period: z.string().nullable(),
  period_before: z.string().nullable(),
  from: day,
  to: day,
  cohort: z
    .object({
      cohort: z.string(),
      k: z.number().int(),
      grain: z.string(),
      basis: z.enum(cohortBases),
      measure: z.enum(cohortMeasures),
    })
    .nullable(),
  composition: z.object({ by: z.string(), key: z.string().nullable(), whole: z.boolean() }).nullable(),
  value,
  /** Of a cohort cell and a composition's part: the share. */
  rate: z.number().nullable(),
  reason: nullReason.nullable(),
  complete: z.boolean(),
  version: z.number().int(),
  formula: z.object({
    /** In words: `(churn + contraction) ÷ MRR at start`. */
    text: z.string(),
    /** With the numbers in it. */
    expression: z.string(),
    /** Arithmetic over the parts by name. */
    template: z.string(),
    /** Whether the arithmetic yields the value, or the rate beside it. */
    yields: z.enum(["value", "rate"]),
    parts: z.array(explainPart),
    /** Of MRR: how it came about from the MRR of the period before. */
    bridge: z
      .object({ template: z.string(), expression: z.string(), parts: z.array(explainPart) })
      .nullable(),
  }),
  policy: policyName.extend({
    toggles: z.array(z.object({ key: z.string(), value: z.string(), label: z.string(), words: z.string() })),
  }),
  /** All rows, not only this page's, by what they count for and kind. */
  groups: z.array(
    z.object({
      part: z.string(),
      kind: z.string().nullable(),
      rows: z.number().int(),
      amount: money.nullable(),
      counted: money.nullable(),
      counted_customers: z.number().int(),
    }),
  ),
  total: z.object({
    rows: z.number().int(),
    amount: money.nullable(),
    counted: money.nullable(),
    counted_annual: money.nullable(),
    counted_customers: z.number().int(),
  }),
  movements: z.array(explainMovement),
  rows: z.array(explainSourceRow),
  next: z.string().nullable(),
});
export type ExplainOutput = z.output<typeof explainOutput>;

export const rawLineInput = z.object({
  id: z.uuid(),
  line: z.coerce.number().int().min(1).max(2_000_000_000),
});
/** One record of a file as it was given; `header` names its columns. */
export const rawLineOutput = z.object({
  line: z.number().int(),
  header: z.array(z.string()),
  cells: z.array(z.string()),
  text: z.string(),
});
