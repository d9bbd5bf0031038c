import { type SQL, sql } from "drizzle-orm";
import type { CohortMeasure } from "#metrics/cohorts.ts";
import type { Day } from "#metrics/day.ts";
import { toUnits } from "#metrics/decimal.ts";
import type { Calendar, Grain } from "#metrics/period.ts";
import type { RowsOptions } from "../rows.ts";
import type { AnalyticsSettings } from "./analytics-settings.ts";
import { cohortContributions, leftContributions } from "./contributions.ts";
import type { LedgerTx } from "./ledger.ts";
import {
  cutAt,
  findOwnRollups,
  joinByHash,
  type LedgerSource,
  type Rollups,
  rowsOfWhole,
} from "./ledger-source.ts";
import { cohortRollup, cohortSize, dayRollup, type RollupRows } from "./rollup-tables.ts";
import { isPeriodEnd, placeOf, type Timeline } from "./timeline.ts";

/** Sums behind cohort cells, by place of the cohort and of the period in a timeline: the twin of metrics/cohorts.ts. */

export interface CohortSize {
  customers: number;
  /** Annual, in units of 10^-12. */
  initial: bigint;
}
/** What happened to a cohort in one period. */
export interface CohortChange {
  /** By how much what is measured rose: customers, or annual amounts in units. Adds up along time. */
  rise: bigint;
  /** Customers active in the period and not at its end. */
  left: bigint;
}
export interface CohortSums {
  sizes: Map<number, CohortSize>;
  /** By cohort, then by period; 0 holds what came before the first. */
  changes: Map<number, Map<number, CohortChange>>;
}

type Basis = "first_payment" | "signup" | "first_activity";

/** Customers `c` that count and match the filter. */
const counted = (tx: LedgerTx, { conditions }: LedgerSource): SQL => sql`c.org_id = ${tx.orgId}
  AND c.excluded_reason IS NULL ${conditions.customers === null ? sql`` : sql`AND ${conditions.customers}`}`;

/**
 * A day before which nobody enters a cohort of the basis; null where nobody ever does. To look for the very day in a ledger without
 * rollups would take as long as to add it up, and rollups of slices know the month.
 */
export async function findFirstDay(
  tx: LedgerTx,
  source: LedgerSource,
  { rollupDaysFrom }: Pick<AnalyticsSettings, "rollupDaysFrom">,
  basis: Basis,
): Promise<Day | null> {
  if (basis === "first_payment" && rollupDaysFrom !== null)
    return findFirstRolled(tx, source.rollups?.rows ?? rowsOfWhole(tx));
  const queries = {
    first_payment: sql`${source.with} SELECT min(cohort_day)::text AS day FROM ${source.ledger} m`,
    signup: sql`SELECT min(c.signup_day)::text AS day FROM customer c WHERE ${counted(tx, source)}`,
    first_activity: sql`SELECT min(t.day)::text AS day FROM transaction t
      JOIN customer c ON c.id = t.customer_id AND ${counted(tx, source)} WHERE t.org_id = ${tx.orgId}`,
  };
  const [found] = await tx.rows<{ day: Day | null }>(queries[basis]);
  return found?.day ?? null;
}

/** The first day on which anybody pays for the first time, of rollups. */
export async function findFirstRolled(tx: LedgerTx, rows: RollupRows): Promise<Day | null> {
  const [found] = await tx.rows<{ day: Day | null }>(
    sql`SELECT min(day)::text AS day FROM (
      SELECT day FROM ${rows(dayRollup)} r GROUP BY day HAVING sum(new_customers) > 0) found`,
    { prepared: true },
  );
  return found?.day ?? null;
}

export interface CohortSumsRequest {
  basis: Basis;
  /** From the first cohort to the observed period. */
  line: Timeline;
  grain: Grain;
  calendar?: Calendar;
  measure: CohortMeasure;
  /** Whether `left` is needed. */
  left: boolean;
}

