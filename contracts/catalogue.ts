import { z } from "zod";
import { currencyCode, instant } from "./accounts.ts";
import { day, money, pageInput, pageOf, text } from "./lists.ts";

/** The wire shapes of what people keep beside the uploads: merges, exclusions, rates, spend, finance inputs. */

const given = (max: number) => text(max).refine((value) => value !== "", "must not be empty");
/** As an upload may name a customer. */
const customerId = given(32_768);

// ── merge and split ──────────────────────────────────────────────────────────────────────────────────────────────

export const mergeInput = z.strictObject({
  id: customerId,
  /** Id of the customer that it counts as from now on. */
  into: customerId,
});
export const mergeOutput = z.object({ customer_id: z.string(), merged_into: z.string() });
export const splitInput = z.strictObject({ id: customerId });
export const splitOutput = z.object({ split: z.array(z.string()), from: z.string() });

// ── exclusions ───────────────────────────────────────────────────────────────────────────────────────────────────

export const exclusionKinds = ["customer", "plan", "subscription"] as const;
export const exclusionKind = z.enum(exclusionKinds);
export type ExclusionKind = z.infer<typeof exclusionKind>;

export const exclusionItem = z.object({
  id: z.uuid(),
  kind: exclusionKind,
  /** The customer's id as uploaded, the plan's name or the subscription's id. */
  target_id: z.string(),
  /** Of a customer. */
  name: z.string().nullable(),
  reason: z.string(),
  by: z.string().nullable(),
  at: instant,
  /** Of a plan: how many customers have or had it. */
  customers: z.number().int().nullable(),
});
export type ExclusionItem = z.infer<typeof exclusionItem>;
export const exclusionsInput = z.object({ kind: exclusionKind.optional(), ...pageInput });
export const exclusionsOutput = pageOf(exclusionItem);
export const createExclusionInput = z.strictObject({
  kind: exclusionKind,
  id: customerId,
  reason: text(200).refine((value) => value.trim() !== "", "say why: test, internal, …"),
});

// ── exchange rates and spend by hand ─────────────────────────────────────────────────────────────────────────────

const month = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, "is a month like 2026-02");
/** A calendar day that exists. */
const realDay = day.refine(
  (value) => !Number.isNaN(Date.parse(value)) && new Date(value).toISOString().startsWith(value),
  "is a day like 2026-02-07",
);
/** Exact: at most 26 digits before and 12 after the point. A JSON number is taken as it is written. */
const decimal = z
  .union([z.string().max(60), z.number().transform(String)])
  .pipe(z.string().regex(/^-?\d{1,26}(\.\d{1,12})?$/, "is a number like 1234.50"));
const rate = decimal.refine((value) => /[1-9]/.test(value) && !value.startsWith("-"), "must be above 0");
const source = { upload_id: z.uuid().nullable(), line: z.number().int().nullable() };
/** Of a row; what an upload wrote is the upload's. */
export const rowId = z.strictObject({ id: z.string().regex(/^\d{1,18}$/) });

export const fxRateItem = z.object({
  id: z.string(),
  date: day,
  from: z.string(),
  to: z.string(),
  rate: z.string(),
  ...source,
});
export const fxRatesOutput = pageOf(fxRateItem);
const fxRate = { date: realDay, from: currencyCode, to: currencyCode, rate };
export const createFxRateInput = z.strictObject(fxRate);
export const updateFxRateInput = z.strictObject({
  ...rowId.shape,
  date: realDay.optional(),
  rate: rate.optional(),
});

export const spendItem = z.object({
  id: z.string(),
  month: z.string(),
  category: z.string().nullable(),
  amount: money,
  currency: z.string(),
  ...source,
});
export const spendOutput = pageOf(spendItem);
const category = text(200)
  .nullable()
  .transform((value) => value || null);
export const createSpendInput = z.strictObject({
  month,
  category: category.optional(),
  amount: decimal,
  /** Default: the organisation's. */
  currency: currencyCode.optional(),
});
export const updateSpendInput = z.strictObject({
  ...rowId.shape,
  month: month.optional(),
  category: category.optional(),
  amount: decimal.optional(),
  currency: currencyCode.optional(),
});

// ── finance inputs ───────────────────────────────────────────────────────────────────────────────────────────────

const share = decimal.refine(
  (value) => Number(value) <= 1 && Number(value) >= -100,
  "is a share like 0.8 for 80 %",
);
export const financeItem = z.object({
  month: z.string(),
  currency: z.string(),
  revenue: money.nullable(),
  /** Operating profit; a loss is negative. */
  profit: money.nullable(),
  /** Cash spent less cash received; negative where cash came in. */
  net_burn: money.nullable(),
  /** Share of revenue: "0.8" is 80 %. */
  gross_margin: money.nullable(),
});
export type FinanceItem = z.infer<typeof financeItem>;
export const financeOutput = pageOf(financeItem);
/** The month as it is from now on: what is left out or null is not given. */
export const putFinanceInput = z.strictObject({
  month,
  currency: currencyCode.optional(),
  revenue: decimal.nullable().default(null),
  profit: decimal.nullable().default(null),
  net_burn: decimal.nullable().default(null),
  gross_margin: share.nullable().default(null),
});
export const financeMonthInput = z.strictObject({ month });
