import { type SQL, sql } from "drizzle-orm";
import type { CohortMeasure } from "#metrics/cohorts.ts";
import type { Day } from "#metrics/day.ts";
import { toUnits } from "#metrics/decimal.ts";
import { cohortContributions, leftContributions, sizeContributions } from "./contributions.ts";
import type { LedgerTx } from "./ledger.ts";
import { joinByHash, type LedgerSource, type Rollups } from "./ledger-source.ts";
import { isBucketEnd, isMonthEnd, placeOf, type Timeline } from "./timeline.ts";

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
 * The first day on which anybody enters a cohort of the basis; null without any. `at_least`: not before that of the whole
 * organisation.
 */
export async function findFirstDay(
  tx: LedgerTx,
  source: LedgerSource,
  basis: Basis,
  how: "exactly" | "at_least",
): Promise<Day | null> {
  const kept = source.rollups?.where ?? (how === "at_least" ? sql`org_id = ${tx.orgId} AND slice = 0` : null);
  const queries = {
    first_payment: kept
      ? sql`SELECT min(day)::text AS day FROM day_rollup WHERE ${kept} AND new_customers > 0`
      : sql`${source.with} SELECT min(cohort_day)::text AS day FROM ${source.ledger} m`,
    signup: sql`SELECT min(c.signup_day)::text AS day FROM customer c WHERE ${counted(tx, source)}`,
    first_activity: sql`SELECT min(t.day)::text AS day FROM transaction t
      JOIN customer c ON c.id = t.customer_id AND ${counted(tx, source)} WHERE t.org_id = ${tx.orgId}`,
  };
  const [found] = await tx.rows<{ day: Day | null }>(queries[basis]);
  return found?.day ?? null;
}

export interface CohortSumsRequest {
  basis: Basis;
  /** From the first cohort to the observed period. */
  line: Timeline;
  /** Whether each period is made of whole calendar months, and whether it is one. */
  months: "one" | "many" | "none";
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
  const { rollups } = source;
  const { basis, line, months, left } = request;
  // who left within a longer period cannot be told from those who left in its months
  const additive = months === "one" ? !left || isMonthEnd(line.cut) : months === "many" && !left;
  if (basis === "first_payment" && rollups && additive && isBucketEnd(line.cut, rollups.daysFrom))
    return sumFromRollups(tx, rollups, request);
  await joinByHash(tx);
  if (basis === "first_activity") return sumActivity(tx, source, line);
  return basis === "signup" ? sumSignups(tx, source, request) : sumFirstPayments(tx, source, request);
}

const part = (name: "size" | "change", columns: SQL, from: SQL): SQL =>
  sql`SELECT ${name} AS part, ${columns} FROM ${from}`;
const noPlace = sql`0 AS p`;
/** `query` selects cohort, p, rise and left_customers. */
const changes = (query: SQL): SQL =>
  part("change", sql`cohort, p, rise::text AS first, left_customers::text AS second`, sql`(${query}) c`);
/** `query` selects cohort, customers and initial_annual. */
const sizes = (query: SQL): SQL =>
  part(
    "size",
    sql`cohort, ${noPlace}, customers::text AS first, initial_annual::text AS second`,
    sql`(${query}) s`,
  );

/** Changes of a ledger; with `left` where that is asked for. */
function changesOf(ledger: SQL, { line, measure, left }: CohortSumsRequest, cohort?: SQL): SQL {
  const lasting = changes(
    sql`SELECT cohort, p, ${columnOf[measure]} AS rise, 0 AS left_customers
      FROM (${cohortContributions(ledger, line, cohort)}) lasting`,
  );
  if (!left) return lasting;
  const gone = sql`SELECT cohort, p, 0 AS rise, left_customers FROM (${leftContributions(ledger, line, cohort)}) gone`;
  return sql`${lasting} UNION ALL ${changes(gone)}`;
}

const sumFirstPayments = (tx: LedgerTx, { with: ctes, ledger }: LedgerSource, request: CohortSumsRequest) =>
  collect(
    tx,
    sql`${ctes} ${changesOf(ledger, request)} UNION ALL ${sizes(sizeContributions(ledger, request.line))}`,
    request.measure,
  );

