import { type SQL, sql } from "drizzle-orm";
import type { Day } from "#metrics/day.ts";
import type { PolicySettings } from "#metrics/policy.ts";
import type { RowsOptions } from "../rows.ts";
import { rateSegments, valued } from "./exchange.ts";
import { countsLate, lapsedVersions, mayLapse, settledVersions } from "./settled-versions.ts";

/**
 * The movement ledger as SQL, derived from live subscription versions: the twin of metrics/movements.ts, to which
 * ledger.test.ts holds it. Netting is always per day: the policy `netting: none` is read as `day`.
 */

/** What runs hand-written SQL inside one organisation: `OrgTx`, or an import's own connection. */
export interface LedgerTx {
  readonly orgId: string;
  /** It only reads, and sees one state of the data from its beginning to its end. */
  readonly isSnapshot?: boolean;
  rows<Row extends Record<string, unknown>>(query: SQL, options?: RowsOptions): Promise<Row[]>;
}

export type LedgerPolicy = Pick<
  PolicySettings,
  | "discounts"
  | "free_payer"
  | "past_due"
  | "past_due_days"
  | "paused"
  | "pause_collection"
  | "cancel"
  | "return_after_days"
>;

/** Which versions make a ledger. Conditions may name `v` (subscription_version) and `c` (customer). */
export interface LedgerScope {
  orgId: string;
  currency: string;
  policy: LedgerPolicy;
  /** In the organisation's zone: graces run out by it. */
  today: Day;
  /** organisation.sourced: some versions know what only sources know. */
  sourced: boolean;
  /** On `v` alone; null: all. */
  versions: SQL | null;
  /** On `c`; null: all. */
  customers: SQL | null;
  /** What stands for `subscription_version v`: a FROM item with its columns. */
  from?: SQL;
  /** `from` holds only versions that count (`counting`): nothing looks again. */
  counted?: boolean;
  shape: LedgerShape;
}

/** What the versions of a scope hold; knowing that they lack something makes the query that much cheaper. */
export interface LedgerShape {
  /** An amount in another currency than the organisation's. */
  foreign: boolean;
  /** An amount of 0: free, paused, unpaid. */
  free: boolean;
}
export const anyShape: LedgerShape = { foreign: true, free: true };

/** Files tell discounts from prices, and not what becomes of a discount: there all of them are recurring. */
const discounted: Record<PolicySettings["discounts"], (sourced: boolean) => SQL> = {
  none: () => sql`v.annual_list`,
  all: () => sql`v.annual`,
  recurring: (sourced) => (sourced ? sql`coalesce(v.annual_recurring, v.annual)` : sql`v.annual`),
  forever_only: (sourced) => (sourced ? sql`coalesce(v.annual_forever, v.annual)` : sql`v.annual`),
};

/** What a version is worth per year in its own currency: metrics/billing.ts and the policy's discounts. */
export function versionAmount({
  policy,
  sourced,
  shape,
}: Pick<LedgerScope, "policy" | "sourced" | "shape">): SQL {
  const amount = discounted[policy.discounts](sourced);
  // without an amount of 0 no status has made one
  if (!shape.free) return amount;
  const idle = ["trialing", "unpaid"];
  if (policy.paused === "zero") idle.push("paused");
  if (policy.pause_collection === "zero") idle.push("pause_collection");
  return sql`CASE WHEN v.status = ANY (${`{${idle.join(",")}}`}::text[]) THEN 0 ELSE ${amount} END`;
}

/** Whole plans and single subscriptions that are to count in no number. */
export const notExcluded = (orgId: string): SQL => sql`
  AND coalesce(v.plan, '') NOT IN (SELECT target FROM exclusion WHERE org_id = ${orgId} AND kind = 'plan')
  AND coalesce(v.subscription_id, '') NOT IN (SELECT target FROM exclusion WHERE org_id = ${orgId} AND kind = 'subscription')`;

/** FROM and WHERE of the versions of a scope: live, of customers that count, and unless asked otherwise not empty. */
export function versionsFrom(scope: Omit<LedgerScope, "shape"> & { empty?: boolean }): SQL {
  return selectedFrom(settledVersions(scope), scope);
}

/** A condition on `v`: a live version that counts, of a customer that counts. */
export const counting = (orgId: string): SQL => sql`v.superseded_by IS NULL
  AND v.customer_id NOT IN (SELECT id FROM customer WHERE org_id = ${orgId} AND excluded_reason IS NOT NULL) ${notExcluded(orgId)}`;

