import { type SQL, sql } from "drizzle-orm";
import type { LedgerPolicy, LedgerTx } from "./ledger.ts";

/** Which rules of a policy shape the stored ledger, and whose. */

interface LedgerRule<Rule extends keyof LedgerPolicy> {
  /** What the ledger makes of it. */
  read: (policy: LedgerPolicy) => LedgerPolicy[Rule];
  /** A condition on `v`: of whom it can change anything. */
  concerns: (orgId: string) => SQL;
}

/** A rule that the ledger comes to read does not compile until it stands here. */
const rules: { [Rule in keyof LedgerPolicy]: LedgerRule<Rule> } = {
  discounts: {
    // facts hold the price with all discounts, and the one without any: between the other choices nothing differs
    read: ({ discounts }) => (discounts === "none" ? "none" : "all"),
    concerns: () => sql`v.annual_list <> v.annual`,
  },
  free_payer: {
    read: ({ free_payer }) => free_payer,
    concerns: () => sql`v.annual = 0 OR v.annual_list = 0`,
  },
  paused: { read: ({ paused }) => paused, concerns: () => sql`v.status = 'paused'` },
  pause_collection: {
    read: ({ pause_collection }) => pause_collection,
    concerns: () => sql`v.status = 'pause_collection'`,
  },
  return_after_days: {
    read: ({ return_after_days }) => return_after_days,
    concerns: (orgId) => sql`v.customer_id IN (SELECT m.customer_id FROM movement m WHERE m.org_id = ${orgId}
      AND (m.kind = 'reactivation' OR m.kind = 'new' AND m.day > m.cohort_day))`,
  },
};

const differing = (a: LedgerPolicy, b: LedgerPolicy) =>
  Object.values(rules).filter(({ read }) => read(a) !== read(b));

/** Whether a ledger under one policy is another than under the other; where not, only formulas differ. */
export const reshapesLedger = (a: LedgerPolicy, b: LedgerPolicy): boolean => differing(a, b).length > 0;

/** Whose ledger may differ between two policies, at most so many of them; null: more. */
export async function findConcerned(
  tx: LedgerTx,
  [a, b]: readonly [LedgerPolicy, LedgerPolicy],
  most: number,
): Promise<string[] | null> {
  const conditions = differing(a, b).map(({ concerns }) => sql`(${concerns(tx.orgId)})`);
  if (conditions.length === 0) return [];
  const found = await tx.rows<{ id: string }>(sql`
    SELECT DISTINCT v.customer_id::text AS id FROM subscription_version v
    WHERE v.org_id = ${tx.orgId} AND v.superseded_by IS NULL AND (${sql.join(conditions, sql` OR `)}) LIMIT ${most + 1}`);
  return found.length > most ? null : found.map(({ id }) => id);
}
