import type { Connector, StreamDescription } from "#connectors/connector.ts";
import { connectors } from "#connectors/registry.ts";
import type { SourceOutput, SourceStream } from "#contracts/sources.ts";
import type { OrgTx } from "#db/database.ts";
import { countSourceObjects, listSourceWarnings } from "#db/queries/source-counts.ts";
import { listSourceStreams, type SourceRow, type SourceStreamRow } from "#db/queries/sources.ts";

/** A source as it may be shown: what is sealed stays out. */
export async function toSourceOutput(tx: OrgTx, row: SourceRow, origin: string): Promise<SourceOutput> {
  const kept = await listSourceStreams(tx, row.id);
  const streams = streamsOf(row, kept);
  const teller = kept.find(({ name }) => name === tellerOf(row.kind)?.name);
  const reading = row.status === "connecting" || row.status === "backfilling";
  const current = reading
    ? streams.find((stream) => !stream.finished && stream.state !== "forbidden")
    : undefined;
  return {
    id: row.id,
    kind: row.kind,
    name: row.name,
    status: row.status,
    livemode: row.livemode,
    account: row.accountId === null ? null : { id: row.accountId, name: row.accountName },
    key_hint: row.keyHint,
    progress: current ? { stream: current.name, done: current.done, total: null } : null,
    counts: {
      ...Object.fromEntries(streams.map(({ name, done }) => [name, reading ? done : 0])),
      // thousands more with each look: what came so far is told without counting
      ...(reading ? {} : await countSourceObjects(tx, row.id)),
    },
    streams,
    changes: { state: teller?.state ?? "waiting", message: teller?.message ?? null },
    last_error:
      row.errorCode === null
        ? null
        : {
            code: row.errorCode,
            message: row.errorMessage ?? "",
            at: (row.errorAt ?? row.createdAt).toISOString(),
          },
    synced_at: row.syncedAt?.toISOString() ?? null,
    last_event_at: row.lastEventAt?.toISOString() ?? null,
    next_sync_at: row.nextSyncAt?.toISOString() ?? null,
    webhook_url: `${origin}/webhooks/${row.kind}/${row.id}`,
    webhook_secrets: row.webhookSecretCount,
    warnings: await listSourceWarnings(tx, row.id, 20),
    created_at: row.createdAt.toISOString(),
  };
}

/** The stream of which it is asked what happened. */
export function tellerOf(kind: SourceRow["kind"]): StreamDescription | null {
  const { streams }: Pick<Connector<never>, "streams"> = connectors[kind];
  return streams.find(({ tells }) => tells === true) ?? null;
}

/** In the order of a backfill. */
export function streamsOf(row: Pick<SourceRow, "kind">, kept: readonly SourceStreamRow[]): SourceStream[] {
  const byName = new Map(kept.map((stream) => [stream.name, stream]));
  const { streams }: Pick<Connector<never>, "streams"> = connectors[row.kind];
  return streams
    .filter((stream) => stream.listed !== false)
    .map(({ name, label, required }) => {
      const found = byName.get(name);
      return {
        ...{ name, label, required },
        state: found?.state ?? "waiting",
        message: found?.message ?? null,
        done: found?.done ?? 0,
        finished: found?.finishedAt != null,
      };
    });
}