function selectedFrom(
  from: SQL,
  { orgId, versions, customers, counted, empty = false }: Omit<LedgerScope, "shape"> & { empty?: boolean },
): SQL {
  const ofCustomers =
    customers === null ? sql`` : sql`JOIN customer c ON c.org_id = ${orgId} AND c.id = v.customer_id`;
  const who =
    customers === null
      ? sql`AND ${counting(orgId)}`
      : sql`AND v.superseded_by IS NULL AND c.excluded_reason IS NULL AND ${customers} ${notExcluded(orgId)}`;
  return sql`FROM ${from} ${ofCustomers}
    WHERE v.org_id = ${orgId} ${empty ? sql`` : sql`AND (v.to_day IS NULL OR v.to_day > v.from_day)`}
    ${versions === null ? sql`` : sql`AND ${versions}`} ${counted ? sql`` : who}`;
}

/** One look at the versions of a scope. */
export async function findShape(tx: LedgerTx, scope: Omit<LedgerScope, "shape">): Promise<LedgerShape> {
  const [found] = await tx.rows<{ foreign: boolean | null; free: boolean | null }>(sql`
    SELECT bool_or(v.currency <> ${scope.currency}) AS foreign,
      bool_or(${isSpecial(scope)}) AS free ${versionsFrom(withLapsed(scope))}`);
  return { foreign: found?.foreign ?? false, free: found?.free ?? false };
}

/** Whether a version counts nothing, or counts nothing from some day on. */
const isSpecial = (
  scope: Omit<LedgerScope, "shape">,
): SQL => sql`(${versionAmount({ ...scope, shape: anyShape })} = 0
  ${mayLapse(scope) ? sql`OR ${countsLate}` : sql``})`;

/** Settled, a version that counts nothing from its first day on is empty. */
const withLapsed = (scope: Omit<LedgerScope, "shape">) => ({ ...scope, empty: mayLapse(scope) });

/** CTEs `rate` and `foreign_version`: what is held in other currencies. */
const foreignVersions = (scope: LedgerScope): SQL => sql`
  rate AS MATERIALIZED (${rateSegments(scope.orgId, scope.currency)}),
  foreign_version AS (
    SELECT v.customer_id, v.currency, v.from_day, v.to_day, ${versionAmount(scope)} AS amount
    ${versionsFrom(scope)} AND v.currency <> ${scope.currency})`;

/**
 * Changes per customer and day. Of a foreign version: its value enters at its start, or at the first rate that is known;
 * leaves at its end at that day's rate; and drifts (fx) on every day between on which the rate changes, the end's included.
 */
const foreignEvents: SQL = sql`
  SELECT f.customer_id, greatest(f.from_day, r.day) AS day, ${valued(sql`f.amount`, sql`r.rate`, sql`r.inverse`)} AS change,
    0::numeric AS fx
  FROM foreign_version f JOIN rate r ON r.currency = f.currency
    AND CASE WHEN r.before IS NULL THEN r.until_day IS NULL OR r.until_day > f.from_day
             ELSE r.day <= f.from_day AND (r.until_day IS NULL OR r.until_day > f.from_day) END
    AND (f.to_day IS NULL OR greatest(f.from_day, r.day) < f.to_day)
  UNION ALL
  SELECT f.customer_id, r.day, 0, ${valued(sql`f.amount`, sql`r.rate`, sql`r.inverse`)} - ${valued(sql`f.amount`, sql`r.before`, sql`r.inverse`)}
  FROM foreign_version f JOIN rate r ON r.currency = f.currency AND r.before IS NOT NULL
    AND r.day > f.from_day AND (f.to_day IS NULL OR r.day <= f.to_day)
  UNION ALL
  SELECT f.customer_id, f.to_day, -${valued(sql`f.amount`, sql`r.rate`, sql`r.inverse`)}, 0
  FROM foreign_version f JOIN rate r ON r.currency = f.currency AND r.day <= f.to_day
    AND (r.until_day IS NULL OR r.until_day > f.to_day) AND (r.before IS NOT NULL OR r.day < f.to_day)`;

/** Both ends of every version in the organisation's currency: two plain scans cost less than one that is split. */
function ownEvents(scope: LedgerScope): SQL {
  const own = sql`${versionsFrom(scope)} ${scope.shape.foreign ? sql`AND v.currency = ${scope.currency}` : sql``}`;
  const amount = versionAmount(scope);
  return sql`SELECT v.customer_id, v.from_day AS day, ${amount} AS change ${own}
    UNION ALL SELECT v.customer_id, v.to_day, -(${amount}) ${own} AND v.to_day IS NOT NULL`;
}

