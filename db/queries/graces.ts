import { type SQL, sql } from "drizzle-orm";
import { enqueueJob } from "../jobs.ts";
import type { LedgerScope, LedgerTx } from "./ledger.ts";

/**
 * The ledger is stored, and a grace runs out without any fact changing: a job makes the customers whose does afresh on that
 * day, and nobody else.
 */

/** On which day a version `v` that is past due stops counting, if it does: its grace ends unpaid, or its subscription does. */
const dueDay = (days: number): SQL => sql`least(v.past_due_lost_day, CASE WHEN v.past_due_paid_day IS NULL
  OR v.past_due_day + ${days}::int < v.past_due_paid_day THEN v.past_due_day + ${days}::int END)`;

const late = (tx: LedgerTx): SQL =>
  sql`v.org_id = ${tx.orgId} AND v.past_due_day IS NOT NULL AND v.status = 'past_due' AND v.superseded_by IS NULL`;

type Graced = Pick<LedgerScope, "policy" | "today" | "sourced">;
const hasGraces = ({ policy, sourced }: Graced): boolean => sourced && policy.past_due === "grace";

/** Sees to it that the ledger is settled on the day on which the next grace runs out. */
export async function scheduleSettling(tx: LedgerTx, scope: Graced): Promise<void> {
  if (!hasGraces(scope)) return;
  const day = dueDay(scope.policy.past_due_days);
  const [next] = await tx.rows<{ at: string | null }>(sql`
    SELECT to_char((min(${day})::timestamp AT TIME ZONE (SELECT timezone FROM organisation WHERE id = ${tx.orgId}))
      AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS at
    FROM subscription_version v WHERE ${late(tx)} AND ${day} > ${scope.today}::date`);
  if (!next?.at) return;
  await enqueueJob(
    tx,
    "settleLedger",
    { orgId: tx.orgId },
    { key: `settle:${tx.orgId}`, queue: `import:${tx.orgId}`, runAt: new Date(next.at) },
  );
}

/** FROM item with a column `customer_id`: whose grace has run out since the ledger was last settled. */
export const lapsedSince = (tx: LedgerTx, { policy, today }: Graced): SQL => sql`(
  SELECT v.customer_id FROM subscription_version v, organisation o
  WHERE o.id = ${tx.orgId} AND ${late(tx)} AND ${dueDay(policy.past_due_days)} <= ${today}::date
    AND ${dueDay(policy.past_due_days)} > coalesce(o.settled_day, DATE '0001-01-01'))`;
