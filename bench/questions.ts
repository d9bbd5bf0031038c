/**
 * Two questions of a dashboard as one plain statement each, over a ledger as `/movements` gives it: customer_id, day, kind,
 * annual. Postgres and DuckDB read the same text; `cutoff` is the last observed day.
 */

/** How a filter chooses: rows of `movement` by customer, and of customers whose subscriptions disagree on the key, of `part`. */
export interface PeerFilter {
  /** A condition on `t` (customer_id, country, one column per attribute, and per subscription key where they agree). */
  customers: string | null;
  /** The slice whose rows of `part` belong to it, of customers that a condition on `t` names; null: none do. */
  part: { slice: number; customers: string } | null;
}

const ledgerOf = ({ customers, part }: PeerFilter): string =>
  customers === null
    ? "SELECT customer_id, day, kind, annual FROM ledger"
    : `SELECT customer_id, day, kind, annual FROM ledger WHERE customer_id IN (SELECT t.customer_id FROM tag t WHERE ${customers})
       ${
         part === null
           ? ""
           : `UNION ALL SELECT customer_id, day, kind, annual FROM part
              WHERE slice = ${part.slice} AND customer_id IN (SELECT t.customer_id FROM tag t WHERE ${part.customers})`
       }`;

const replayed = (filter: PeerFilter, cutoff: string): string => `
  WITH source AS (${ledgerOf(filter)}),
  replayed AS (
    SELECT customer_id, day, kind, annual, sum(annual) OVER w AS after, first_value(day) OVER w AS cohort_day,
      first_value(annual) OVER w AS initial, lead(day) OVER w AS until_day
    FROM source WHERE day <= DATE '${cutoff}'
    WINDOW w AS (PARTITION BY customer_id ORDER BY day, CASE WHEN kind = 'fx' THEN 0 ELSE 1 END ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
  )`;

const month = (day: string): string => `CAST(date_trunc('month', ${day}) AS date)`;

export const cohortMeasures = ["customers", "mrr_net", "mrr_gross"] as const;
export type CohortMeasure = (typeof cohortMeasures)[number];

const rises: Readonly<Record<CohortMeasure, string>> = {
  customers: "CASE WHEN kind IN ('new', 'reactivation') THEN 1 WHEN kind = 'churn' THEN -1 ELSE 0 END",
  mrr_net: "annual",
  mrr_gross: "least(initial, after) - least(initial, after - annual)",
};

/** Every cell of one heatmap: cohort, period, and what is measured (a count or an annual amount) at the period's end. */
export const cohortStatement = (filter: PeerFilter, cutoff: string, measure: CohortMeasure): string => `
  ${replayed(filter, cutoff)}, change AS (
    SELECT ${month("cohort_day")} AS cohort, ${month("day")} AS period, sum(${rises[measure]}) AS rise FROM replayed GROUP BY 1, 2)
  SELECT CAST(cohort AS varchar) AS cohort, CAST(period AS varchar) AS period,
    CAST(sum(rise) OVER (PARTITION BY cohort ORDER BY period ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS double precision) AS value
  FROM change ORDER BY 1, 2`;

/** 36 months: MRR, customers, the six movements, and what the customers of twelve months before pay now (NRR, GRR). */
export const seriesStatement = (filter: PeerFilter, cutoff: string): string => `
  ${replayed(filter, cutoff)}, held AS (
    -- a state holds at the ends of the months from its own until the one before the next
    SELECT customer_id, after, extract(year FROM day) * 12 + extract(month FROM day) AS first,
      CASE WHEN until_day IS NULL THEN extract(year FROM DATE '${cutoff}') * 12 + extract(month FROM DATE '${cutoff}')
        ELSE extract(year FROM until_day) * 12 + extract(month FROM until_day) - 1 END AS last
    -- floats: what is left after a churn may not be exactly nothing
    FROM replayed WHERE after > 0.001
  ), ends AS (
    SELECT h.customer_id, h.after, m.place FROM held h JOIN place m ON m.place BETWEEN h.first AND h.last
  ), level AS (SELECT place, sum(after) AS annual, count(*) AS customers FROM ends GROUP BY place),
  kept AS (
    SELECT past.place + 12 AS place, sum(past.after) AS past, sum(coalesce(now.after, 0)) AS now,
      sum(least(past.after, coalesce(now.after, 0))) AS floor
    FROM ends past LEFT JOIN ends now ON now.customer_id = past.customer_id AND now.place = past.place + 12 GROUP BY past.place
  ), flow AS (
    SELECT extract(year FROM day) * 12 + extract(month FROM day) AS place,
      ${["new", "expansion", "reactivation", "contraction", "churn", "fx"]
        .map((kind) => `sum(CASE WHEN kind = '${kind}' THEN annual ELSE 0 END) AS ${kind}_annual`)
        .join(", ")}
    FROM replayed GROUP BY 1
  )
  SELECT CAST(l.place AS double precision) AS place, CAST(l.annual AS double precision) AS annual, CAST(l.customers AS double precision) AS customers,
    CAST(f.new_annual AS double precision) AS new_annual, CAST(f.churn_annual AS double precision) AS churn_annual,
    CAST(f.expansion_annual AS double precision) AS expansion_annual, CAST(f.contraction_annual AS double precision) AS contraction_annual,
    CAST(f.reactivation_annual AS double precision) AS reactivation_annual, CAST(f.fx_annual AS double precision) AS fx_annual,
    CAST(k.now / nullif(k.past, 0) AS double precision) AS nrr, CAST(k.floor / nullif(k.past, 0) AS double precision) AS grr
  FROM level l LEFT JOIN flow f ON f.place = l.place LEFT JOIN kept k ON k.place = l.place ORDER BY 1`;