/** The column of `cohortContributions` and of its rollup that a measure adds up. */
const columnOf: Readonly<Record<CohortMeasure, SQL>> = {
  customers: sql`customers`,
  mrr_net: sql`net_annual`,
  mrr_gross: sql`gross_annual`,
};

export async function sumCohorts(
  tx: LedgerTx,
  source: LedgerSource,
  request: CohortSumsRequest,
): Promise<CohortSums> {
  const { basis, line } = request;
  const kept = basis === "first_payment" ? await findRollups(tx, source, request) : null;
  if (kept) return sumFromRollups(tx, kept, request);
  await joinByHash(tx);
  if (basis === "first_activity") return sumActivity(tx, source, line);
  return basis === "signup" ? sumSignups(tx, source, request) : sumFirstPayments(tx, source, request);
}

/** Where the sums of first payments are kept; null: nowhere. */
async function findRollups(
  tx: LedgerTx,
  source: LedgerSource,
  { line, grain, calendar, left }: CohortSumsRequest,
): Promise<Rollups | null> {
  // who left is counted at the end of a period
  if (left && !isPeriodEnd(line.cut, { grain, calendar })) return null;
  const { rollups } = source;
  // and who left within a longer one cannot be told from those who left in its months
  const isMadeOfMonths = grain === "month" || (grain !== "week" && !left);
  const byMonth = isMadeOfMonths ? cutAt(rollups, "cohorts", [line.cut]) : null;
  if (byMonth) return byMonth;
  return findOwnRollups(tx, source, { grain, calendar }, ["cohorts"], [line.cut]);
}

/** One row of sums: a part that says nothing of some of them leaves them 0. */
const sums = (
  columns: { cohort: SQL; p?: SQL; rise?: SQL; left?: SQL; customers?: SQL; initial?: SQL },
  from: SQL,
): SQL => {
  const text = (column = sql`0`): SQL => sql`coalesce(${column}, 0)::text`;
  return sql`SELECT ${columns.cohort} AS cohort, ${columns.p ?? sql`0`} AS p, ${text(columns.rise)} AS rise, ${text(columns.left)} AS left,
    ${text(columns.customers)} AS customers, ${text(columns.initial)} AS initial FROM ${from}`;
};
const [cohort, p] = [sql`cohort`, sql`p`];
/** `query` selects cohort, customers and initial_annual. */
const sizes = (query: SQL): SQL =>
  sums({ cohort, customers: sql`customers`, initial: sql`initial_annual` }, sql`(${query}) s`);
const leavers = (ledger: SQL, line: Timeline, of?: SQL): SQL =>
  sums({ cohort, p, left: sql`left_customers` }, sql`(${leftContributions(ledger, line, of)}) gone`);

/** Looks once at the ledger, unless who left is asked for. */
function sumFirstPayments(tx: LedgerTx, source: LedgerSource, { line, measure, left }: CohortSumsRequest) {
  const of = {
    cohort,
    p,
    rise: columnOf[measure],
    customers: sql`first_customers`,
    initial: sql`initial_annual`,
  };
  const all = (ledger: SQL): SQL => sums(of, sql`(${cohortContributions(ledger, line)}) c`);
  const query = left
    ? sql`${source.with} ${all(source.ledger)} UNION ALL ${leavers(source.ledger, line)}`
    : all(source.rows);
  return collect(tx, measure, [query]);
}

const sumFromRollups = (
  tx: LedgerTx,
  { rows }: Rollups,
  { line, measure, left }: CohortSumsRequest,
): Promise<CohortSums> => {
  const place = placeOf(sql`cohort`, line);
  return collect(
    tx,
    measure,
    [
      sql`SELECT ${place} AS cohort, ${placeOf(sql`day`, line)} AS p, sum(${columnOf[measure]})::text AS rise
        ${left ? sql`, sum(left_customers)::text AS left` : sql``}
      FROM ${rows(cohortRollup)} r WHERE day <= ${line.cut}::date GROUP BY 1, 2`,
      sql`SELECT ${place} AS cohort, sum(customers)::text AS customers, sum(initial_annual)::text AS initial
      FROM ${rows(cohortSize)} r WHERE cohort <= ${line.cut}::date GROUP BY 1`,
    ],
    { prepared: true },
  );
};

