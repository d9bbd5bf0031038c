import { z } from "zod";
import { instant } from "./accounts.ts";
import { money, pageInput, pageOf } from "./lists.ts";

/** The log of what changed in closed months: the wire shapes. Money is MRR at a month's end. */

const month = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, "a month is YYYY-MM");

export const restatementsInput = z.object({
  /** Only what moved this month. */
  month: month.optional(),
  /** Only what this upload, or its undo, moved. */
  upload_id: z.uuid().optional(),
  /** Only what this source moved. */
  source_id: z.uuid().optional(),
  ...pageInput,
});

/** One month of one change. */
export const restatementItem = z.object({
  id: z.uuid(),
  at: instant,
  cause: z.string(),
  upload_id: z.uuid().nullable(),
  /** The source that said something else. */
  source_id: z.uuid().nullable(),
  actor: z.string().nullable(),
  month,
  before_mrr: money,
  after_mrr: money,
  change: money,
  rows: z.number().int().nullable(),
});
export const restatementsOutput = pageOf(restatementItem);

/** A change as a whole, with every month that it moved. */
export const restatementEvent = z.object({
  id: z.uuid(),
  at: instant,
  /** As stored: upload, undo, sync, merge, `currency USD → EUR`, … */
  cause: z.string(),
  /** The cause in words. */
  reason: z.string(),
  /** The whole change in one sentence. */
  summary: z.string(),
  upload: z
    .object({ id: z.uuid(), file_name: z.string(), kind: z.string().nullable(), status: z.string() })
    .nullable(),
  /** What was connected and said something else; `exists`: it still is. */
  source: z.object({ id: z.uuid(), name: z.string().nullable(), exists: z.boolean() }).nullable(),
  actor: z.string().nullable(),
  /** How many rows of the file were behind it. */
  rows: z.number().int().nullable(),
  /** Of `after_mrr`, and of `before_mrr` too unless the change was one of currency. */
  currency: z.string(),
  before_currency: z.string(),
  /** In their order. `change` is null across two currencies. */
  months: z.array(z.object({ month, before_mrr: money, after_mrr: money, change: money.nullable() })),
  /** The sum of the months' changes: 0 where a rise and a fall cancel out. */
  total: money.nullable(),
});
export type RestatementEvent = z.infer<typeof restatementEvent>;
export const restatementEventsOutput = pageOf(restatementEvent);

export const restatedMonthsInput = z.object({
  /** Only changes of the last so many days. */
  days: z.coerce.number().int().min(1).max(36_500).optional(),
});

/** What all changes together made of a month: `change` is 0 where it is back where it was. */
export const restatedMonth = z.object({
  month,
  before_mrr: money,
  after_mrr: money,
  change: money,
  /** How many changes moved it. */
  events: z.number().int(),
  last_at: instant,
});
export type RestatedMonth = z.infer<typeof restatedMonth>;
export const restatedMonthsOutput = z.object({ currency: z.string(), months: z.array(restatedMonth) });
