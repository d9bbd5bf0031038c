import { ConnectorError, type ConnectorFault } from "#connectors/connector.ts";
import type { OrgTx } from "#db/database.ts";
import { countFailure, markFault } from "#db/queries/source-sync.ts";
import { enqueueSourceJob, tellSource } from "#db/queries/sources.ts";
import { isAppError } from "#root/errors.ts";
import type { SyncJobName } from "./source-task.ts";

/** What a sync that did not get on says, and when it goes on. */

export interface SyncFault {
  code: string;
  /** For the reader, nothing secret. */
  message: string;
  /** Whether asking again may help by itself. */
  isPassing: boolean;
  /** What the vendor asked for. */
  retryAfterMs: number | null;
  isBug: boolean;
}

const passing = {
  credentials_refused: false,
  // of a stream that is required: of others the rest goes on without
  forbidden: false,
  rate_limited: true,
  unavailable: true,
  unexpected: true,
} satisfies Record<ConnectorFault, boolean>;

export function faultOf(error: unknown): SyncFault {
  if (error instanceof ConnectorError) {
    const { fault, message, extra } = error;
    const retryAfterMs = extra.retryAfterMs ?? null;
    return { code: fault, message, isPassing: passing[fault], retryAfterMs, isBug: false };
  }
  if (isAppError(error) && error.extra.reason === "secret_unreadable")
    return {
      ...{ code: "secret_unreadable", message: error.message },
      ...{ isPassing: false, retryAfterMs: null, isBug: true },
    };
  return {
    code: "internal",
    message: "Something went wrong on our side. It has been logged.",
    ...{ isPassing: true, retryAfterMs: null, isBug: true },
  };
}

const firstWaitMs = 2_000;
const longestWaitMs = 10 * 60_000;

/** Twice as long with each failure in a row, and not all sources at one moment. */
const waitAfter = (failures: number): number =>
  Math.min(firstWaitMs * 2 ** (failures - 1), longestWaitMs) * (0.9 + Math.random() * 0.2);

/** Says so on the source, and enqueues the next try. The caller holds the source. */
export async function settleFault(
  tx: OrgTx,
  name: SyncJobName,
  source: { id: string; run: number },
  fault: SyncFault,
): Promise<void> {
  const failures = await countFailure(tx, source.id);
  const waitMs = Math.max(fault.retryAfterMs ?? 0, fault.retryAfterMs === null ? waitAfter(failures) : 0);
  const retryAt = fault.isPassing ? new Date(Date.now() + waitMs) : null;
  const message = retryAt ? `${fault.message} It goes on by itself in ${inWords(waitMs)}.` : fault.message;
  await markFault(tx, source.id, { code: fault.code, message, retryAt });
  if (retryAt) await enqueueSourceJob(tx, name, source, { runAt: retryAt });
  await tellSource(tx, source.id);
}

function inWords(ms: number): string {
  const seconds = Math.max(1, Math.ceil(ms / 1_000));
  if (seconds < 90) return seconds === 1 ? "a second" : `${seconds} seconds`;
  return `${Math.round(seconds / 60)} minutes`;
}
