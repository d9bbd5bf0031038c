import { type SQL, sql } from "drizzle-orm";
import type { LedgerPolicy, LedgerTx } from "./ledger.ts";

/** Which rules of a policy shape the stored ledger, and whose. */

interface LedgerRule {
  /** What the ledger makes of it; `sourced`: some facts came from a source. */
  read: (policy: LedgerPolicy, sourced: boolean) => unknown;
  /** A condition on `v`: of whom it can change anything. */
  concerns: (orgId: string) => SQL;
}

const late = sql`v.past_due_day IS NOT NULL`;

/** A rule that the ledger comes to read does not compile until it stands here. */
const rules: Record<keyof LedgerPolicy, LedgerRule> = {
  discounts: {
    // files tell the price with all discounts, and the one without any: between the other choices nothing differs
    read: ({ discounts }, sourced) => (sourced || discounts === "none" ? discounts : "all"),
    concerns: () => sql`v.annual_list <> v.annual`,
  },
  free_payer: {
    read: ({ free_payer }) => free_payer,
    concerns: () => sql`v.annual = 0 OR v.annual_list = 0`,
  },
  paused: { read: ({ paused }) => paused, concerns: () => sql`v.status = 'paused'` },
  past_due: { read: ({ past_due }, sourced) => sourced && past_due, concerns: () => late },
  past_due_days: {
    read: ({ past_due, past_due_days }, sourced) => sourced && past_due === "grace" && past_due_days,
    concerns: () => late,
  },
  cancel: {
    read: ({ cancel }, sourced) => sourced && cancel,
    concerns: () => sql`v.cancel_day IS NOT NULL`,
  },
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

const differing = (a: LedgerPolicy, b: LedgerPolicy, sourced: boolean) =>
  Object.values(rules).filter(({ read }) => read(a, sourced) !== read(b, sourced));

/**
 * Whether a ledger under one policy is another than under the other; where not, only formulas differ.
 * @param sourced organisation.sourced: what only sources know can make a difference
 */
export const reshapesLedger = (a: LedgerPolicy, b: LedgerPolicy, sourced: boolean): boolean =>
  differing(a, b, sourced).length > 0;

/** Whether some facts of the organisation came from a source. */
export async function isSourced(tx: LedgerTx): Promise<boolean> {
  const [found] = await tx.rows<{ sourced: boolean }>(
    sql`SELECT sourced FROM organisation WHERE id = ${tx.orgId}`,
  );
  return found?.sourced ?? false;
}

/** Whose ledger may differ between two policies, at most so many of them; null: more. */
export async function findConcerned(
  tx: LedgerTx,
  { policies: [a, b], sourced }: { policies: readonly [LedgerPolicy, LedgerPolicy]; sourced: boolean },
  most: number,
): Promise<string[] | null> {
  const conditions = differing(a, b, sourced).map(({ concerns }) => sql`(${concerns(tx.orgId)})`);
  if (conditions.length === 0) return [];
  const found = await tx.rows<{ id: string }>(sql`
    SELECT DISTINCT v.customer_id::text AS id FROM subscription_version v
    WHERE v.org_id = ${tx.orgId} AND v.superseded_by IS NULL AND (${sql.join(conditions, sql` OR `)}) LIMIT ${most + 1}`);
  return found.length > most ? null : found.map(({ id }) => id);
}
