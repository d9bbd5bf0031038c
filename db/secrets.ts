import { randomBytes } from "node:crypto";
import { sql } from "drizzle-orm";
import { AppError } from "#root/errors.ts";
import type { OrgTx } from "./database.ts";
import type { KeyRing, KeySource } from "./key-ring.ts";
import { type Key, openBytes, SealBroken, sealBytes } from "./seal.ts";

/** Where a secret stands. Sealed text opens there and nowhere else. */
export interface SecretPlace {
  table: string;
  column: string;
  rowId: string;
}

type SecretTx = Pick<OrgTx, "orgId" | "rows">;

/**
 * Secrets at rest: each organisation has a key of its own (`data_key`), which a key of SECRET_KEYS seals. What is opened is
 * never logged, never put into a job, an event, an audit row or an answer.
 */
export interface Secrets {
  seal(tx: SecretTx, place: SecretPlace, text: string): Promise<string>;
  /** @throws AppError INTERNAL, reason `secret_unreadable`: damaged, moved, or its key is gone */
  open(tx: SecretTx, place: SecretPlace, sealed: string): Promise<string>;
}

export function createSecrets(keys: KeySource): Secrets {
  const placeText = (tx: SecretTx, { table, column, rowId }: SecretPlace) =>
    `${table}|${column}|${tx.orgId}|${rowId}`;
  return {
    async seal(tx, place, text) {
      const key = (await findDataKey(tx, keys)) ?? (await createDataKey(tx, keys));
      return sealBytes(key, placeText(tx, place), Buffer.from(text));
    },
    async open(tx, place, sealed) {
      const key = await findDataKey(tx, keys);
      if (!key) throw unreadable("the organisation has no data key");
      try {
        return openBytes(key, placeText(tx, place), sealed).toString();
      } catch (error) {
        if (error instanceof SealBroken) throw unreadable(`${place.table}.${place.column}: ${error.message}`);
        throw error;
      }
    },
  };
}

const unreadable = (internal: string): AppError =>
  new AppError("INTERNAL", "A stored secret cannot be read. Give it again.", {
    reason: "secret_unreadable",
    internal,
  });

/** What a data key is sealed to. */
export const dataKeyPlace = (orgId: string, id: string): string => `data_key|wrapped|${orgId}|${id}`;

/** @throws SealBroken */
export const unwrapDataKey = (key: Key, orgId: string, row: { id: string; wrapped: string }): Key => ({
  id: row.id,
  bytes: openBytes(key, dataKeyPlace(orgId, row.id), row.wrapped),
});

interface DataKeyRow extends Record<string, unknown> {
  id: string;
  kid: string;
  wrapped: string;
}

async function findDataKey(tx: SecretTx, keys: KeySource): Promise<Key | null> {
  const [row] = await tx.rows<DataKeyRow>(
    sql`SELECT id, kid, wrapped FROM data_key WHERE org_id = ${tx.orgId}`,
  );
  if (!row) return null;
  // another process may have rotated the keys since this one read them
  const key = keys.get().find(row.kid) ?? keys.reload().find(row.kid);
  if (!key) throw unreadable(`the key ${row.kid} is not in SECRET_KEYS`);
  try {
    return unwrapDataKey(key, tx.orgId, row);
  } catch (error) {
    if (error instanceof SealBroken) throw unreadable(`data_key: ${error.message}`);
    throw error;
  }
}

async function createDataKey(tx: SecretTx, keys: KeySource): Promise<Key> {
  const { primary }: KeyRing = keys.get();
  const made = { id: randomBytes(6).toString("hex"), bytes: randomBytes(32) };
  const wrapped = sealBytes(primary, dataKeyPlace(tx.orgId, made.id), made.bytes);
  await tx.rows(sql`
    INSERT INTO data_key (org_id, id, kid, wrapped) VALUES (${tx.orgId}, ${made.id}, ${primary.id}, ${wrapped})
    ON CONFLICT (org_id) DO NOTHING`);
  // of two at once the first one's counts
  const kept = await findDataKey(tx, keys);
  if (!kept) throw unreadable("the data key that was just made is gone");
  return kept;
}
