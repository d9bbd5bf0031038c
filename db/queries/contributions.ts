import { type SQL, sql } from "drizzle-orm";
import { placeOf, shows, showsYearLater, startOf, type Timeline } from "./timeline.ts";

/**
 * What each customer adds to the sums of a period, as SQL over any ledger: the stored one, or one derived for a filter.
 * Rollups keep these sums up to date, and answers that no rollup has are made from them on the fly: the twins of
 * metrics/period-sums.ts and metrics/cohorts.ts, to which period-sums.test.ts holds them.
 *
 * A ledger is a FROM item that offers customer_id, day, until_day, kind, annual, before_annual, cohort_day and
 * initial_annual.
 */

/** A customer within one slice, as one number: both ids are below 2^31. */
export const partMember = (customer: SQL, slice: SQL): SQL => sql`(${customer} << 31 | ${slice})`;
const sliceMask = sql.raw(`${2 ** 31 - 1}`);

/** Which slices the rows of a ledger's customers count in, and whether they are added or taken out. */
export interface Tagging {
  /** Put after a FROM item that offers customer_id, by its alias. */
  join: (alias: string) => SQL;
  slice: (alias: string) => SQL;
  /** A sum of what is summed, signed. */
  sum: (value: SQL) => SQL;
  count: SQL;
}
/** Everything counts once, in slice 0. */
export const untagged: Tagging = {
  join: () => sql``,
  slice: () => sql`0`,
  sum: (value) => sql`sum(${value})`,
  count: sql`count(*)`,
};
/** @param tags a FROM item with customer_id and slice */
export const taggedBy = (tags: SQL): Tagging => ({
  ...untagged,
  join: (alias) => sql`JOIN ${tags} t ON t.customer_id = ${sql.raw(alias)}.customer_id`,
  slice: () => sql`t.slice`,
});
/**
 * What comes in and what goes out of one member in one sum.
 * @param members a FROM item with customer_id, member (stands where a slice does) and sign (1 or -1)
 */
export const ofMembers = (members: SQL): Tagging => ({
  join: (alias) => sql`JOIN ${members} t ON t.customer_id = ${sql.raw(alias)}.customer_id`,
  slice: () => sql`t.member`,
  // cheaper than a product: the sign would be made a decimal for every row
  sum: (value) => sql`sum(CASE WHEN t.sign < 0 THEN -(${value}) ELSE ${value} END)`,
  count: sql`sum(t.sign)`,
});

/**
 * Ledgers of one slice each in one FROM item: customer_id is `partMember`'s.
 */
export const taggedByPart: Tagging = {
  ...untagged,
  slice: (alias) => sql`(${sql.raw(alias)}.customer_id & ${sliceMask})::int`,
};

export const kinds = ["new", "expansion", "reactivation", "contraction", "churn", "fx"] as const;
const kindColumn = (kind: string, prefix = ""): SQL => sql.raw(`${prefix}${kind}_annual`);
const perKind = (write: (kind: SQL) => SQL): SQL =>
  sql.join(
    kinds.map((kind) => write(sql.raw(`'${kind}'`))),
    sql`, `,
  );

/**
 * SELECT slice, day, new_annual … fx_annual, new_customers, reactivated_customers, churned_customers, rows: sums of rows as
 * they are signed. Counts are of rows: a customer that churns twice counts twice.
 * @param day of a row of the ledger `m`; default: its own
 */
export const dayContributions = (ledger: SQL, tags: Tagging = untagged, day = sql`m.day`): SQL =>
  byKind(kindContributions(ledger, tags, day));

/** SELECT slice, day, kind, annual, rows: what `byKind` makes `dayContributions` of. */
export const kindContributions = (ledger: SQL, tags: Tagging, day = sql`m.day`): SQL => sql`
  SELECT ${tags.slice("m")} AS slice, ${day} AS day, m.kind, ${tags.sum(sql`m.annual`)} AS annual, ${tags.count} AS rows
  FROM ${ledger} m ${tags.join("m")} GROUP BY 1, 2, 3`;

/** @param contributions SELECT of slice, day, kind, annual and rows */
export const byKind = (contributions: SQL): SQL => sql`
  SELECT slice, day,
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
  FROM (${contributions}) per_kind
  GROUP BY slice, day`;

/**
 * SELECT slice, p, lost_annual, lost_customers, new_customers, churned_customers, flash_customers, flash_new_annual …: what
 * looks at a customer more than once within a period. They do not add up over periods.
 */
