import { z } from "zod";
import { reconcileReasons } from "#metrics/reconcile.ts";
import { money, pageInput, pageOf, text } from "./lists.ts";
import { confidences } from "./source-facts.ts";

/** The wire shapes of connected sources: Stripe now, others later. */

export const sourceKinds = ["stripe"] as const;
export type SourceKind = (typeof sourceKinds)[number];

export const sourceStatuses = ["connecting", "backfilling", "live", "error", "paused"] as const;
export type SourceStatus = (typeof sourceStatuses)[number];

const instant = z.iso.datetime({ offset: true });

/** `waiting`: its turn has not come yet. `forbidden`: the key may not read it, and the rest goes on without. */
export const streamStates = ["waiting", "ok", "forbidden", "error"] as const;

export const sourceStream = z.object({
  name: z.string(),
  label: z.string(),
  required: z.boolean(),
  state: z.enum(streamStates),
  message: z.string().nullable(),
  /** Objects that came so far in this backfill, and whether it has come to its end. */
  done: z.number().int(),
  finished: z.boolean(),
});
export type SourceStream = z.infer<typeof sourceStream>;

export const sourceOutput = z.object({
  id: z.uuid(),
  kind: z.enum(sourceKinds),
  name: z.string(),
  status: z.enum(sourceStatuses),
  livemode: z.boolean().nullable(),
  account: z.object({ id: z.string(), name: z.string().nullable() }).nullable(),
  /** The last four characters of the key, or null for OAuth. The key itself is never told again. */
  key_hint: z.string().nullable(),
  /** Of the stream that is being read; null when nothing is. `total` is null where the vendor does not say. */
  progress: z
    .object({ stream: z.string(), done: z.number().int(), total: z.number().int().nullable() })
    .nullable(),
  /** What is kept of each stream: `customers`, `subscriptions`, `invoices`, … */
  counts: z.record(z.string(), z.number().int()),
  streams: z.array(sourceStream),
  /** Whether it may be asked what happened. `forbidden`: changes come by webhook and with the nightly listing alone. */
  changes: z.object({ state: z.enum(streamStates), message: z.string().nullable() }),
  last_error: z.object({ code: z.string(), message: z.string(), at: instant }).nullable(),
  /** When a sync last finished: all changes until then are in the numbers. */
  synced_at: instant.nullable(),
  /** The newest event that was heard of, and when the next look is due. */
  last_event_at: instant.nullable(),
  next_sync_at: instant.nullable(),
  webhook_url: z.string(),
  /** How many signing secrets are held for it. */
  webhook_secrets: z.number().int(),
  /** Things that could not be used, in words: at most 20, newest first. */
  warnings: z.array(z.object({ customer_id: z.string().nullable(), message: z.string() })),
  created_at: instant,
});
export type SourceOutput = z.infer<typeof sourceOutput>;

export const stripeCredentials = z.strictObject({
  /** A restricted key (rk_…) is enough and better; a secret key (sk_…) works. */
  api_key: text(500).refine((value) => value.trim() !== "", "must not be empty"),
});
export const stripeOptions = z.strictObject({
  /** A connected account: acct_… */
  stripe_account: z
    .string()
    .regex(/^acct_[A-Za-z0-9]{1,64}$/)
    .optional(),
});

export const createSourceInput = z.strictObject({
  kind: z.enum(sourceKinds),
  name: text(200).refine((value) => value.trim() !== "", "must not be empty"),
  credentials: stripeCredentials,
  options: stripeOptions.optional(),
});

export const sourceIdInput = z.strictObject({ id: z.uuid() });
export const sourcesInput = z.object(pageInput);
export const sourcesOutput = pageOf(sourceOutput);

export const updateSourceInput = z.strictObject({
  id: z.uuid(),
  name: createSourceInput.shape.name.optional(),
  /** Another key for the same account. */
  credentials: stripeCredentials.optional(),
});