const newOrBack = (gap: SQL, first: SQL, policy: LedgerPolicy): SQL =>
  policy.return_after_days === null
    ? sql`CASE WHEN ${first} THEN 'new' ELSE 'reactivation' END`
    : sql`CASE WHEN ${first} OR ${gap} > ${policy.return_after_days}::int THEN 'new' ELSE 'reactivation' END`;

/**
 * SELECT customer_id, day, until_day, kind, annual, before_annual, cohort_day, initial_annual, cause: the ledger of a
 * scope. Rows come in no promised order.
 */
export function ledgerQuery(scope: LedgerScope): SQL {
  if (!scope.shape.foreign && !scope.shape.free) return plainLedger(scope);
  const special = sql`(SELECT FROM special s WHERE s.customer_id = v.customer_id)`;
  const only = (condition: SQL, shape: LedgerShape): LedgerScope => ({
    ...scope,
    shape,
    versions: scope.versions === null ? condition : sql`${scope.versions} AND ${condition}`,
  });
  // most customers hold nothing special, and theirs is the shorter query
  return sql`
  WITH special AS MATERIALIZED (SELECT DISTINCT v.customer_id ${versionsFrom(withLapsed(scope))}
    AND (v.currency <> ${scope.currency} OR ${isSpecial(scope)}))
  SELECT * FROM (${plainLedger(only(sql`NOT EXISTS ${special}`, { foreign: false, free: false }))}) plain
  UNION ALL SELECT * FROM (${generalLedger(only(sql`EXISTS ${special}`, scope.shape))}) general`;
}

/** One currency and nothing free: active is the same as an amount above 0, and a churn has no cause of its own. */
const plainLedger = (scope: LedgerScope): SQL => sql`
  WITH step AS (
    SELECT customer_id, day, sum(change) AS change FROM (${ownEvents(scope)}) event
    GROUP BY customer_id, day HAVING sum(change) <> 0
  ), state AS (
    SELECT customer_id, day, change, sum(change) OVER w AS after, lead(day) OVER w AS until_day,
      first_value(day) OVER w AS cohort_day, first_value(change) OVER w AS initial_annual
      ${scope.policy.return_after_days === null ? sql`` : sql`, day - lag(day) OVER w AS gap`}
    FROM step WINDOW w AS (PARTITION BY customer_id ORDER BY day ROWS UNBOUNDED PRECEDING)
  )
  SELECT customer_id, day, until_day,
    CASE WHEN after = change THEN ${newOrBack(sql`gap`, sql`day = cohort_day`, scope.policy)}
      WHEN after = 0 THEN 'churn' WHEN change > 0 THEN 'expansion' ELSE 'contraction' END AS kind,
    change AS annual, after - change AS before_annual, cohort_day, initial_annual, NULL::text AS cause
  FROM state`;

/**
 * Any currencies, and amounts of 0. A customer is active while it pays; under `free_payer: active` also while it holds
 * something free, from the first payment since it last held nothing (`island`).
 */