export function lossContributions(ledger: SQL, line: Timeline, tags: Tagging = untagged): SQL {
  const place = placeOf(sql`m.day`, line);
  const counted = sql`m.day <= ${line.cut}::date AND m.day >= ${line.starts[0]}::date`;
  const start = startOf(sql`g.p`, line);
  const noFlash = perKind(() => sql`0`);
  return sql`
  SELECT slice, p, sum(lost_annual) AS lost_annual, sum(lost_customers)::bigint AS lost_customers,
    sum(new_customers)::bigint AS new_customers, sum(churned_customers)::bigint AS churned_customers,
    sum(flash_customers)::bigint AS flash_customers,
    ${sql.join(
      kinds.map((kind) => sql`sum(${kindColumn(kind, "flash_")}) AS ${kindColumn(kind, "flash_")}`),
      sql`, `,
    )}
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
    )
    SELECT ${tags.slice("held")} AS slice, p, ${tags.sum(sql`least(start_annual, lost)`)} AS lost_annual,
      coalesce(${tags.count} FILTER (WHERE gone AND was_active), 0) AS lost_customers, 0 AS new_customers,
      coalesce(${tags.count} FILTER (WHERE churned), 0) AS churned_customers, 0 AS flash_customers,
      ${sql.join(
        kinds.map((kind) => sql`0 AS ${kindColumn(kind, "flash_")}`),
        sql`, `,
      )}
    FROM held ${tags.join("held")} GROUP BY 1, 2
    UNION ALL
    -- a first payment is one row; only a return that counts as new can be the customer's second of the period
    SELECT ${tags.slice("m")}, ${place} AS p, 0, 0, ${tags.count}, 0, 0, ${noFlash}
    FROM ${ledger} m ${tags.join("m")} WHERE m.kind = 'new' AND m.day = m.cohort_day AND ${counted} GROUP BY 1, 2
    UNION ALL
    SELECT ${tags.slice("back")}, p, 0, 0, ${tags.count}, 0, 0, ${noFlash}
    FROM (SELECT DISTINCT m.customer_id, ${place} AS p FROM ${ledger} m WHERE m.kind = 'new' AND m.day > m.cohort_day
      AND ${placeOf(sql`m.cohort_day`, line)} < ${place} AND ${counted}) back ${tags.join("back")} GROUP BY 1, 2
    UNION ALL
    SELECT ${tags.slice("flash")}, p, 0, 0, 0, 0, coalesce(${tags.count} FILTER (WHERE nth = 1), 0),
      ${perKind((kind) => sql`coalesce(${tags.sum(sql`annual`)} FILTER (WHERE kind = ${kind}), 0)`)}
    FROM flash ${tags.join("flash")} WHERE joined GROUP BY 1, 2
  ) part GROUP BY slice, p`;
}

/** Whether a row of the ledger `m` is the customer's first payment. */
const isFirst = sql`m.day = m.cohort_day AND m.kind = 'new'`;

/** What a row of the ledger `m` changes in the number of customers. */
export const standing = sql`CASE WHEN m.kind IN ('new', 'reactivation') THEN 1 WHEN m.kind = 'churn' THEN -1 ELSE 0 END`;

/**
 * SELECT slice, p, then_annual, then_customers: changes of what there was twelve months before the end of p. The running sum
 * is the level.
 */
export const thenContributions = (ledger: SQL, line: Timeline, tags: Tagging = untagged): SQL => sql`
  SELECT * FROM (
    SELECT ${tags.slice("m")} AS slice, ${showsYearLater(sql`m.day`, line)} AS p, ${tags.sum(sql`m.annual`)} AS then_annual,
      ${tags.sum(standing)}::bigint AS then_customers
    FROM ${ledger} m ${tags.join("m")} GROUP BY 1, 2) shown WHERE p <= ${line.starts.length}::int`;

/**
 * SELECT slice, p, kept_annual, floor_annual: changes at the end of p of sum(now | then > 0) and of sum(min(then, now)), then
 * being twelve months before that end. The running sum is the level.
 */
