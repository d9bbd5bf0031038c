import { EnvError } from "#root/env.ts";
import { withMaint } from "./check-keys.ts";
import type { KeyRing } from "./key-ring.ts";
import { sealBytes } from "./seal.ts";
import { dataKeyPlace, unwrapDataKey } from "./secrets.ts";

interface DataKeyRow {
  org_id: string;
  id: string;
  kid: string;
  wrapped: string;
}

const batch = 200;

/** How many data keys are sealed with another key than the first: a rotation that is still to do, or to finish. */
export const countOldKeys = (url: string, ring: KeyRing): Promise<number> =>
  withMaint(url, async (client) => {
    const { rows } = await client.query<{ n: number }>(
      "SELECT count(*)::int AS n FROM app.data_key WHERE kid <> $1",
      [ring.primary.id],
    );
    return rows[0]?.n ?? 0;
  });

/**
 * Seals every organisation's data key with the ring's first key; the secrets themselves stay as they are. People may go on
 * working. Each key is changed by itself and only if nobody changed it meanwhile, so that a run that was cut off is simply
 * run again.
 * @returns how many were sealed anew
 * @throws EnvError when one cannot be opened
 */
export const rotateDataKeys = (
  url: string,
  ring: KeyRing,
  onSealed: (done: number) => void = () => {},
): Promise<number> =>
  withMaint(url, async (client) => {
    let done = 0;
    let after = "00000000-0000-0000-0000-000000000000";
    for (;;) {
      const { rows } = await client.query<DataKeyRow>(
        "SELECT org_id, id, kid, wrapped FROM app.data_key WHERE kid <> $1 AND org_id > $2 ORDER BY org_id LIMIT $3",
        [ring.primary.id, after, batch],
      );
      const last = rows.at(-1);
      if (!last) return done;
      after = last.org_id;
      for (const row of rows) {
        const { rowCount } = await client.query(
          "UPDATE app.data_key SET kid = $1, wrapped = $2 WHERE org_id = $3 AND wrapped = $4",
          [ring.primary.id, sealAnew(ring, row), row.org_id, row.wrapped],
        );
        done += rowCount ?? 0;
        onSealed(done);
      }
    }
  });

function sealAnew(ring: KeyRing, row: DataKeyRow): string {
  const old = ring.find(row.kid);
  if (!old)
    throw new EnvError(
      `The key ${row.kid} still seals secrets and is not there: put it back behind the first one.`,
    );
  const { bytes } = unwrapDataKey(old, row.org_id, row);
  return sealBytes(ring.primary, dataKeyPlace(row.org_id, row.id), bytes);
}

/**
 * Gives up what no key opens any more: the sources concerned wait for a new key of theirs, and everything else is kept.
 * @returns how many sources that concerns
 */
export const discardUnreadable = (url: string, ring: KeyRing | null): Promise<number> =>
  withMaint(url, async (client) => {
    const { rows } = await client.query<DataKeyRow>("SELECT org_id, id, kid, wrapped FROM app.data_key");
    const lost = rows.filter((row) => !canOpen(ring, row)).map((row) => row.org_id);
    await client.query("BEGIN");
    await client.query("DELETE FROM app.data_key WHERE org_id = ANY($1)", [lost]);
    await client.query("DELETE FROM app.source_authorisation WHERE org_id = ANY($1)", [lost]);
    const { rowCount } = await client.query(
      `UPDATE app.source SET status = 'error', credentials = '', webhook_secrets = NULL, webhook_secret_count = 0,
         run = run + 1, error_code = 'secret_unreadable', error_at = now(),
         error_message = 'The stored key of this source was given up. Give it again, and its webhook secrets.'
       WHERE org_id = ANY($1) AND disconnected IS NULL`,
      [lost],
    );
    await client.query("COMMIT");
    return rowCount ?? 0;
  });

function canOpen(ring: KeyRing | null, row: DataKeyRow): boolean {
  const key = ring?.find(row.kid);
  try {
    return key !== null && key !== undefined && unwrapDataKey(key, row.org_id, row).bytes.length === 32;
  } catch {
    return false;
  }
}
