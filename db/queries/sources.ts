import { and, asc, eq, gt, isNull, type SQL, sql } from "drizzle-orm";
import type { SourceKind } from "#contracts/sources.ts";
import { AppError } from "#root/errors.ts";
import { decodeIdCursor, page } from "../cursor.ts";
import type { InstanceTx, OrgTx } from "../database.ts";
import { enqueueJob, type JobOptions } from "../jobs.ts";
import { source, sourceStream } from "../schema/sources.ts";
import type { SecretPlace } from "../secrets.ts";
import { recordEvent } from "./events.ts";

/** Never leaves the server as it is: `credentials` and `webhookSecrets` are sealed, and stay there. */
export type SourceRow = typeof source.$inferSelect;
export type SourceStreamRow = typeof sourceStream.$inferSelect;

/** Where a source's secrets stand, for `Secrets.seal` and `Secrets.open`. */
export const credentialsPlace = (id: string): SecretPlace => ({
  table: "source",
  column: "credentials",
  rowId: id,
});
export const webhookSecretsPlace = (id: string): SecretPlace => ({
  table: "source",
  column: "webhook_secrets",
  rowId: id,
});

const own = (tx: OrgTx, id: string) => and(eq(source.orgId, tx.orgId), eq(source.id, id));
const noSuchSource = () => new AppError("NOT_FOUND", "There is no such source.");
/** Tells open pages to look at a source again. */
export const tellSource = (tx: Pick<OrgTx, "orgId" | "rows">, id: string): Promise<void> =>
  recordEvent(tx, { topic: "sources", keys: { id } });

/** Oldest first; those that are disconnected are not among them. */
export async function listSources(tx: OrgTx, input: { limit: number; cursor?: string }) {
  const after = decodeIdCursor(input.cursor);
  const rows = await tx.q
    .select()
    .from(source)
    .where(
      and(
        eq(source.orgId, tx.orgId),
        isNull(source.disconnected),
        after === null ? undefined : gt(source.id, after),
      ),
    )
    .orderBy(asc(source.id))
    .limit(input.limit + 1);
  return page(rows, input.limit, (row) => [row.id]);
}

/** Null where there is none, or it is disconnected. */
export async function findSource(tx: OrgTx, id: string): Promise<SourceRow | null> {
  const [found] = await tx.q
    .select()
    .from(source)
    .where(and(own(tx, id), isNull(source.disconnected)));
  return found ?? null;
}

/** @throws AppError NOT_FOUND */
export async function getSource(tx: OrgTx, id: string): Promise<SourceRow> {
  const found = await findSource(tx, id);
  if (!found) throw noSuchSource();
  return found;
}

/** As `getSource`, and holds off every other change of it until the transaction ends. @throws AppError NOT_FOUND */
export async function lockSource(tx: OrgTx, id: string): Promise<SourceRow> {
  const [found] = await tx.q
    .select()
    .from(source)
    .where(and(own(tx, id), isNull(source.disconnected)))
    .for("no key update");
  if (!found) throw noSuchSource();
  return found;
}

/** The organisation of a source, before one is entered: a webhook names nothing but its source. */
export async function findSourceOrganisation(tx: InstanceTx, id: string): Promise<string | null> {
  const [found] = await tx.rows<{ org_id: string }>(
    sql`SELECT org_id FROM source WHERE id = ${id} AND disconnected IS NULL`,
  );
  return found?.org_id ?? null;
}

export interface Account {
  id: string;
  name: string | null;
  livemode: boolean;
}

/** One that reads this account in this mode: connected, or disconnected with its numbers kept. */
export async function findSourceOfAccount(
  tx: OrgTx,
  kind: SourceKind,
  account: Account,
): Promise<SourceRow | null> {
  const [found] = await tx.q
    .select()
    .from(source)
    .where(
      and(
        eq(source.orgId, tx.orgId),
        eq(source.kind, kind),
        eq(source.accountId, account.id),
        eq(source.livemode, account.livemode),
        sql`${source.disconnected} IS DISTINCT FROM 'remove'`,
      ),
    );
  return found ?? null;
}

export interface NewSource {
  /** Made by `newId()`: the credentials are sealed to it. */
  id: string;
  kind: SourceKind;
  name: string;
  /** Sealed. */
  credentials: string;
  keyHint: string | null;
  options: SourceRow["options"];
  account: Account;
  createdBy: string | null;
}

/**
 * Of one account and mode there is one.
 * @throws AppError CONFLICT, reason `source_exists`
 */
export async function createSource(tx: OrgTx, { account, ...values }: NewSource): Promise<SourceRow> {
  const [made] = await tx.q
    .insert(source)
    .values({
      orgId: tx.orgId,
      ...values,
      accountId: account.id,
      accountName: account.name,
      livemode: account.livemode,
    })
    .onConflictDoNothing()
    .returning();
  if (!made) throw sourceExists(account, (await findSourceOfAccount(tx, values.kind, account))?.id ?? null);
  await tellSource(tx, made.id);
  return made;
}

