import { type Connection, ConnectorError } from "#connectors/connector.ts";
import { connectors } from "#connectors/registry.ts";
import type { OrgTx } from "#db/database.ts";
import type { JobPayload } from "#db/jobs.ts";
import { findSyncedSource, holdSource, type SyncedSource } from "#db/queries/source-sync.ts";
import { tellSource } from "#db/queries/sources.ts";
import type { JobRun, WorkerDeps } from "../task.ts";
import { freshCredentials } from "./fresh-credentials.ts";

/** One run of a job of a source: what it is about, the vendor's door, and the only way to write. */
export interface Sync {
  readonly orgId: string;
  readonly source: SyncedSource;
  readonly connector: (typeof connectors)[SyncedSource["kind"]];
  readonly connection: Connection;
  readonly job: JobRun;
  /** Streams that are listed, in the order of a backfill. */
  readonly listed: readonly string[];
  /** The stream that tells what happened, as its permission is named. */
  readonly teller: string | null;
  /** Streams of which earlier states are kept. */
  readonly history: readonly string[];
  look<T>(fn: (tx: OrgTx) => Promise<T>): Promise<T>;
  /**
   * A transaction that writes: while this job holds its lease, and nobody has paused or disconnected the source.
   * @throws SyncStopped
   */
  commit<T>(
    fn: (tx: OrgTx) => Promise<T>,
    options?: { statementMs?: number; repeatable?: boolean },
  ): Promise<T>;
  /** Open pages look at the source again, once a second at most. Call it inside `commit`. */
  tell(tx: OrgTx): Promise<void>;
}

/** This run of the source has ended: somebody paused it, gave it another key, disconnected it. */
export class SyncStopped extends Error {
  override readonly name = "SyncStopped";
}

const tellEveryMs = 1_000;

type SourcePayload = JobPayload<"backfillSource">;

/**
 * @returns null where there is nothing to do: the source is paused, disconnected, or this job is of an earlier run of it
 * @throws ConnectorError `credentials_refused`
 */
export async function openSync(
  deps: WorkerDeps,
  { orgId, sourceId, run }: SourcePayload,
  job: JobRun,
): Promise<Sync | null> {
  const { db } = deps;
  const source = await db.withOrg(orgId, (tx) => findSyncedSource(tx, sourceId, run));
  if (!source) return null;
  const { apiKey } = await freshCredentials(deps, orgId, source, job.signal);
  const connector = connectors[source.kind];
  const { streams } = connector;
  let told = Number.NEGATIVE_INFINITY;
  return {
    ...{ orgId, source, connector, job },
    connection: connector.connect({
      credentials: { apiKey },
      account: source.options.stripe_account ?? null,
      apiBase: deps.env.STRIPE_API_BASE,
      limited: deps.env.LIMITS.sourcesLimited,
    }),
    listed: streams.filter(({ listed }) => listed !== false).map(({ name }) => name),
    teller: streams.find(({ tells }) => tells === true)?.name ?? null,
    history: streams.filter(({ history }) => history === true).map(({ name }) => name),
    look: (fn) => db.withOrg(orgId, fn),
    commit: (fn, options) =>
      db.withOrg(
        orgId,
        async (tx) => {
          await job.requireLease(tx);
          if (!(await holdSource(tx, sourceId, run))) throw new SyncStopped();
          return fn(tx);
        },
        options,
      ),
    async tell(tx) {
      const now = performance.now();
      if (now - told < tellEveryMs) return;
      told = now;
      await tellSource(tx, sourceId);
    },
  };
}

/** Whether a stream may not be read, and only that. */
export const isForbidden = (error: unknown): error is ConnectorError =>
  error instanceof ConnectorError && error.fault === "forbidden";
