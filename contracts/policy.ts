import { z } from "zod";
import { policyChoices, policyPresets } from "#metrics/policy.ts";
import { instant } from "./accounts.ts";
import { nullReason } from "./analytics.ts";
import { day, money, pageOf } from "./lists.ts";

const choice = <const Values extends readonly [string, ...string[]]>(values: Values) =>
  z.enum(values).nullable().optional();
const flag = z.boolean().nullable().optional();
const days = z.number().int().min(0).max(3650).nullable().optional();

/** `PATCH /org` `policy`: every key optional, null returns it to its preset, an unknown key is refused. */
export const policyPatch = z.strictObject({
  preset: choice(policyPresets),
  discounts: choice(policyChoices.discounts),
  free_payer: choice(policyChoices.free_payer),
  usage: choice(policyChoices.usage),
  past_due: choice(policyChoices.past_due),
  past_due_days: days,
  paused: choice(policyChoices.paused),
  pause_collection: choice(policyChoices.pause_collection),
  cancel: choice(policyChoices.cancel),
  new_and_churn: choice(policyChoices.new_and_churn),
  return_after_days: days,
  netting: choice(policyChoices.netting),
  cohort_basis: choice(policyChoices.cohort_basis),
  cohort_cell: choice(policyChoices.cohort_cell),
  cohort_average: choice(policyChoices.cohort_average),
  churn_denominator: choice(policyChoices.churn_denominator),
  net_churn_reactivation: flag,
  quick_ratio_reactivation: flag,
});
export type PolicyPatchInput = z.infer<typeof policyPatch>;

const required = <const Values extends readonly [string, ...string[]]>(values: Values) => z.enum(values);

/** The policy in force, as `GET /org` and `GET /policy` answer it. */
export const policySchema = z.object({
  preset: required(policyPresets),
  discounts: required(policyChoices.discounts),
  free_payer: required(policyChoices.free_payer),
  usage: required(policyChoices.usage),
  past_due: required(policyChoices.past_due),
  past_due_days: z.number().int(),
  paused: required(policyChoices.paused),
  pause_collection: required(policyChoices.pause_collection),
  cancel: required(policyChoices.cancel),
  new_and_churn: required(policyChoices.new_and_churn),
  return_after_days: z.number().int().nullable(),
  netting: required(policyChoices.netting),
  cohort_basis: required(policyChoices.cohort_basis),
  cohort_cell: required(policyChoices.cohort_cell),
  cohort_average: required(policyChoices.cohort_average),
  churn_denominator: required(policyChoices.churn_denominator),
  net_churn_reactivation: z.boolean(),
  quick_ratio_reactivation: z.boolean(),
});

/** A proposed change, as JSON text in a query string; it is checked as `PATCH /org` checks it. */
const patchText = z
  .string()
  .max(4000)
  .transform((text, context) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      context.addIssue({ code: "custom", message: "must be JSON, as PATCH /org takes it" });
      return z.NEVER;
    }
  })
  .pipe(policyPatch);

/** A preset without any own choices, or the organisation's policy in force. */
const comparable = z.enum(["current", ...policyPresets]);
export type ComparablePolicy = z.infer<typeof comparable>;

export const policyDiffInput = z.object({
  a: comparable,
  b: comparable,
  /** Own choices over `b`: what saving them would bring. */
  patch: patchText.optional(),
  /** The last of the thirteen months; default: the last complete one. */
  period: z
    .string()
    .regex(/^[1-9]\d{3}-(0[1-9]|1[0-2])$/, "must be a month, YYYY-MM")
    .optional(),
});
export type PolicyDiffInput = z.output<typeof policyDiffInput>;

/** What two policies are compared by: every metric that some rule changes. */
export const comparedMetrics = [
  ...(["mrr", "arr", "customers", "arpa", "ltv"] as const),
  ...([
    "new_mrr",
    "expansion_mrr",
    "reactivation_mrr",
    "contraction_mrr",
    "churned_mrr",
    "net_new_mrr",
  ] as const),
  ...(["new_customers", "churned_customers"] as const),
  ...([
    "customer_churn_rate",
    "gross_mrr_churn_rate",
    "net_mrr_churn_rate",
    "nrr",
    "grr",
    "quick_ratio",
  ] as const),
] as const;

const ruleValue = z.union([z.string(), z.number(), z.boolean()]).nullable();
const metricSide = z.object({
  /** Money as a decimal string, all else as a number. */
  value: z.union([z.string(), z.number()]).nullable(),
  reason: nullReason.nullable(),
});
const policySide = z.object({ name: comparable, policy: policySchema });

export const policyDiffOutput = z.object({
  a: policySide,
  b: policySide,
  /** The rules on which they differ; `unsettled`: where the vendor's documentation says nothing, so that the default stands in. */
  rules: z.array(
    z.object({
      key: z.string(),
      a: ruleValue,
      b: ruleValue,
      a_unsettled: z.boolean(),
      b_unsettled: z.boolean(),
    }),
  ),
  /** What a switch from the policy in force to `b` does to the stored numbers. */
  recompute: z.enum(["none", "at_once", "in_background"]),
  currency: z.string(),
  as_of: day,
  version: z.number().int(),
  period: z.string(),
  /** Thirteen months each, the last is `period`. `change` is b − a: money as a decimal string, null where a side is. */
  metrics: z.record(
    z.string(),
    z.array(
      z.object({
        period: z.string(),
        complete: z.boolean(),
        a: metricSide,
        b: metricSide,
        change: z.union([money, z.number()]).nullable(),
      }),
    ),
  ),
});
export type PolicyDiff = z.infer<typeof policyDiffOutput>;

export const policyVersionsOutput = pageOf(
  z.object({
    version: z.number().int(),
    /** In force from then on. */
    at: instant,
    /** Who changed it; null: nobody has yet, or somebody who is gone. */
    actor: z.string().nullable(),
    preset: z.enum(policyPresets),
    policy: policySchema,
  }),
);
export type PolicyVersions = z.infer<typeof policyVersionsOutput>;