export const webhookSecretsInput = z.strictObject({
  id: z.uuid(),
  /** Replaces those that are held; while Stripe rotates, both. */
  secrets: z.array(z.string().regex(/^whsec_\S{1,200}$/)).max(10),
});

/** `keep`: the numbers stay as they are now. `remove`: everything of it goes, and the months that move are logged. */
export const deleteSourceInput = z.strictObject({ id: z.uuid(), data: z.enum(["keep", "remove"]) });

/** What a key may read, before anything is kept: the wizard's second step. */
export const probeSourceInput = createSourceInput.omit({ name: true });
export const probeSourceOutput = z.object({
  account: z.object({ id: z.string(), name: z.string().nullable() }),
  livemode: z.boolean(),
  /** Sources that read the same account in the same mode already. */
  duplicate_of: z.uuid().nullable(),
  streams: z.array(
    z.object({
      name: z.string(),
      label: z.string(),
      required: z.boolean(),
      state: z.enum(["ok", "forbidden", "error"]),
      message: z.string().nullable(),
    }),
  ),
});
export type ProbeSourceOutput = z.infer<typeof probeSourceOutput>;

/** Which ways there are to connect. `oauth`: this instance is registered with the vendor as an app. */
export const sourceOptionsOutput = z.object({ stripe: z.object({ oauth: z.boolean() }) });

/** The way over the vendor's own page: whoever asked goes to `url`, and comes back to `/sources/{id}`, or to `/sources/new?error=…`. */
export const authoriseSourceInput = createSourceInput.pick({ kind: true, name: true });
export const authoriseSourceOutput = z.object({ url: z.url() });
/** Why somebody came back to `/sources/new` without a source; `?error=` of it. */
export const authoriseFaults = ["denied", "expired", "refused", "exists", "unavailable"] as const;
export type AuthoriseFault = (typeof authoriseFaults)[number];

export const sourceStreamsOutput = z.object({ items: z.array(sourceStream) });

const month = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/);

/**
 * The vendor's own figures, given to be compared with ours and never a source of numbers: Stripe's "MRR per subscriber per month"
 * as the text of its CSV file.
 */
export const putReconcileFileInput = z.strictObject({
  id: z.uuid(),
  name: text(200).refine((value) => value.trim() !== "", "must not be empty"),
  csv: z
    .string()
    .min(1, "must not be empty")
    .max(32 * 1024 * 1024, "must not be larger than 32 MiB"),
});

export const reconcileInput = z.object({
  id: z.uuid(),
  month: month.optional(),
  reason: z.enum(reconcileReasons).optional(),
  /** Only what differs, or everything. */
  show: z.enum(["differing", "all"]).default("differing"),
  ...pageInput,
});
export const reconcileRow = z.object({
  customer_id: z.string(),
  name: z.string().nullable(),
  month,
  /** Of both figures. */
  currency: z.string(),
  ours: money,
  /** Null: the file does not name the customer. */
  theirs: money.nullable(),
  difference: money,
  reason: z.enum(reconcileReasons),
  /** The rule that explains it, in a sentence. */
  explanation: z.string(),
  confidence: z.enum(confidences).nullable(),
});
export type ReconcileRow = z.infer<typeof reconcileRow>;

export const reconcileFile = z.object({
  name: z.string(),
  uploaded_at: instant,
  /** Its first and last month. */
  from: month,
  to: month,
});
export const reconcileOutput = pageOf(reconcileRow).extend({
  /** Null: no file has come yet. */
  file: reconcileFile.nullable(),
  /** Of all months and reasons, newest first; a month with two currencies stands here twice. */
  months: z.array(
    z.object({
      month,
      currency: z.string(),
      ours: money,
      theirs: money,
      equal: z.number().int(),
      explained: z.number().int(),
      unexplained: z.number().int(),
    }),
  ),
});
export type ReconcileOutput = z.infer<typeof reconcileOutput>;