const sumFromRollups = (
  tx: LedgerTx,
  { where }: Rollups,
  { line, measure, left }: CohortSumsRequest,
): Promise<CohortSums> =>
  collect(
    tx,
    sql`${changes(sql`SELECT ${placeOf(sql`cohort`, line)} AS cohort, ${placeOf(sql`day`, line)} AS p,
        sum(${columnOf[measure]}) AS rise, ${left ? sql`sum(left_customers)` : sql`0`} AS left_customers
        FROM cohort_rollup WHERE ${where} AND day <= ${line.cut}::date GROUP BY 1, 2`)}
      UNION ALL ${sizes(sql`SELECT ${placeOf(sql`cohort`, line)} AS cohort, sum(customers) AS customers,
        sum(initial_annual) AS initial_annual FROM cohort_size WHERE ${where} AND cohort <= ${line.cut}::date GROUP BY 1`)}`,
    measure,
  );

function sumSignups(tx: LedgerTx, source: LedgerSource, request: CohortSumsRequest): Promise<CohortSums> {
  const { line } = request;
  const signedUp = sql`${counted(tx, source)} AND c.signup_day <= ${line.cut}::date`;
  const ledger = sql`(SELECT m.*, c.signup_day FROM ${source.ledger} m JOIN customer c ON c.id = m.customer_id AND ${signedUp})`;
  const size = sql`SELECT ${placeOf(sql`c.signup_day`, line)} AS cohort, count(*) AS customers,
      coalesce(sum(m.initial_annual), 0) AS initial_annual
    FROM customer c LEFT JOIN ${source.ledger} m ON m.customer_id = c.id AND m.kind = 'new' AND m.day = m.cohort_day
      AND m.day <= ${line.cut}::date
    WHERE ${signedUp} GROUP BY 1`;
  return collect(
    tx,
    sql`${source.with} ${changesOf(ledger, request, placeOf(sql`m.signup_day`, line))} UNION ALL ${sizes(size)}`,
    request.measure,
  );
}

/** Of activity, a period's sum is who was active in it: nothing runs on. */
function sumActivity(tx: LedgerTx, source: LedgerSource, line: Timeline): Promise<CohortSums> {
  return collect(
    tx,
    sql`WITH active AS MATERIALIZED (
      SELECT DISTINCT t.customer_id, ${placeOf(sql`t.day`, line)} AS p FROM transaction t
      JOIN customer c ON c.id = t.customer_id AND ${counted(tx, source)}
      WHERE t.org_id = ${tx.orgId} AND t.day <= ${line.cut}::date
    ), member AS MATERIALIZED (SELECT customer_id, min(p) AS cohort FROM active GROUP BY customer_id)
    ${changes(sql`SELECT cohort, p, count(*) AS rise, 0 AS left_customers FROM active JOIN member USING (customer_id) GROUP BY 1, 2`)}
    UNION ALL ${sizes(sql`SELECT cohort, count(*) AS customers, 0 AS initial_annual FROM member GROUP BY 1`)}`,
    "customers",
  );
}

interface Sums extends Record<string, unknown> {
  part: "size" | "change";
  cohort: number;
  p: number;
  first: string;
  second: string;
}

async function collect(tx: LedgerTx, query: SQL, measure: CohortMeasure): Promise<CohortSums> {
  const read = measure === "customers" ? BigInt : toUnits;
  const found: CohortSums = { sizes: new Map(), changes: new Map() };
  for (const { part: kind, cohort, p, first, second } of await tx.rows<Sums>(query)) {
    if (kind === "size") {
      const known = found.sizes.get(cohort) ?? { customers: 0, initial: 0n };
      found.sizes.set(cohort, {
        customers: known.customers + Number(first),
        initial: known.initial + toUnits(second),
      });
      continue;
    }
    const row = found.changes.get(cohort) ?? new Map<number, CohortChange>();
    found.changes.set(cohort, row);
    const known = row.get(p) ?? { rise: 0n, left: 0n };
    row.set(p, { rise: known.rise + read(first), left: known.left + BigInt(second) });
  }
  return found;
}
