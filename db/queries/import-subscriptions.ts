import { type SQL, sql } from "drizzle-orm";
import { moneyOwner } from "./import-customers.ts";
import { column, currencyColumn, dayOf, has, instantOf, isNaive, type Staged } from "./import-stage.ts";
import type { LedgerTx } from "./ledger.ts";
import { isSourced } from "./ledger-rules.ts";
import { inForce, putAsideUploads } from "./put-aside.ts";

/** Subscription versions out of a filled stage: the set-based twin of metrics/normalise.ts and of the rules for versions. */

/** The subscription id; without one, what the contract names as key: customer, plan and start. */
const subKey = (stage: Staged): SQL => {
  const made = sql`'k:' || md5(s.customer_id || chr(31) || coalesce(${column(stage, "plan", "text")}, '') || chr(31)
    || s.started_at::text || chr(31) || (s.zones & 1))`;
  return has(stage, "subscription_id")
    ? sql`CASE WHEN s.subscription_id IS NULL THEN ${made} ELSE 's:' || s.subscription_id END`
    : made;
};

const unit = (stage: Staged): SQL =>
  has(stage, "interval") ? sql`coalesce(s.interval, 'month')` : sql`'month'::text`;

/** Per year from one period's amount. Division comes last and with room to spare: exact until the twelfth decimal. */
const perYear = (stage: Staged, amount: SQL): SQL => sql`
  CASE ${unit(stage)} WHEN 'month' THEN CASE WHEN s.n = 1 THEN ${amount} * 12 ELSE (${amount} * 12)::numeric(60, 20) / s.n END
    WHEN 'year' THEN CASE WHEN s.n = 1 THEN ${amount} ELSE (${amount})::numeric(60, 20) / s.n END
    WHEN 'week' THEN (${amount} * 52)::numeric(60, 20) / s.n
    ELSE (${amount} * 365)::numeric(60, 20) / s.n END`;

/** Before and after the discounts: the percent comes before the amount, the floor is 0. */
function annualAmounts(stage: Staged): { list: SQL; net: SQL | null } {
  const gross = has(stage, "quantity") ? sql`(s.amount * coalesce(s.quantity, 1))` : sql`s.amount`;
  const percent = has(stage, "discount_percent");
  const amount = has(stage, "discount_amount");
  const rest = percent ? sql`(${gross} * (100 - coalesce(s.discount_percent, 0)) / 100)` : gross;
  const net = amount ? sql`greatest(${rest} - coalesce(s.discount_amount, 0), 0)` : rest;
  return { list: perYear(stage, gross), net: percent || amount ? perYear(stage, net) : null };
}

/**
 * Writes the versions of a filled stage, each ending where the next of its key starts, and puts earlier uploads' versions
 * of the same keys aside. Needs stage_customer, and adds to stage_touched.
 */
export async function writeSubscriptions(tx: LedgerTx, stage: Staged, uploadId: string): Promise<void> {
  await tx.rows(
    sql`INSERT INTO stage_touched SELECT coalesce(root_id, id) FROM stage_customer WHERE NOT is_new`,
  );
  const besideSource = await isSourced(tx);
  await supersede(tx, stage, uploadId, besideSource ? inForce(tx) : sql`v.superseded_by IS NULL`);
  const { list, net } = annualAmounts(stage);
  const starts = has(stage, "trial_end") ? sql`greatest(s.start_day, s.trial_day)` : sql`s.start_day`;
  const end = sql`least(s.end_day, s.next_day)`;
  await tx.rows(sql`
    INSERT INTO subscription_version (org_id, customer_id, merged_from, sub_key, subscription_id, plan, currency, interval, quantity,
      unit_amount, annual_list, annual, status, started_at, ended_at, trial_end, naive, from_day, to_day, upload_id, line)
    SELECT ${tx.orgId}::uuid, ${moneyOwner}, s.sub_key, ${column(stage, "subscription_id", "key")}, ${column(stage, "plan", "text")},
      ${currencyColumn(stage)}, CASE WHEN s.n = 1 THEN s.interval_unit ELSE s.n || ' ' || s.interval_unit END,
      ${has(stage, "quantity") ? sql`coalesce(s.quantity, 1)` : sql`1`}, s.amount,
      s.list, ${net ? sql`s.net` : sql`s.list`},
      ${has(stage, "status") ? sql`coalesce(s.status, 'active')` : sql`'active'`},
      s.start_time, s.end_time, s.trial_time, ${naiveBits(stage)}, ${starts},
      CASE WHEN ${end} IS NOT NULL THEN greatest(${end}, ${starts}) END, ${uploadId}::uuid, s.line
    FROM (
      SELECT keyed.*, lead(start_day) OVER (PARTITION BY sub_key COLLATE "C" ORDER BY start_time, line) AS next_day FROM (
        SELECT s.*, ${subKey(stage)} AS sub_key,
          ${unit(stage)} AS interval_unit, ${list} AS list ${net ? sql`, ${net} AS net` : sql``},
          ${instantOf(stage, "started_at")} AS start_time, ${instantOf(stage, "ended_at")} AS end_time,
          ${instantOf(stage, "trial_end")} AS trial_time,
          ${dayOf(stage, "started_at")} AS start_day, ${dayOf(stage, "ended_at")} AS end_day,
          ${dayOf(stage, "trial_end")} AS trial_day
        FROM stage s) keyed) s
    JOIN stage_customer c ON c.external_id = s.customer_id`);
  if (besideSource)
    await putAsideUploads(
      tx,
      sql`(SELECT coalesce(root_id, id) AS customer_id FROM stage_customer)`,
      "stage_touched",
    );
}

function naiveBits(stage: Staged): SQL {
  const bit = (name: "started_at" | "ended_at" | "trial_end", value: number): SQL =>
    sql`CASE WHEN ${isNaive(stage, name)} THEN ${sql.raw(String(value))} ELSE 0 END`;
  if (stage.fileTimezone !== null) return sql`0`;
  return stage.zoned ? sql`${bit("started_at", 1)} + ${bit("ended_at", 2)} + ${bit("trial_end", 4)}` : sql`7`;
}

/** Earlier uploads' live versions of the keys of this one step back; whose they were is touched too. */
async function supersede(tx: LedgerTx, stage: Staged, uploadId: string, live: SQL): Promise<void> {
  const [found] = await tx.rows<{ any: boolean }>(
    sql`SELECT EXISTS (SELECT FROM subscription_version WHERE org_id = ${tx.orgId} AND upload_id IS NOT NULL) AS any`,
  );
  if (!found?.any) return;
  await tx.rows(sql`
    WITH gone AS (
      UPDATE subscription_version v SET superseded_by = ${uploadId}::uuid
      FROM (SELECT DISTINCT ${subKey(stage)} AS sub_key FROM stage s) k
      WHERE v.org_id = ${tx.orgId} AND v.sub_key = k.sub_key AND ${live} AND v.upload_id IS NOT NULL
      RETURNING v.customer_id)
    INSERT INTO stage_touched SELECT DISTINCT customer_id FROM gone`);
}
