import { type SQL, sql } from "drizzle-orm";
import { addDays, addMonths, type Day, firstOfMonth, monthIndexOf } from "#metrics/day.ts";

/**
 * What each customer adds to the sums of a period, as SQL over any ledger: the stored one, or one derived for a filter.
 * Rollups keep these sums up to date, and answers that no rollup has are made from them on the fly: the twins of
 * metrics/period-sums.ts and metrics/cohorts.ts, to which period-sums.test.ts holds them.
 *
 * A ledger is a FROM item that offers customer_id, day, until_day, kind, annual, before_annual, cohort_day and
 * initial_annual. Days become places in a list of consecutive periods by binary search (`width_bucket`), so that the
 * calendar stays in metrics/period.ts.
 */

/** Consecutive periods, numbered from 1; before the first is 0. The last may be cut short by the observation day. */
export interface Timeline {
  starts: readonly Day[];
  /** Last observed day of the last period; rows after it do not count. */
  cut: Day;
  /** Twelve months before the end of each period (`yearBefore`). */
  thens: readonly Day[];
  /** How many periods a year has, where all are whole: saves looking through `thens`. */
  yearSteps?: number;
}

export const dayArray = (days: readonly Day[]): SQL => sql`${`{${days.join(",")}}`}::date[]`;

/** The number of the period that holds a day. */
export const placeOf = (day: SQL, { starts }: Timeline): SQL =>
  sql`width_bucket(${day}, ${dayArray(starts)})`;

/** The first period at whose end a change of this day shows; one past the last where it never does. */
const shows = (day: SQL, line: Timeline): SQL =>
  sql`CASE WHEN ${day} IS NULL OR ${day} > ${line.cut}::date THEN ${line.starts.length + 1}::int ELSE greatest(${placeOf(day, line)}, 1) END`;

/** The first period whose end lies twelve months or more after a day. */
const showsYearLater = (day: SQL, { thens, starts }: Timeline): SQL =>
  sql`CASE WHEN ${day} IS NULL THEN ${starts.length + 1}::int
    ELSE width_bucket(${day}, ${dayArray(thens.map((then) => addDays(then, 1)))}) + 1 END`;

/** All calendar months that the rollups of a ledger between two days need: a year more, for what compares with it. */
export function monthLine(first: Day, last: Day): Timeline {
  const from = monthIndexOf(first);
  const count = monthIndexOf(last) - from + 14;
  const starts = Array.from({ length: count }, (_, i) => firstOfMonth(from + i));
  const cut = addDays(addMonths(starts.at(-1) ?? first, 1), -1);
  return { starts, cut, thens: [], yearSteps: 12 };
}

export const kinds = ["new", "expansion", "reactivation", "contraction", "churn", "fx"] as const;
const kindColumn = (kind: string, prefix = ""): SQL => sql.raw(`${prefix}${kind}_annual`);

/**
 * SELECT day, new_annual … fx_annual, new_customers, reactivated_customers, churned_customers, rows: sums of rows as
 * they are signed. Counts are of rows: a customer that churns twice counts twice.
 */
export const dayContributions = (ledger: SQL): SQL => sql`
  SELECT day,
    ${sql.join(
      kinds.map(
        (kind) =>
          sql`coalesce(sum(annual) FILTER (WHERE kind = ${sql.raw(`'${kind}'`)}), 0) AS ${kindColumn(kind)}`,
      ),
      sql`, `,
    )},
    coalesce(sum(rows) FILTER (WHERE kind = 'new'), 0)::bigint AS new_customers,
    coalesce(sum(rows) FILTER (WHERE kind = 'reactivation'), 0)::bigint AS reactivated_customers,
    coalesce(sum(rows) FILTER (WHERE kind = 'churn'), 0)::bigint AS churned_customers,
    sum(rows)::bigint AS rows
  FROM (SELECT day, kind, sum(annual) AS annual, count(*) AS rows FROM ${ledger} m GROUP BY day, kind) per_kind
  GROUP BY day`;

/**
 * SELECT p and the columns of month_rollup: what compares a customer at two points in time. `kept_annual` and
 * `floor_annual` are changes at the end of p; their running sum is the level.
 */
