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
  reviveSource,
  type SourceRow,
  sourceExists,
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
