import { sql } from "drizzle-orm";
import { type PolicyPatch, resolvePolicy } from "#metrics/policy.ts";
import { lapsedSince, scheduleSettling } from "./graces.ts";
import { lockFacts } from "./import-effects.ts";
import type { LedgerTx } from "./ledger.ts";
import { type Refreshed, refreshCustomers } from "./refresh.ts";
import { dropStage, stageTable } from "./stage-table.ts";

/**
 * Churns those whose grace has run out since the ledger was last settled; the months that it moves are logged. Doing it twice
 * does nothing twice.
 * @returns null where there was nobody
 */
export async function settleLedger(tx: LedgerTx): Promise<Refreshed | null> {
  await lockFacts(tx);
  const [found] = await tx.rows<{ policy: PolicyPatch; today: string; sourced: boolean }>(sql`
    SELECT policy, sourced, (now() AT TIME ZONE timezone)::date::text AS today FROM organisation WHERE id = ${tx.orgId}`);
  if (!found) return null;
  const scope = { ...found, policy: resolvePolicy(found.policy) };
  await stageTable(
    tx,
    "settle_lapsed",
    sql`SELECT DISTINCT customer_id FROM ${lapsedSince(tx, scope)} given`,
  );
  await tx.rows(sql`UPDATE organisation SET settled_day = ${found.today}::date WHERE id = ${tx.orgId}`);
  const [any] = await tx.rows<{ lapsed: boolean }>(sql`SELECT EXISTS (SELECT FROM settle_lapsed) AS lapsed`);
  const refreshed = any?.lapsed
    ? await refreshCustomers(tx, { touched: sql`settle_lapsed`, cause: "past due" })
    : null;
  if (!refreshed) await scheduleSettling(tx, scope);
  await dropStage(tx, "settle_lapsed");
  return refreshed;
}
