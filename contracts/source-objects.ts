import { z } from "zod";
import { instant } from "./accounts.ts";
import { confidences } from "./source-facts.ts";
import { sourceKinds } from "./sources.ts";

/** Objects of connected systems, as facts name them: where a number ends that came from no file. */

/** `type` is `subscription`, `invoice`, …: what evidence begins with. */
const sourceObjectRef = z.object({ type: z.string(), id: z.string(), source_id: z.uuid() });

/** What a fact of a source has besides: absent where it came from a file. */
export const sourcedFact = {
  /** What it was read from, the strongest first. */
  object: sourceObjectRef.nullable().optional(),
  confidence: z.enum(confidences).nullable().optional(),
  /** How its amount came about, in words. */
  note: z.string().nullable().optional(),
};

export const sourceObjectInput = z.object({
  id: z.uuid(),
  type: z.string().max(60),
  object_id: z.string().max(500),
});
/** An object as the vendor gave it last. */
export const sourceObjectOutput = z.object({
  source: z.object({ id: z.uuid(), kind: z.enum(sourceKinds), name: z.string() }),
  type: z.string(),
  id: z.string(),
  customer_id: z.string().nullable(),
  /** The vendor has it no more: this is how it was last. */
  deleted: z.boolean(),
  /** When it was read; of an event, when it happened. */
  at: instant,
  /** The vendor's own page of it, for those who may sign in there. */
  url: z.string().nullable(),
  body: z.record(z.string(), z.unknown()),
  /** Subscriptions that were read from it, as they count now. */
  facts: z.array(
    z.object({
      customer_id: z.string(),
      subscription_id: z.string().nullable(),
      plan: z.string().nullable(),
      from: z.string(),
      to: z.string().nullable(),
      status: z.string(),
      confidence: z.enum(confidences).nullable(),
      note: z.string().nullable(),
    }),
  ),
});
export type SourceObjectOutput = z.infer<typeof sourceObjectOutput>;

/** Customers whose MRR files and the source both tell of, at the same time: it counts twice where they mean the same. */
export const besideFilesOutput = z.object({
  /** At most 1,000 are counted. */
  customers: z.number().int(),
  examples: z.array(z.object({ customer_id: z.string(), name: z.string().nullable() })),
});
export type BesideFiles = z.infer<typeof besideFilesOutput>;

/** Sources of which that is so. */
export const allBesideFilesOutput = z.object({
  items: z.array(besideFilesOutput.extend({ source_id: z.uuid(), name: z.string() })),
});
export type AllBesideFiles = z.infer<typeof allBesideFilesOutput>;
