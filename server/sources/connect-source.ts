import type { Checked } from "#connectors/connector.ts";
import type { SourceKind } from "#contracts/sources.ts";
import type { OrgTx } from "#db/database.ts";
import { newId } from "#db/ids.ts";
import { type AuditEntry, recordAudit } from "#db/queries/audit.ts";
import { type StoredCredentials, sealCredentials } from "#db/queries/source-credentials.ts";
import { putStreamChecks } from "#db/queries/source-streams.ts";
import {
  type Account,
  createSource,
  enqueueSourceJob,
  findSourceOfAccount,
  lockSource,
  restartSource,
  reviveSource,
  type SourceRow,
  sourceExists,
  updateSource,
} from "#db/queries/sources.ts";
import type { Secrets } from "#db/secrets.ts";

export interface ConnectGiven {
  kind: SourceKind;
  name: string;
  credentials: StoredCredentials;
  keyHint: string | null;
  options: SourceRow["options"];
  checked: Checked;
  actor: Pick<AuditEntry, "actorId" | "actor" | "ip">;
}

export const accountOf = ({ account, livemode }: Checked): Account => ({ ...account, livemode });

/**
 * Begins to read an account whose key was found good. One whose numbers were kept when it was disconnected is the same source
 * again, so that nothing counts twice.
 * @throws AppError CONFLICT `source_exists`
 */
export async function connectSource(tx: OrgTx, secrets: Secrets, given: ConnectGiven): Promise<SourceRow> {
  const { kind, name, keyHint, options, checked, actor } = given;
  const account = accountOf(checked);
  const before = await findSourceOfAccount(tx, kind, account);
  if (before && before.disconnected === null) throw sourceExists(account, before.id);
  const id = before?.id ?? newId();
  const values = {
    ...{ kind, name, keyHint, options, account, createdBy: actor.actorId },
    credentials: await sealCredentials(tx, secrets, id, given.credentials),
  };
  const row = before ? await reviveSource(tx, id, values) : await createSource(tx, { id, ...values });
  await putStreamChecks(tx, id, checked.streams);
  await enqueueSourceJob(tx, "backfillSource", row);
  await recordAudit(tx, {
    ...actor,
    action: "source.connected",
    target: name,
    details: { id, kind, account: account.id, livemode: account.livemode, again: before !== null },
  });
  return row;
}

/** Other credentials for a source that is there: it goes on where it stopped, unless it is paused. @throws AppError NOT_FOUND */
export async function reopenSource(
  tx: OrgTx,
  secrets: Secrets,
  id: string,
  given: Pick<ConnectGiven, "credentials" | "keyHint" | "checked" | "actor">,
): Promise<SourceRow> {
  const { status } = await lockSource(tx, id);
  const change = {
    keyHint: given.keyHint,
    credentials: await sealCredentials(tx, secrets, id, given.credentials),
  };
  await putStreamChecks(tx, id, given.checked.streams);
  const row = status === "paused" ? await updateSource(tx, id, change) : await restartSource(tx, id, change);
  await recordAudit(tx, {
    ...given.actor,
    action: "source.updated",
    target: row.name,
    details: { id, changed: ["key"] },
  });
  return row;
}
