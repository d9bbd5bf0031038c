import type { Fetched } from "#connectors/connector.ts";
import type { OrgTx } from "#db/database.ts";
import type { ObjectName } from "#db/queries/source-known.ts";
import { packObject, putObjects } from "#db/queries/source-objects.ts";
import { forbidStream, listForbidden } from "#db/queries/source-streams.ts";
import { isForbidden, type Sync } from "./sync.ts";

/** Requests at once; the connector's own limiter is below that. */
const atOnce = 6;

export interface FetchedObjects {
  found: Fetched[];
  /** Streams that may not be read (any more), and why. */
  forbidden: Map<string, string>;
}

/**
 * Objects as they are now. What may not be read, or belongs to no stream, is left out.
 * @throws ConnectorError when one could not be had; those that could are lost then, which costs another look
 */
export async function fetchObjects(sync: Sync, names: readonly ObjectName[]): Promise<FetchedObjects> {
  const forbidden = new Map<string, string>();
  const closed = new Set(await sync.look((tx) => listForbidden(tx, sync.source.id)));
  const waiting = names.filter(({ stream }) => sync.listed.includes(stream) && !closed.has(stream)).values();
  const found: Fetched[] = [];
  const stop = new AbortController();
  const signal = AbortSignal.any([sync.job.signal, stop.signal]);
  const work = async () => {
    for (const { stream, id } of waiting) {
      if (forbidden.has(stream)) continue;
      try {
        found.push(await sync.connection.fetch(stream, id, signal));
      } catch (error) {
        if (!isForbidden(error)) throw error;
        forbidden.set(stream, error.message);
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(atOnce, names.length) }, work));
  } finally {
    stop.abort();
  }
  return { found, forbidden };
}

/** Keeps what was fetched. Call it inside `commit`. @param notBefore of the vendor's clock, milliseconds */
export async function putFetched(
  sync: Sync,
  tx: OrgTx,
  { found, forbidden }: FetchedObjects,
  notBefore = 0,
): Promise<void> {
  for (const [stream, message] of forbidden) await forbidStream(tx, sync.source.id, stream, message);
  const [first] = found;
  if (!first) return;
  await putObjects(tx, sync.source.id, {
    objects: found.flatMap(({ objects }) => objects.map(packObject)),
    replaces: found.flatMap(({ replaces }) => replaces),
    at: Math.max(
      notBefore,
      found.reduce((oldest, { at }) => Math.min(oldest, at), first.at),
    ),
    apiVersion: first.apiVersion,
    history: sync.history,
  });
}
