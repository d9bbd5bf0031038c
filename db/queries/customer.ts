import { sql } from "drizzle-orm";
import type { CustomerDetail } from "#contracts/analytics.ts";
import type { Day } from "#metrics/day.ts";
import { mrrFromAnnual, mrrFromUnits, toUnits } from "#metrics/decimal.ts";
import { isComplete, listPeriods, type Observation, periodEnd } from "#metrics/period.ts";
import { AppError } from "#root/errors.ts";
import { type AnalyticsSettings, getAnalyticsSettings } from "./analytics-settings.ts";
import { type CustomerRow, customerItem, customerRows, standingFrom, totalUnits } from "./customers.ts";
import { anyShape, type LedgerTx, versionAmount } from "./ledger.ts";
import { findLedgerSource } from "./ledger-source.ts";
import { observationOf } from "./ranges.ts";
import { settledVersions } from "./settled-versions.ts";
import { listTellers, type Origin, originColumns, originOf } from "./source-evidence.ts";

/**
 * One customer as observed today: what it is, every version of its subscriptions, its MRR month by month.
 * @param externalId the id as uploaded
 * @throws AppError NOT_FOUND
 */
export async function getCustomer(tx: LedgerTx, externalId: string): Promise<CustomerDetail> {
  const settings = await getAnalyticsSettings(tx);
  const observation = observationOf(settings, {});
  const { asOf } = observation;
  const source = await findLedgerSource(tx, settings, {});
  const ledger = sql`(SELECT * FROM movement WHERE org_id = ${tx.orgId}
    AND customer_id = (SELECT id FROM customer WHERE org_id = ${tx.orgId} AND external_id = ${externalId}))`;
  const from = sql`${standingFrom(ledger, asOf)} WHERE c.org_id = ${tx.orgId} AND c.external_id = ${externalId}`;
  const [row] = await tx.rows<CustomerRow>(
    customerRows({ ...source, ledger }, asOf, { sortKey: sql`''`, from }),
  );
  if (!row) throw new AppError("NOT_FOUND", "There is no customer with this id.");
  const total = await totalUnits(tx, source, asOf);
  return {
    ...customerItem(row, { total, running: null, asOf }),
    currency: settings.currency,
    as_of: asOf,
    policy: { preset: settings.policy.preset, version: settings.policyVersion },
    ...(await findStanding(tx, row.id)),
    subscriptions: await listVersions(tx, row.id, settings),
    told_by: settings.sourced ? await listTellers(tx, row.id, row.customer_id) : [],
    series: await listMonths(tx, row.id, observation),
  };
}

type Standing = Pick<CustomerDetail, "excluded" | "merged_into" | "merged">;

/** Whether a customer counts, and as whom. */
async function findStanding(tx: LedgerTx, customerId: string): Promise<Standing> {
  const [found] = await tx.rows<Standing & Record<string, unknown>>(sql`
    SELECT (SELECT jsonb_build_object('id', e.id, 'reason', e.reason, 'by', u.email,
          'at', to_char(e.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
        FROM exclusion e LEFT JOIN "user" u ON u.id = e.created_by
        WHERE e.org_id = ${tx.orgId} AND e.kind = 'customer' AND e.target = c.external_id) AS excluded,
      (SELECT jsonb_build_object('customer_id', r.external_id, 'name', r.name)
        FROM customer_merge g JOIN customer r ON r.org_id = ${tx.orgId} AND r.id = g.root_id
        WHERE g.org_id = ${tx.orgId} AND g.customer_id = c.id) AS merged_into,
      (SELECT coalesce(jsonb_agg(jsonb_build_object('customer_id', m.external_id, 'name', m.name) ORDER BY m.external_id), '[]')
        FROM customer_merge g JOIN customer m ON m.org_id = ${tx.orgId} AND m.id = g.customer_id
        WHERE g.org_id = ${tx.orgId} AND g.root_id = c.id) AS merged
    FROM customer c WHERE c.org_id = ${tx.orgId} AND c.id = ${customerId}::bigint`);
  return found ?? { excluded: null, merged_into: null, merged: [] };
}

async function listVersions(
  tx: LedgerTx,
  customerId: string,
  { currency, policy, today, sourced }: AnalyticsSettings,
): Promise<CustomerDetail["subscriptions"]> {
  const scope = {
    ...{
      orgId: tx.orgId,
      currency,
      policy,
      today,
      sourced,
      versions: null,
      customers: null,
      shape: anyShape,
    },
  };
  const rows = await tx.rows<
    Record<string, unknown> &
      Origin & {
        subscription_id: string | null;
        plan: string | null;
        interval: string;
        quantity: string;
        unit_amount: string;
        currency: string;
        annual: string;
        from: Day;
        to: Day | null;
        status: string;
        excluded: boolean;
        merged_from: string | null;
        source: string;
        upload_id: string | null;
        line: number | null;
      }
  >(sql`
    SELECT v.subscription_id, v.plan, v.interval, trim_scale(v.quantity)::text AS quantity,
      trim_scale(v.unit_amount)::text AS unit_amount, v.currency, (${versionAmount(scope)})::text AS annual,
      v.from_day::text AS from, v.to_day::text AS to, v.status, v.source, v.upload_id::text AS upload_id, v.line, ${originColumns("v")},
      EXISTS (SELECT FROM exclusion e WHERE e.org_id = ${tx.orgId}
        AND (e.kind = 'plan' AND e.target = v.plan OR e.kind = 'subscription' AND e.target = v.subscription_id)) AS excluded,
      m.external_id AS merged_from
    FROM ${settledVersions(scope)} LEFT JOIN customer m ON m.org_id = ${tx.orgId} AND m.id = v.merged_from
    WHERE v.org_id = ${tx.orgId} AND v.customer_id = ${customerId}::bigint AND v.superseded_by IS NULL
    ORDER BY v.from_day, v.sub_key, v.id LIMIT 1000`);
  return rows.map(
    ({ annual, source, upload_id, line, source_id, confidence, evidence, source_note, ...rest }) => ({
      ...rest,
      mrr: mrrFromAnnual(annual),
      source: {
        ...{ kind: source, upload_id, line },
        ...originOf({ source_id, confidence, evidence, source_note }, policy),
      },
    }),
  );
}

/** MRR at each month's end from the first payment on. */
async function listMonths(
  tx: LedgerTx,
  customerId: string,
  observation: Observation,
): Promise<CustomerDetail["series"]> {
  const rows = await tx.rows<{ day: Day; annual: string }>(sql`
    SELECT day::text AS day, sum(annual)::text AS annual FROM movement
    WHERE org_id = ${tx.orgId} AND customer_id = ${customerId}::bigint AND day <= ${observation.asOf}::date
    GROUP BY day ORDER BY day`);
  const [first] = rows;
  if (!first) return [];
  let [units, next] = [0n, 0];
  return listPeriods(first.day, observation.asOf, "month").map((period) => {
    const end = periodEnd(period);
    for (let row = rows[next]; row && row.day <= end; row = rows[++next]) units += toUnits(row.annual);
    return { period, mrr: mrrFromUnits(units), complete: isComplete(period, observation) };
  });
}
