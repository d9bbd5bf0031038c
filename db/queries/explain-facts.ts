import { sql } from "drizzle-orm";
import type { AnalyticsSettings } from "./analytics-settings.ts";
import { rateSegments, valuedOn } from "./exchange.ts";
import type { ItemList } from "./explain-items.ts";
import type { ListSpan } from "./explain-movements.ts";
import { versionAmount, versionsFrom } from "./ledger.ts";
import type { LedgerSource } from "./ledger-source.ts";
import { trialKey } from "./settled-versions.ts";

/** Lists of what some metrics need besides the ledger: the rows behind db/queries/period-facts.ts. */

interface Asked {
  source: LedgerSource;
  span: ListSpan;
  settings: AnalyticsSettings;
}

/** Subscriptions whose trial began in the period; who paid since, by the observation day, counts. */
export function trialList({ source: { scope }, span, settings: { timezone } }: Asked): ItemList {
  const started = sql`min((v.started_at AT TIME ZONE ${timezone})::date)`;
  const select = sql`SELECT customer_id AS cust, started AS day, 1 AS place, md5(trial_key) AS ref, 'started' AS part, NULL::text AS kind,
      NULL::numeric AS before, NULL::numeric AS after, NULL::numeric AS amount, NULL::numeric AS counted,
      coalesce(paid <= ${span.asOf}::date, false)::int AS customers, NULL::text AS cause,
      CASE WHEN paid <= ${span.asOf}::date THEN 'paid since ' || paid ELSE 'not paid' END AS note,
      NULL::uuid AS upload_id, NULL::int AS line
    FROM (
      SELECT v.customer_id, ${trialKey} AS trial_key, ${started} AS started,
        min(v.from_day) FILTER (WHERE ${versionAmount(scope)} > 0 AND (v.to_day IS NULL OR v.to_day > v.from_day)) AS paid
      ${versionsFrom({ ...scope, empty: true })} GROUP BY v.customer_id, ${trialKey}
      HAVING bool_or(v.trial_end > v.started_at)
        AND ${started} BETWEEN ${span.fromDay}::date AND ${span.cutDay}::date
    ) trial`;
  return { select, type: "trial", annual: false };
}

/** Spend of the months that the period holds, at the exchange rate of each month's end. */
export function spendList({ source: { scope }, span }: Asked): ItemList {
  const { value, join } = valuedOn({
    amount: sql`s.amount`,
    currency: sql`s.currency`,
    day: sql`s.last_day`,
    base: scope.currency,
  });
  const select = sql`WITH rate AS MATERIALIZED (${rateSegments(scope.orgId, scope.currency)})
    SELECT 0::bigint AS cust, s.month AS day, 1 AS place, s.id::text AS ref, 'spend' AS part, NULL::text AS kind,
      NULL::numeric AS before, NULL::numeric AS after, ${value} AS amount, ${value} AS counted, 0 AS customers,
      NULL::text AS cause, s.category AS note, s.upload_id, s.line
    FROM (SELECT *, (month + interval '1 month')::date - 1 AS last_day FROM spend
      WHERE org_id = ${scope.orgId} AND month BETWEEN ${span.fromDay}::date AND ${span.endDay}::date) s ${join}`;
  return { select, type: "spend", annual: false };
}

/** Transactions of the period; a subscription filter asks for a part that they cannot be told by. */
export function usageList({ source: { scope, conditions }, span }: Asked): ItemList {
  const { value, join } = valuedOn({
    amount: sql`t.amount`,
    currency: sql`t.currency`,
    day: sql`t.day`,
    base: scope.currency,
  });
  const select = sql`WITH rate AS MATERIALIZED (${rateSegments(scope.orgId, scope.currency)})
    SELECT t.customer_id AS cust, t.day, 1 AS place, t.id::text AS ref, 'usage' AS part, NULL::text AS kind,
      NULL::numeric AS before, NULL::numeric AS after, ${value} AS amount, ${value} AS counted, 0 AS customers,
      NULL::text AS cause, NULL::text AS note, t.upload_id, t.line
    FROM transaction t JOIN customer c ON c.org_id = ${scope.orgId} AND c.id = t.customer_id AND c.excluded_reason IS NULL
      ${conditions.customers === null ? sql`` : sql`AND ${conditions.customers}`}
    ${join} WHERE t.org_id = ${scope.orgId} AND t.amount IS NOT NULL ${conditions.versions === null ? sql`` : sql`AND false`}
      AND t.day BETWEEN ${span.fromDay}::date AND ${span.cutDay}::date`;
  return { select, type: "transaction", annual: false };
}
