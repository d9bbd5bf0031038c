import { sql } from "drizzle-orm";
import { z } from "zod";
import type { OrgTx } from "./database.ts";

const orgId = z.uuid();
/** `actorId`: who asked for it, where that is not whoever uploaded the file. */
const uploadJob = z.object({ orgId, uploadId: z.uuid(), actorId: z.uuid().nullable().optional() }).strict();

/** `run`: of the source when the job was made. It counts up with every connect, pause, resume and new key; older jobs stop. */
const sourceJob = z.object({ orgId, sourceId: z.uuid(), run: z.number().int() }).strict();

/** Every background job: name → payload. `workers/index.ts` must handle each, or it does not compile. */
export const jobCatalogue = {
  /** Reads a file while it still arrives; where that does not work out, the two jobs below do all of it. */
  stageArriving: uploadJob,
  /** Detects dialect, kind and mapping of a received file, then imports it or asks. */
  parseUpload: uploadJob,
  /** Stages, checks and applies the rows of a mapped upload. */
  importUpload: uploadJob,
  /** Takes a finished import back. */
  undoUpload: uploadJob,
  /** Recomputes the whole organisation: time zone, currency or policy changed. */
  rebuildMetrics: z.object({ orgId, cause: z.string(), actorId: z.uuid().nullable() }).strict(),
  /** Churns customers whose grace for paying late has run out. */
  settleLedger: z.object({ orgId }).strict(),
  /** Makes the slices of a large organisation: rollups per plan, country, attribute. */
  buildSlices: z.object({ orgId }).strict(),
  /** Makes sums that are kept because people ask for them. */
  keepSums: z.object({ orgId, id: z.number().int() }).strict(),
  /** Adds what refreshes left pending to the sums of slices. */
  foldSums: z.object({ orgId }).strict(),
  /** Makes the documents of dashboards that were made before there were documents. */
  seedDashboards: z.object({ orgId }).strict(),
  /** Reads all streams of a source from where it stopped, then what happened meanwhile. */
  backfillSource: sourceJob,
  /** Fetches the objects that waiting events name, and derives the numbers that follow. */
  applySourceChanges: sourceJob,
  /** Asks a source what happened: what webhooks did not tell. */
  pollSource: sourceJob,
  /** Lists again what must not be missed. */
  reconcileSource: sourceJob,
  /** Makes facts and numbers of the customers that are stale. */
  deriveSource: sourceJob,
  /** Takes a disconnected source's objects, facts and numbers away. */
  removeSource: sourceJob,
  loadDemo: z.object({ orgId, customers: z.number().int().positive() }).strict(),
  /** Makes the log of a shared document into a snapshot. */
  compactDocument: z.object({ orgId, docId: z.uuid() }).strict(),
  sendMail: z.object({ orgId, mailId: z.uuid() }).strict(),
  /** Tells somebody in one mail of all that they were named in lately. `origin`: of the links in it. */
  mailMentions: z.object({ orgId, userId: z.uuid(), origin: z.url() }).strict(),
} as const satisfies Record<string, z.ZodType<{ orgId: string }>>;

export type JobName = keyof typeof jobCatalogue;
export type JobPayload<Name extends JobName> = z.infer<(typeof jobCatalogue)[Name]>;

/**
 * Asked for again while they run, they go on, and one more waits for their end. Any other job with a key loses its lease then, and
 * begins anew: what is asked for many times a second would never come to its end.
 */
export const steadyJobs: ReadonlySet<JobName> = new Set<JobName>([
  "applySourceChanges",
  "foldSums",
  "keepSums",
]);

export interface JobOptions {
  /** Jobs of one queue run one after the other. */
  queue?: string;
  /** A job with this key replaces a waiting one, and one that runs unless it is steady. */
  key?: string;
  keyMode?: "replace" | "preserve_run_at";
  runAt?: Date;
  maxAttempts?: number;
  priority?: number;
}

/** Enqueues in the caller's transaction: the write and the job it causes commit together. */
export async function enqueueJob<Name extends JobName>(
  tx: Pick<OrgTx, "rows">,
  name: Name,
  payload: JobPayload<Name>,
  options: JobOptions = {},
): Promise<void> {
  const checked = jobCatalogue[name].parse(payload);
  await tx.rows(
    sql`SELECT jobs.enqueue(${name}, ${JSON.stringify(checked)}::jsonb, ${JSON.stringify(options)}::jsonb)`,
  );
}
