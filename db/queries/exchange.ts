import { type SQL, sql } from "drizzle-orm";

/** Exchange rates as SQL: the twin of metrics/exchange.ts. */

/**
 * Exchange rates into the organisation's currency, as segments [day, until): of two for one day the newer upload's; the
 * inverse pair only where the pair itself has none; `before` is the rate of the day before (null: none yet).
 */
export const rateSegments = (orgId: string, currency: string): SQL => sql`
  SELECT pair AS currency, day, lead(day) OVER w AS until_day, rate, inverse, lag(rate) OVER w AS before
  FROM (
    SELECT DISTINCT ON (pair, day) pair, day, rate, inverse FROM (
      SELECT from_currency AS pair, day, rate, false AS inverse, upload_id, id FROM fx_rate
      WHERE org_id = ${orgId} AND to_currency = ${currency}
      UNION ALL
      SELECT to_currency, day, rate, true, upload_id, id FROM fx_rate r
      WHERE org_id = ${orgId} AND from_currency = ${currency} AND NOT EXISTS (
        SELECT FROM fx_rate d WHERE d.org_id = ${orgId} AND d.from_currency = r.to_currency AND d.to_currency = ${currency})
    ) given LEFT JOIN upload u ON u.org_id = ${orgId} AND u.id = given.upload_id
    WHERE pair <> ${currency}
    ORDER BY pair, day, u.seq DESC NULLS FIRST, given.id DESC
  ) daily WINDOW w AS (PARTITION BY pair ORDER BY day)`;

/** An amount at a rate, with 12 decimals, half away from zero: metrics/decimal.ts `toStored`. */
export const valued = (amount: SQL, rate: SQL, inverse: SQL): SQL =>
  sql`CASE WHEN ${inverse} THEN round((${amount})::numeric(60, 40) / ${rate}, 12) ELSE round(${amount} * ${rate}, 12) END`;

/**
 * An amount in the organisation's currency, and what joins its rate. `amount`, `currency` and `day` are SQL; a currency of
 * null is the organisation's. Null without a rate. Needs the CTE `rate` (`rateSegments`).
 */
export function valuedOn(given: { amount: SQL; currency: SQL; day: SQL; base: string }) {
  const { amount, currency, day, base } = given;
  return {
    value: sql`CASE WHEN coalesce(${currency}, ${base}) = ${base} THEN ${amount} ELSE ${valued(amount, sql`r.rate`, sql`r.inverse`)} END`,
    join: sql`LEFT JOIN rate r ON r.currency = ${currency} AND r.currency <> ${base} AND r.day <= ${day}
      AND (r.until_day IS NULL OR r.until_day > ${day})`,
  };
}
