import { sql } from "drizzle-orm";
import { type Policy, type PolicyPreset, resolvePolicy } from "#metrics/policy.ts";
import { decodeCursor, page } from "../cursor.ts";
import type { OrgTx } from "../database.ts";
import { getOrganisation, type Organisation } from "./organisations.ts";

/** The history of an organisation's metric policy. */
export interface PolicyVersionRow extends Record<string, unknown> {
  version: number;
  /** An instant, ISO 8601. */
  at: string;
  /** The address of who changed it; null where nobody did, or where they are gone. */
  actor: string | null;
  preset: PolicyPreset;
  /** As it was in force. */
  policy: Policy;
}

/** Adds the version that a change has just put in force, and before the first change the one that the organisation began with. */
export async function recordPolicyVersion(
  tx: OrgTx,
  change: { before: Organisation; after: Organisation; actorId: string | null },
): Promise<void> {
  const { before, after, actorId } = change;
  const first =
    before.policyVersion === 1 ? [{ ...rowOf(before), at: before.createdAt, actor_id: null }] : [];
  const rows = [...first, { ...rowOf(after), at: null, actor_id: actorId }];
  await tx.rows(sql`
    INSERT INTO policy_version (org_id, version, preset, policy, at, actor_id)
    SELECT ${tx.orgId}::uuid, version, preset, policy, coalesce(at, now()), actor_id
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      AS r (version int, preset text, policy jsonb, at timestamptz, actor_id uuid)
    ON CONFLICT (org_id, version) DO NOTHING`);
}

const rowOf = ({ policyVersion, policy }: Organisation) => {
  const inForce = resolvePolicy(policy);
  return { version: policyVersion, preset: inForce.preset, policy: inForce };
};

/** Newest first. An organisation that never changed its policy has the one version that it began with. */
export async function listPolicyVersions(
  tx: OrgTx,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<{ items: PolicyVersionRow[]; next: string | null }> {
  const [before] = cursor === undefined ? [] : decodeCursor(cursor, ["integer"]);
  const rows = await tx.rows<PolicyVersionRow>(sql`
    SELECT p.version, to_char(p.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS at, u.email AS actor,
      p.preset, p.policy
    FROM policy_version p LEFT JOIN "user" u ON u.id = p.actor_id
    WHERE p.org_id = ${tx.orgId} ${before === undefined ? sql`` : sql`AND p.version < ${before}::bigint`}
    ORDER BY p.version DESC LIMIT ${limit + 1}`);
  if (rows.length === 0 && cursor === undefined) {
    const found = await getOrganisation(tx);
    return { items: [{ ...rowOf(found), at: found.createdAt.toISOString(), actor: null }], next: null };
  }
  return page(rows, limit, ({ version }) => [version]);
}
