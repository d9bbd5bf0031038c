import { sql } from "drizzle-orm";
import type { OrgTx } from "../database.ts";

/** What people are called, by id: their name, else their address. Those whose account is gone are left out. */
export async function listPersonNames(
  tx: OrgTx,
  ids: readonly (string | null)[],
): Promise<Map<string, string>> {
  const wanted = [...new Set(ids.filter((id) => id !== null))];
  if (wanted.length === 0) return new Map();
  const rows = await tx.rows<{ id: string; name: string }>(sql`
    SELECT id, coalesce(nullif(name, ''), email) AS name FROM "user" WHERE id = ANY (${sql.param(wanted)}::uuid[])`);
  return new Map(rows.map(({ id, name }) => [id, name]));
}
