import { z } from "zod";
import { type MetricName, type MetricUnit, metricNames, nullReasons } from "#metrics/metric-names.ts";
import { commaList, day, money, pageInput, pageOf, text } from "./lists.ts";
import { sourcedFact } from "./source-objects.ts";

/** The wire shapes of every number: tRPC and REST share them (architecture: Public contracts). */

export type { MetricName, MetricUnit };
// the engine's own lists, so that the wire cannot name other metrics than there are
export { metricNames };

export const grains = ["day", "week", "month", "quarter", "year"] as const;
export const grain = z.enum(grains);
export type Grain = (typeof grains)[number];

/** `2026-02-07`, `2026-W07`, `2026-02`, `2026-Q1`, `2026`: a period or a day; the bounds are inclusive. */
export const periodText = z
  .string()
  .regex(
    /^\d{4}(-(\d{2}(-\d{2})?|W\d{2}|Q[1-4]))?$/,
    "is a period like 2026-02-07, 2026-W07, 2026-02, 2026-Q1 or 2026",
  );

export const filterKey = z
  .string()
  .max(220)
  .regex(
    /^(plan|interval|currency|source|country|size|tenure|segment|attr\..+)$/s,
    "a filter is plan, interval, currency, source, country, size, tenure, segment or attr.NAME",
  );

/**
 * Key → the values, any of which matches; different keys must all match. The empty value is "not set". Values of `size` and
 * `tenure` are bands, of `segment` ids of saved segments; `ID.ID` means both at once.
 */
export const filter = z
  .record(filterKey, z.array(text(32_768)).max(200))
  .default({})
  .transform((given) => Object.fromEntries(Object.entries(given).filter(([, values]) => values.length > 0)));
export type Filter = z.output<typeof filter>;

const range = { from: periodText.optional(), to: periodText.optional(), as_of: day.optional(), filter };

export const metricsInput = z.object({
  names: commaList.optional(),
  grain: grain.default("month"),
  ...range,
});

/** Why a value is null. */
export const nullReason = z.enum(nullReasons);
export type NullReason = z.infer<typeof nullReason>;

export const metricPoint = z.object({
  period: z.string(),
  value: z.union([z.string(), z.number()]).nullable(),
  complete: z.boolean(),
  reason: nullReason.nullable(),
});
export type MetricPoint = z.infer<typeof metricPoint>;

export const policyName = z.object({ preset: z.string(), version: z.number().int() });

export const metricsOutput = z.object({
  currency: z.string(),
  timezone: z.string(),
  policy: policyName,
  as_of: day,
  version: z.number().int(),
  metrics: z.record(z.string(), z.array(metricPoint)),
});
export type MetricsOutput = z.infer<typeof metricsOutput>;

export const movementKinds = ["new", "expansion", "reactivation", "contraction", "churn", "fx"] as const;
export const movementsInput = z.object({
  ...range,
  kind: z.enum(movementKinds).optional(),
  customer: z.string().optional(),
  ...pageInput,
});
export const movementItem = z.object({
  date: day,
  customer_id: z.string(),
  customer_name: z.string().nullable(),
  kind: z.enum(movementKinds),
  amount: money,
  subscription_id: z.string().nullable(),
  cause: z.string().nullable(),
  source: z.object({
    kind: z.string(),
    upload_id: z.string().nullable(),
    line: z.number().int().nullable(),
    ...sourcedFact,
  }),
});
export const movementsOutput = pageOf(movementItem);

export const cohortBases = ["first_payment", "signup", "first_activity"] as const;
export const cohortMeasures = ["customers", "mrr_net", "mrr_gross"] as const;
export const cohortsInput = z.object({
  grain: z.enum(["week", "month", "quarter", "year"]).default("month"),
  basis: z.enum(cohortBases).optional(),
  measure: z.enum(cohortMeasures).default("customers"),
  ...range,
});
export const cohortCell = z.object({
  /** Customers as an integer, MRR as a money string. */
  value: z.union([z.number(), money]),
  rate: z.number().nullable(),
  complete: z.boolean(),
});
export const cohortsOutput = z.object({
  grain: z.string(),
  basis: z.enum(cohortBases),
  measure: z.enum(cohortMeasures),
  currency: z.string(),
  as_of: day,
  policy: policyName,
  version: z.number().int(),
  cohorts: z.array(
    z.object({
      cohort: z.string(),
      size: z.number().int(),
      initial: money.nullable(),
      cells: z.array(cohortCell.nullable()),
    }),
  ),
  average: z.array(z.object({ rate: z.number(), cohorts: z.number().int() }).nullable()),
});
export type CohortsOutput = z.infer<typeof cohortsOutput>;

