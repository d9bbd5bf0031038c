import { z } from "zod";
import { policyChoices, policyPresets } from "#metrics/policy.ts";

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