export function levelContributions(ledger: SQL, line: Timeline, tags: Tagging = untagged): SQL {
  const n = line.starts.length;
  const amount = (row: SQL): SQL => sql`${row}.before_annual + ${row}.annual`;
  const paid = (row: SQL): SQL => sql`${amount(row)} > 0 AND ${row}.day <= ${line.cut}::date`;
  const [now, past] = [sql.raw("n"), sql.raw("t")];
  const beside = sql`(
      SELECT n.customer_id, ${amount(now)} AS amount, ${shows(sql`n.day`, line)} AS a, ${shows(sql`n.until_day`, line)} AS b
      FROM ${ledger} n
      -- long enough after the first payment for anything to have been paid twelve months before
      WHERE ${paid(now)} AND (n.until_day IS NULL OR n.until_day - n.cohort_day > 364)
      -- so that the places are looked for once per row, and not once per pair
      OFFSET 0
    ) now JOIN (
      SELECT t.customer_id, ${amount(past)} AS amount, ${showsYearLater(sql`t.day`, line)} AS a,
        ${showsYearLater(sql`t.until_day`, line)} AS b
      FROM ${ledger} t WHERE ${paid(past)} OFFSET 0
    ) past ON past.customer_id = now.customer_id AND past.a < now.b AND now.a < past.b`;
  const within = sql`now.a < now.b AND past.a < past.b AND greatest(now.a, past.a) <= ${n}::int`;
  const span = sql`greatest(now.a, past.a) AS a, least(now.b, past.b) AS b`;
  const ends = sql`CROSS JOIN LATERAL (VALUES (a, kept, floor), (b, -kept, -floor)) e (p, kept, floor) WHERE e.p <= ${n}::int`;
  return sql`
  SELECT slice, e.p, sum(e.kept) AS kept_annual, sum(e.floor) AS floor_annual
  FROM (
    -- few pairs of places, where every one of a customer's amounts stands beside every one of a year before
    SELECT ${tags.slice("now")} AS slice, ${span}, ${tags.sum(sql`now.amount`)} AS kept, ${tags.sum(sql`least(now.amount, past.amount)`)} AS floor
    FROM ${beside} ${tags.join("now")} WHERE ${within} GROUP BY 1, 2, 3
  ) pair ${ends} GROUP BY slice, e.p`;
}

/**
 * SELECT slice, cohort, p, customers, net_annual, gross_annual: changes per cohort and period; their running sum is the
 * state at the end of p. And first_customers, initial_annual: first payments, which stand where p is the period of the first.
 * @param cohort the cohort of a row of the ledger `m`; default: the period of the first payment
 */
export const cohortContributions = (
  ledger: SQL,
  line: Timeline,
  cohort: SQL = placeOf(sql`m.cohort_day`, line),
  tags: Tagging = untagged,
): SQL => sql`
  SELECT ${tags.slice("m")} AS slice, ${cohort} AS cohort, ${placeOf(sql`m.day`, line)} AS p,
    ${tags.sum(standing)}::bigint AS customers,
    ${tags.sum(sql`m.annual`)} AS net_annual,
    ${tags.sum(sql`(least(m.initial_annual, m.before_annual + m.annual) - least(m.initial_annual, m.before_annual))`)} AS gross_annual,
    ${tags.count} FILTER (WHERE ${isFirst}) AS first_customers, ${tags.sum(sql`m.annual`)} FILTER (WHERE ${isFirst}) AS initial_annual
  FROM ${ledger} m ${tags.join("m")} WHERE m.day <= ${line.cut}::date GROUP BY 1, 2, 3`;

/** SELECT slice, cohort, p, left_customers: how many were active in p and not at its end. */
export const leftContributions = (
  ledger: SQL,
  line: Timeline,
  cohort: SQL = placeOf(sql`m.cohort_day`, line),
  tags: Tagging = untagged,
): SQL => sql`
  SELECT ${tags.slice("m")} AS slice, ${cohort} AS cohort, ${placeOf(sql`m.day`, line)} AS p, ${tags.count} AS left_customers
  FROM ${ledger} m ${tags.join("m")}
  WHERE m.kind = 'churn' AND m.day <= ${line.cut}::date AND ${shows(sql`m.until_day`, line)} > ${placeOf(sql`m.day`, line)}
  GROUP BY 1, 2, 3`;

/** SELECT slice, cohort, customers, initial_annual: first payments per period. */
export const sizeContributions = (ledger: SQL, line: Timeline, tags: Tagging = untagged): SQL => sql`
  SELECT ${tags.slice("m")} AS slice, ${placeOf(sql`m.day`, line)} AS cohort, ${tags.count} AS customers,
    ${tags.sum(sql`m.annual`)} AS initial_annual
  FROM ${ledger} m ${tags.join("m")} WHERE ${isFirst} AND m.day <= ${line.cut}::date GROUP BY 1, 2`;
