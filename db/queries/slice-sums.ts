import { sql } from "drizzle-orm";
import type { PartSum } from "#metrics/composition.ts";
import type { Day } from "#metrics/day.ts";
import type { AnalyticsSettings } from "./analytics-settings.ts";
import { kinds } from "./contributions.ts";
import type { LedgerTx } from "./ledger.ts";
import { rowsPerSlice } from "./pending-sums.ts";
import { dayRollup } from "./rollup-tables.ts";
import { bucketsOf, isBucketEnd } from "./timeline.ts";

const net = sql.raw(kinds.map((kind) => `d.${kind}_annual`).join(" + "));

/**
 * What the values of a key make up at the end of a day, from their rollups; null where those do not tell: the key has none,
 * who pays nothing counts as a customer (composition counts who pays), or some amount lacks its exchange rate.
 */
export async function findSliceSums(
  tx: LedgerTx,
  { rollupDaysFrom, slicesBuilt, policy }: AnalyticsSettings,
  key: string,
  at: Day,
): Promise<PartSum[] | null> {
  if (!slicesBuilt || rollupDaysFrom === null || policy.free_payer !== "churn") return null;
  if (!isBucketEnd(at, bucketsOf(rollupDaysFrom, "month"))) return null;
  const [known] = await tx.rows<{ rolled: boolean; unvalued: boolean }>(sql`
    SELECT EXISTS (SELECT FROM slice_key WHERE org_id = ${tx.orgId} AND key = ${key} AND kept = 'rollups') AS rolled,
      EXISTS (SELECT FROM unvalued WHERE org_id = ${tx.orgId}) AS unvalued`);
  if (!known?.rolled || known.unvalued) return null;
  const rows = await tx.rows<{ value: string; annual: string; customers: string }>(sql`
    SELECT s.value, sum(${net})::text AS annual,
      sum(d.new_customers + d.reactivated_customers - d.churned_customers)::text AS customers
    FROM slice s JOIN ${rowsPerSlice(tx, dayRollup)} d ON d.slice = s.id AND d.day <= ${at}::date
    WHERE s.org_id = ${tx.orgId} AND s.key = ${key} GROUP BY s.value HAVING sum(${net}) <> 0`);
  return rows.map(({ value, annual, customers }) => ({
    key: value === "" ? null : value,
    annual,
    customers: Number(customers),
  }));
}