/**
 * Connects one again that was disconnected with its numbers kept: it is read from the beginning, over what is there.
 * @throws AppError CONFLICT, reason `source_exists`, when somebody else just did
 */
export async function reviveSource(
  tx: OrgTx,
  id: string,
  { account, ...values }: Omit<NewSource, "id">,
): Promise<SourceRow> {
  const [row] = await tx.q
    .update(source)
    .set({
      ...values,
      accountName: account.name,
      status: "connecting",
      disconnected: null,
      frozenAt: null,
      changesCursor: null,
      syncedAt: null,
      ...noFault,
      run: nextRun,
    })
    .where(and(own(tx, id), eq(source.disconnected, "keep")))
    .returning();
  if (!row) throw sourceExists(account, id);
  await tx.q.delete(sourceStream).where(and(eq(sourceStream.orgId, tx.orgId), eq(sourceStream.sourceId, id)));
  await tellSource(tx, id);
  return row;
}

const noFault = { errorCode: null, errorMessage: null, errorAt: null };
/** Jobs of the run before stop. */
const nextRun = sql`${source.run} + 1`;

/** Nothing of it is read until it is resumed. @throws AppError NOT_FOUND */
export async function pauseSource(tx: OrgTx, id: string): Promise<SourceRow> {
  const row = await lockSource(tx, id);
  if (row.status === "paused") return row;
  return updateSource(tx, id, { status: "paused", nextSyncAt: null, run: nextRun });
}

/** Goes on where it stopped: after a pause, after an error, with another key. @throws AppError NOT_FOUND */
export async function restartSource(tx: OrgTx, id: string, change: SourceChange = {}): Promise<SourceRow> {
  const row = await updateSource(tx, id, { ...change, ...noFault, status: "connecting", run: nextRun });
  await enqueueSourceJob(tx, "backfillSource", row);
  return row;
}

/**
 * `keep`: its objects and numbers stay, its keys go. `remove`: a job takes everything away.
 * @throws AppError NOT_FOUND
 */
export async function disconnectSource(tx: OrgTx, id: string, data: "keep" | "remove"): Promise<SourceRow> {
  await lockSource(tx, id);
  const row = await updateSource(tx, id, {
    disconnected: data,
    status: "paused",
    credentials: "",
    webhookSecrets: null,
    webhookSecretCount: 0,
    nextSyncAt: null,
    run: nextRun,
  });
  if (data === "remove") await enqueueSourceJob(tx, "removeSource", row);
  return row;
}

export const sourceExists = (account: Account, id: string | null): AppError =>
  new AppError(
    "CONFLICT",
    `${account.name ?? account.id} (${account.livemode ? "live" : "test"} mode) is connected already.`,
    { reason: "source_exists", details: { id } },
  );

export type SourceChange = Partial<Omit<SourceRow, "orgId" | "id" | "kind" | "createdAt" | "run">> & {
  run?: SQL;
};

/** @throws AppError NOT_FOUND */
export async function updateSource(tx: OrgTx, id: string, change: SourceChange): Promise<SourceRow> {
  const [changed] = await tx.q.update(source).set(change).where(own(tx, id)).returning();
  if (!changed) throw noSuchSource();
  await tellSource(tx, id);
  return changed;
}

/** Puts renewed credentials (sealed) in place of those they were renewed from; a new key that came meanwhile stays. */
export async function renewCredentials(
  tx: OrgTx,
  before: Pick<SourceRow, "id" | "credentials">,
  sealed: string,
): Promise<void> {
  await tx.q
    .update(source)
    .set({ credentials: sealed })
    .where(and(own(tx, before.id), eq(source.credentials, before.credentials)));
}

export async function listSourceStreams(tx: OrgTx, sourceId: string): Promise<SourceStreamRow[]> {
  return tx.q
    .select()
    .from(sourceStream)
    .where(and(eq(sourceStream.orgId, tx.orgId), eq(sourceStream.sourceId, sourceId)));
}

type SourceJob =
  | "backfillSource"
  | "applySourceChanges"
  | "pollSource"
  | "reconcileSource"
  | "deriveSource"
  | "removeSource";

/**
 * A job of a source: one of its kind waits at a time, and those of one source run one after the other. `run` is the source's
 * own as the caller knows it.
 */
export const enqueueSourceJob = (
  tx: Pick<OrgTx, "orgId" | "rows">,
  name: SourceJob,
  { id, run }: { id: string; run: number },
  options: Pick<JobOptions, "runAt" | "maxAttempts" | "priority" | "keyMode"> = {},
): Promise<void> =>
  enqueueJob(
    tx,
    name,
    { orgId: tx.orgId, sourceId: id, run },
    { key: `source:${id}:${name}`, queue: `source:${id}`, ...options },
  );