function sumSignups(tx: LedgerTx, source: LedgerSource, request: CohortSumsRequest): Promise<CohortSums> {
  const { line, measure, left } = request;
  const signedUp = sql`${counted(tx, source)} AND c.signup_day <= ${line.cut}::date`;
  const ledger = sql`(SELECT m.*, c.signup_day FROM ${source.ledger} m JOIN customer c ON c.id = m.customer_id AND ${signedUp})`;
  const size = sql`SELECT ${placeOf(sql`c.signup_day`, line)} AS cohort, count(*) AS customers,
      coalesce(sum(m.initial_annual), 0) AS initial_annual
    FROM customer c LEFT JOIN ${source.ledger} m ON m.customer_id = c.id AND m.kind = 'new' AND m.day = m.cohort_day
      AND m.day <= ${line.cut}::date
    WHERE ${signedUp} GROUP BY 1`;
  const of = placeOf(sql`m.signup_day`, line);
  const changes = sums(
    { cohort, p, rise: columnOf[measure] },
    sql`(${cohortContributions(ledger, line, of)}) c`,
  );
  return collect(tx, measure, [
    sql`${source.with} ${changes} ${left ? sql`UNION ALL ${leavers(ledger, line, of)}` : sql``} UNION ALL ${sizes(size)}`,
  ]);
}

/** Of activity, a period's sum is who was active in it: nothing runs on. */
function sumActivity(tx: LedgerTx, source: LedgerSource, line: Timeline): Promise<CohortSums> {
  return collect(tx, "customers", [
    sql`WITH active AS MATERIALIZED (
      SELECT DISTINCT t.customer_id, ${placeOf(sql`t.day`, line)} AS p FROM transaction t
      JOIN customer c ON c.id = t.customer_id AND ${counted(tx, source)}
      WHERE t.org_id = ${tx.orgId} AND t.day <= ${line.cut}::date
    ), member AS MATERIALIZED (SELECT customer_id, min(p) AS cohort FROM active GROUP BY customer_id)
    ${sums({ cohort, p, rise: sql`count(*)` }, sql`active JOIN member USING (customer_id) GROUP BY 1, 2`)}
    UNION ALL ${sizes(sql`SELECT cohort, count(*) AS customers, 0 AS initial_annual FROM member GROUP BY 1`)}`,
  ]);
}

/** What a row says nothing of is 0. */
interface Sums extends Record<string, unknown> {
  cohort: number;
  p?: number;
  rise?: string;
  left?: string;
  customers?: string;
  initial?: string;
}

/** Adds up what the statements answer, which are asked in one breath. */
async function collect(
  tx: LedgerTx,
  measure: CohortMeasure,
  queries: readonly SQL[],
  options?: RowsOptions,
): Promise<CohortSums> {
  const read = measure === "customers" ? BigInt : toUnits;
  const found: CohortSums = { sizes: new Map(), changes: new Map() };
  const answers = await Promise.all(queries.map((query) => tx.rows<Sums>(query, options)));
  for (const { cohort, p = 0, rise = "0", left = "0", customers = "0", initial = "0" } of answers.flat()) {
    if (customers !== "0") {
      const known = found.sizes.get(cohort) ?? { customers: 0, initial: 0n };
      found.sizes.set(cohort, {
        customers: known.customers + Number(customers),
        initial: known.initial + toUnits(initial),
      });
    }
    const row = found.changes.get(cohort) ?? new Map<number, CohortChange>();
    found.changes.set(cohort, row);
    const known = row.get(p) ?? { rise: 0n, left: 0n };
    row.set(p, { rise: known.rise + read(rise), left: known.left + BigInt(left) });
  }
  return found;
}