function generalLedger(scope: LedgerScope): SQL {
  const { policy, shape } = scope;
  const stays = policy.free_payer === "active" && shape.free;
  return sql`
  WITH ${shape.foreign ? sql`${foreignVersions(scope)},` : sql``}
  free_version AS MATERIALIZED (
    SELECT v.customer_id, v.from_day, v.to_day,
      CASE WHEN v.status IN ('unpaid', 'past_due') THEN 3 WHEN v.status IN ('paused', 'pause_collection') THEN 2
        WHEN v.status = 'trialing' THEN 0 ELSE 1 END AS reason
    ${versionsFrom(scope)} AND ${versionAmount(scope)} = 0
    ${
      mayLapse(scope)
        ? sql`UNION ALL SELECT v.customer_id, v.from_day, v.to_day, 3 ${selectedFrom(lapsedVersions(scope), scope)}
      AND v.from_day IS NOT NULL`
        : sql``
    }
  ), event AS (
    SELECT customer_id, day, change, 0::numeric AS fx, 0 AS free FROM (${ownEvents(scope)}) own
    ${shape.foreign ? sql`UNION ALL SELECT customer_id, day, change, fx, 0 FROM (${foreignEvents}) other` : sql``}
    ${
      stays
        ? sql`UNION ALL SELECT customer_id, from_day, 0, 0, 1 FROM free_version WHERE reason = 1
          UNION ALL SELECT customer_id, to_day, 0, 0, -1 FROM free_version WHERE reason = 1 AND to_day IS NOT NULL`
        : sql``
    }
  ), step AS (
    SELECT customer_id, day, sum(change) AS change, sum(fx) AS fx, sum(free) AS free FROM event GROUP BY customer_id, day
    HAVING sum(change) <> 0 OR sum(fx) <> 0 OR sum(free) <> 0
  ), state AS (
    SELECT customer_id, day, change, fx, sum(change + fx) OVER w AS after, sum(free) OVER w AS free
    FROM step WINDOW w AS (PARTITION BY customer_id ORDER BY day ROWS UNBOUNDED PRECEDING)
  ), standing AS (
    ${
      stays
        ? sql`SELECT customer_id, day, change, fx, after,
            bool_or(after > 0) OVER (PARTITION BY customer_id, island ORDER BY day ROWS UNBOUNDED PRECEDING) AS active
          FROM (SELECT *, count(*) FILTER (WHERE after = 0 AND free = 0)
            OVER (PARTITION BY customer_id ORDER BY day ROWS UNBOUNDED PRECEDING) AS island FROM state) marked`
        : sql`SELECT customer_id, day, change, fx, after, after > 0 AS active FROM state`
    }
  ), turn AS (
    SELECT *, coalesce(lag(active) OVER w, false) AS was_active FROM standing WINDOW w AS (PARTITION BY customer_id ORDER BY day)
  ), life AS (
    SELECT *, first_value(day) OVER w AS cohort_day, first_value(after) OVER w AS initial_annual,
      day - max(day) FILTER (WHERE NOT active) OVER w AS gap
    FROM turn WHERE active OR was_active
    WINDOW w AS (PARTITION BY customer_id ORDER BY day ROWS UNBOUNDED PRECEDING)
  ), moved AS (
    SELECT l.customer_id, l.day, m.kind, m.annual, m.before_annual, l.cohort_day, l.initial_annual,
      CASE WHEN m.kind = 'fx' THEN 0 ELSE 1 END AS place
    FROM life l, LATERAL (VALUES
      (CASE WHEN l.fx <> 0 THEN 'fx' END, l.fx, l.after - l.change - l.fx),
      (CASE WHEN l.active AND NOT l.was_active THEN ${newOrBack(sql`l.gap`, sql`l.day = l.cohort_day`, policy)}
         WHEN l.change > 0 THEN 'expansion' WHEN NOT l.active THEN 'churn' WHEN l.change < 0 THEN 'contraction' END,
       l.change, l.after - l.change)) m (kind, annual, before_annual)
    WHERE m.kind IS NOT NULL
  ), caused AS (
    SELECT m.customer_id, m.day, max(f.reason) AS reason FROM moved m JOIN free_version f ON f.customer_id = m.customer_id
      AND f.from_day <= m.day AND (f.to_day IS NULL OR f.to_day > m.day)
    WHERE m.kind = 'churn' GROUP BY m.customer_id, m.day
  )
  SELECT m.customer_id, m.day,
    lead(m.day) OVER (PARTITION BY m.customer_id ORDER BY m.day, m.place) AS until_day,
    m.kind, m.annual, m.before_annual, m.cohort_day, m.initial_annual,
    CASE WHEN m.kind = 'churn' THEN (ARRAY['free', 'paused', 'involuntary'])[caused.reason] END AS cause
  FROM moved m LEFT JOIN caused ON caused.customer_id = m.customer_id AND caused.day = m.day`;
}

/** SELECT customer_id, currency, from_day, to_day: spans without an exchange rate, touching ones merged. */
export const unvaluedQuery = (scope: LedgerScope): SQL => sql`
  WITH ${foreignVersions(scope)}, first_rate AS (SELECT currency, min(day) AS day FROM rate GROUP BY currency)
  SELECT customer_id, currency, lower(span) AS from_day, upper(span) AS to_day FROM (
    SELECT f.customer_id, f.currency, unnest(range_agg(daterange(f.from_day, least(f.to_day, r.day)))) AS span
    FROM foreign_version f LEFT JOIN first_rate r ON r.currency = f.currency
    WHERE f.amount <> 0 AND (r.day IS NULL OR r.day > f.from_day)
    GROUP BY f.customer_id, f.currency) spans`;