export function comparisonContributions(ledger: SQL, line: Timeline): SQL {
  const n = line.starts.length;
  const place = placeOf(sql`m.day`, line);
  const counted = sql`m.day <= ${line.cut}::date AND m.day >= ${line.starts[0]}::date`;
  const start = sql`(${dayArray(line.starts)})[g.p]`;
  const yearA = line.yearSteps ? sql`past.a + ${line.yearSteps}::int` : sql`past.year_a`;
  const yearB = line.yearSteps ? sql`past.b + ${line.yearSteps}::int` : sql`past.year_b`;
  return sql`
  SELECT p, sum(lost_annual) AS lost_annual, sum(lost_customers)::bigint AS lost_customers,
    sum(new_customers)::bigint AS new_customers, sum(churned_customers)::bigint AS churned_customers,
    sum(flash_customers)::bigint AS flash_customers,
    ${sql.join(
      kinds.map((kind) => sql`sum(${kindColumn(kind, "flash_")}) AS ${kindColumn(kind, "flash_")}`),
      sql`, `,
    )},
    sum(kept_annual) AS kept_annual, sum(floor_annual) AS floor_annual
  FROM (
    WITH g AS (
      -- customers with a loss in the period; gone: not active at its end
      SELECT m.customer_id, ${place} AS p, sum(-m.annual) AS lost, bool_or(m.kind = 'churn') AS churned,
        bool_or(m.kind = 'churn' AND ${shows(sql`m.until_day`, line)} > ${place}) AS gone
      FROM ${ledger} m WHERE m.kind IN ('churn', 'contraction') AND ${counted} GROUP BY 1, 2
    ), held AS (
      -- with the row that holds at the end of the day before the period
      SELECT g.*, s.customer_id IS NOT NULL AS was_active, coalesce(s.before_annual + s.annual, 0) AS start_annual
      FROM g LEFT JOIN ${ledger} s ON s.customer_id = g.customer_id AND s.kind <> 'churn' AND s.day < ${start}
        AND (s.until_day IS NULL OR s.until_day >= ${start})
    ), flash AS (
      SELECT m.customer_id, h.p, m.kind, m.annual, bool_or(m.kind = 'new') OVER (PARTITION BY m.customer_id, h.p) AS joined,
        row_number() OVER (PARTITION BY m.customer_id, h.p ORDER BY m.day) AS nth
      FROM held h JOIN ${ledger} m ON m.customer_id = h.customer_id AND ${counted} AND ${place} = h.p
      WHERE h.gone AND NOT h.was_active
    ), span AS ${line.yearSteps ? sql`NOT` : sql``} MATERIALIZED (
      -- mature: long enough after the first payment for anything to have been paid twelve months before
      SELECT m.customer_id, m.before_annual + m.annual AS amount, ${shows(sql`m.day`, line)} AS a,
        ${shows(sql`m.until_day`, line)} AS b, (m.until_day IS NULL OR m.until_day - m.cohort_day > 364) AS mature
        ${line.yearSteps ? sql`` : sql`, ${showsYearLater(sql`m.day`, line)} AS year_a, ${showsYearLater(sql`m.until_day`, line)} AS year_b`}
      FROM ${ledger} m WHERE m.before_annual + m.annual > 0 AND m.day <= ${line.cut}::date
    ), pair AS (
      SELECT greatest(now.a, ${yearA}) AS a, least(now.b, ${yearB}) AS b, sum(now.amount) AS kept,
        sum(least(now.amount, past.amount)) AS floor
      FROM span now JOIN span past ON past.customer_id = now.customer_id AND ${yearA} < now.b AND now.a < ${yearB}
      WHERE now.mature AND now.a < now.b AND ${yearA} < ${yearB} AND ${yearA} <= ${n}::int
      GROUP BY 1, 2
    )
    SELECT p, sum(least(start_annual, lost)) AS lost_annual, count(*) FILTER (WHERE gone AND was_active) AS lost_customers,
      0 AS new_customers, count(*) FILTER (WHERE churned) AS churned_customers, 0 AS flash_customers,
      ${sql.join(
        kinds.map((kind) => sql`0 AS ${kindColumn(kind, "flash_")}`),
        sql`, `,
      )}, 0 AS kept_annual, 0 AS floor_annual
    FROM held GROUP BY p
    UNION ALL
    -- a first payment is one row; only a return that counts as new can be the customer's second of the period
    SELECT ${place} AS p, 0, 0, count(*), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
    FROM ${ledger} m WHERE m.kind = 'new' AND m.day = m.cohort_day AND ${counted} GROUP BY 1
    UNION ALL
    SELECT p, 0, 0, count(DISTINCT customer_id), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
    FROM (SELECT m.customer_id, ${place} AS p FROM ${ledger} m WHERE m.kind = 'new' AND m.day > m.cohort_day
      AND ${placeOf(sql`m.cohort_day`, line)} < ${place} AND ${counted}) back GROUP BY p
    UNION ALL
    SELECT p, 0, 0, 0, 0, count(*) FILTER (WHERE nth = 1),
      ${sql.join(
        kinds.map((kind) => sql`coalesce(sum(annual) FILTER (WHERE kind = ${sql.raw(`'${kind}'`)}), 0)`),
        sql`, `,
      )}, 0, 0
    FROM flash WHERE joined GROUP BY p
    UNION ALL
    SELECT CASE e.side WHEN 1 THEN a ELSE b END, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, e.side * kept, e.side * floor
    FROM pair, (VALUES (1), (-1)) e (side)
    WHERE CASE e.side WHEN 1 THEN a ELSE b END <= ${n}::int
  ) part GROUP BY p`;
}

/**
 * SELECT cohort, p, customers, net_annual, gross_annual, left_customers: changes per cohort and period, by the period of
 * `cohortDay` (default: the first payment). The running sum of the first three is the state at the end of p;
 * `left_customers` is how many were active in p and not at its end.
 */
export const cohortContributions = (
  ledger: SQL,
  line: Timeline,
  cohort: SQL = placeOf(sql`m.cohort_day`, line),
): SQL => sql`
  SELECT ${cohort} AS cohort, ${placeOf(sql`m.day`, line)} AS p,
    sum(CASE WHEN m.kind IN ('new', 'reactivation') THEN 1 WHEN m.kind = 'churn' THEN -1 ELSE 0 END)::bigint AS customers,
    sum(m.annual) AS net_annual,
    sum(least(m.initial_annual, m.before_annual + m.annual) - least(m.initial_annual, m.before_annual)) AS gross_annual,
    count(*) FILTER (WHERE m.kind = 'churn' AND ${shows(sql`m.until_day`, line)} > ${placeOf(sql`m.day`, line)}) AS left_customers
  FROM ${ledger} m WHERE m.day <= ${line.cut}::date GROUP BY 1, 2`;