export const compositionKeys = ["plan", "currency", "country", "interval", "size", "source"] as const;
export const compositionInput = z.object({
  by: z
    .string()
    .max(220)
    .regex(
      /^(plan|currency|country|interval|size|source|attr\..+)$/s,
      "is plan, currency, country, interval, size, source or attr.NAME",
    )
    .default("plan"),
  at: day.optional(),
  filter,
});
export const compositionOutput = z.object({
  by: z.string(),
  at: day,
  currency: z.string(),
  policy: policyName,
  total: money.nullable(),
  reason: nullReason.nullable(),
  parts: z.array(
    z.object({
      key: z.string().nullable(),
      mrr: money,
      share: z.number().nullable(),
      customers: z.number().int(),
    }),
  ),
});
export type CompositionOutput = z.infer<typeof compositionOutput>;

export const customerItem = z.object({
  customer_id: z.string(),
  name: z.string().nullable(),
  email: z.string().nullable(),
  country: z.string().nullable(),
  mrr: money.nullable(),
  signed_up: day.nullable(),
  first_paid: day.nullable(),
  attributes: z.record(z.string(), z.string()),
  /** Of the organisation's MRR (after the filter); null where that is 0, and where `mrr` is null. */
  share: z.number().nullable(),
  cumulative_share: z.number().nullable(),
  /** MRR now against 90 days ago as a rate; null where it was 0, and where `mrr` is null. */
  change_90d: z.number().nullable(),
  tenure_months: z.number().int().nullable(),
});
export type CustomerItem = z.infer<typeof customerItem>;
export const customersInput = z.object({
  sort: z
    .enum(["-mrr", "mrr", "name", "-name", "customer_id", "-customer_id", "-first_paid", "first_paid"])
    .default("-mrr"),
  search: z.string().max(200).optional(),
  as_of: day.optional(),
  filter,
  ...pageInput,
});
export const customersOutput = pageOf(customerItem).extend({
  total: z.number().int(),
  currency: z.string(),
  policy: policyName,
  as_of: day,
});

const customerName = z.object({ customer_id: z.string(), name: z.string().nullable() });
export const customerDetail = customerItem.extend({
  /** Why it counts in no number; null: it counts. */
  excluded: z
    .object({ id: z.uuid(), reason: z.string(), by: z.string().nullable(), at: z.string() })
    .nullable(),
  /** Whom it counts as; its own numbers are empty then. */
  merged_into: customerName.nullable(),
  /** Who counts as this one. */
  merged: z.array(customerName),
  currency: z.string(),
  as_of: day,
  policy: policyName,
  subscriptions: z.array(
    z.object({
      subscription_id: z.string().nullable(),
      plan: z.string().nullable(),
      interval: z.string(),
      quantity: z.string(),
      unit_amount: money,
      currency: z.string(),
      /** In the subscription's own currency. */
      mrr: money,
      from: day,
      to: day.nullable(),
      status: z.string(),
      /** Its plan or itself is excluded: it counts in no number. */
      excluded: z.boolean(),
      /** The merged customer that it was uploaded for. */
      merged_from: z.string().nullable(),
      source: z.object({
        kind: z.string(),
        upload_id: z.string().nullable(),
        line: z.number().int().nullable(),
        ...sourcedFact,
      }),
    }),
  ),
  /** Connected sources that know the customer; `deleted`: the vendor has it no more. */
  told_by: z.array(
    z.object({
      source_id: z.uuid(),
      kind: z.string(),
      name: z.string(),
      url: z.string().nullable(),
      deleted: z.boolean(),
    }),
  ),
  /** MRR at each month's end since the first payment. */
  series: z.array(z.object({ period: z.string(), mrr: money, complete: z.boolean() })),
});
export type CustomerDetail = z.infer<typeof customerDetail>;

/** What the filter bar offers: the values that exist, most customers first, bounded. */
/** First and last day with a movement, so that "all time" has bounds; null without data. */
export const spanOutput = z.object({ first_day: day.nullable(), last_day: day.nullable() });

export const filterOptionsOutput = z.object({
  options: z.array(
    z.object({
      key: z.string(),
      label: z.string(),
      values: z.array(z.object({ value: z.string(), customers: z.number().int() })),
    }),
  ),
  ...spanOutput.shape,
});
export type FilterOptions = z.infer<typeof filterOptionsOutput>;
