import type { z } from "zod";
import type { CohortsOutput, cohortsInput } from "#contracts/analytics.ts";
import { averageRow, type Cohort, type CohortMeasure } from "#metrics/cohorts.ts";
import { earlierDay } from "#metrics/day.ts";
import { mrrFromUnits, ratioOf } from "#metrics/decimal.ts";
import {
  type Grain,
  isComplete,
  type Observation,
  type Period,
  periodOf,
  periodStart,
  periodsBetween,
  shiftPeriod,
} from "#metrics/period.ts";
import { AppError } from "#root/errors.ts";
import { type AnalyticsSettings, getAnalyticsSettings } from "./analytics-settings.ts";
import { type CohortSums, findFirstDay, findFirstRolled, sumCohorts } from "./cohort-sums.ts";
import type { LedgerTx } from "./ledger.ts";
import { findLedgerSource, rowsOfWhole } from "./ledger-source.ts";
import { daysOf, observationOf } from "./ranges.ts";
import type { Timeline } from "./timeline.ts";

export type CohortsQuery = z.output<typeof cohortsInput>;
type Basis = CohortsOutput["basis"];

/** As many rows as one answer may hold: each has as many cells. */
const mostCohorts = 520;

/**
 * Cohorts as rows, periods since as cells; `average` is over complete cells. Rows begin at the first cohort unless a range
 * is given.
 * @throws AppError BAD_REQUEST: `activity_has_no_mrr`, `filter_not_applicable`, `bad_period`, `bad_range`, `too_many_periods`
 */
export async function getCohorts(tx: LedgerTx, query: CohortsQuery): Promise<CohortsOutput> {
  const { grain, measure } = query;
  const isWhole = Object.values(query.filter).every((values) => values.length === 0);
  // asked in one breath: the first day is that of a cohort table which nothing is filtered of
  const [settings, wholeFirst] = await Promise.all([
    getAnalyticsSettings(tx),
    isWhole ? findFirstRolled(tx, rowsOfWhole(tx)) : null,
  ]);
  const basis = query.basis ?? settings.policy.cohort_basis;
  if (basis === "first_activity" && measure !== "customers")
    throw new AppError("BAD_REQUEST", "Activity has no MRR: measure customers.", {
      reason: "activity_has_no_mrr",
    });
  const observation = observationOf(settings, query);
  const source = await findLedgerSource(tx, settings, query.filter);
  if (basis === "first_activity" && source.conditions.versions !== null)
    throw new AppError(
      "BAD_REQUEST",
      "Activity knows no plan, interval, currency or source: filter by customer.",
      {
        reason: "filter_not_applicable",
      },
    );
  const { first, last } = daysOf(query, observation.calendar);
  const isKnown = isWhole && basis === "first_payment" && source.rollups !== null;
  const begin = first ?? (isKnown ? wholeFirst : await findFirstDay(tx, source, settings, basis));
  const periods = begin === null ? [] : listRows(begin, last, first === null, grain, observation);
  const answer = {
    grain,
    basis,
    measure,
    currency: settings.currency,
    as_of: observation.asOf,
    policy: { preset: settings.policy.preset, version: settings.policyVersion },
    version: settings.version,
  };
  const [from] = periods;
  if (from === undefined) return { ...answer, cohorts: [], average: [] };
  const columns = listColumns(from, grain, observation);
  const sums = await sumCohorts(tx, source, {
    basis,
    line: timeline(columns, observation),
    grain,
    calendar: observation.calendar,
    measure,
    left: settings.policy.cohort_cell === "any" && measure === "customers",
  });
  const shown = first === null ? withoutLeading({ periods, columns, sums }) : { periods, columns, sums };
  return { ...answer, ...compose({ ...shown, basis, measure, settings, observation }) };
}

/** Without the rows and columns before the first cohort that has anybody: where to begin is known at least. */
function withoutLeading({ periods, columns, sums }: Pick<Table, "periods" | "columns" | "sums">) {
  const place = periods.findIndex((_, row) => (sums.sizes.get(row + 1)?.customers ?? 0) > 0);
  const skip = place === -1 ? periods.length : place;
  if (skip === 0) return { periods, columns, sums };
  const shifted = <Value>(places: ReadonlyMap<number, Value>) =>
    new Map([...places].map(([at, value]) => [at - skip, value]));
  return {
    periods: periods.slice(skip),
    columns: columns.slice(skip),
    sums: {
      sizes: shifted(sums.sizes),
      changes: shifted(new Map([...sums.changes].map(([cohort, changes]) => [cohort, shifted(changes)]))),
    },
  };
}

/** The cohorts that are listed: never past the observed period. */
function listRows(
  first: string,
  last: string | null,
  cutAtMost: boolean,
  grain: Grain,
  { asOf, calendar }: Observation,
): Period[] {
  const end = last === null ? asOf : earlierDay(last, asOf);
  if (first > end) return [];
  const to = periodOf(end, grain, calendar);
  const from = periodOf(first, grain, calendar);
  const count = periodsBetween(from, to, calendar) + 1;
  if (count > mostCohorts && !cutAtMost)
    throw new AppError(
      "BAD_REQUEST",
      `At most ${mostCohorts} cohorts at once: choose a coarser grain or a shorter range.`,
      {
        reason: "too_many_periods",
        details: { periods: count, most: mostCohorts },
      },
    );
  const shown = Math.min(count, mostCohorts);
  return Array.from({ length: shown }, (_, i) => shiftPeriod(to, i + 1 - shown, calendar));
}

const listColumns = (from: Period, grain: Grain, { asOf, calendar }: Observation): Period[] =>
  Array.from({ length: periodsBetween(from, periodOf(asOf, grain, calendar), calendar) + 1 }, (_, i) =>
    shiftPeriod(from, i, calendar),
  );

const timeline = (periods: readonly Period[], { asOf, calendar }: Observation): Timeline => ({
  starts: periods.map((period) => periodStart(period, calendar)),
  cut: asOf,
});

interface Table {
  /** The rows' cohorts, and all periods from the first to the observed one. */
  periods: readonly Period[];
  columns: readonly Period[];
  sums: CohortSums;
  basis: Basis;
  measure: CohortMeasure;
  settings: AnalyticsSettings;
  observation: Observation;
}

function compose(table: Table): Pick<CohortsOutput, "cohorts" | "average"> {
  const { periods, columns, sums, basis, measure, settings, observation } = table;
  const complete = columns.map((period) => isComplete(period, observation));
  const denominators: bigint[] = [];
  const values: bigint[][] = [];
  const cohorts = periods.map((cohort, row): Cohort => {
    const size = sums.sizes.get(row + 1) ?? { customers: 0, initial: 0n };
    const denominator = measure === "customers" ? BigInt(size.customers) : size.initial;
    const all = worths(table, row + 1);
    const seen = all.slice(row);
    denominators.push(denominator);
    values.push(seen);
    return {
      cohort,
      size: size.customers,
      initial: basis === "first_activity" ? null : mrrFromUnits(size.initial),
      // as many cells as the first row has
      cells: columns.map((_, column) => {
        const value = seen[column];
        return value === undefined
          ? null
          : {
              value: measure === "customers" ? Number(value) : mrrFromUnits(value),
              rate: denominator === 0n ? null : ratioOf(value, denominator),
              complete: complete[row + column] ?? false,
            };
      }),
    };
  });
  return { cohorts, average: averageRow(cohorts, denominators, values, settings.policy) };
}

/** What a cohort is worth at the end of every period of the table. */
function worths({ columns, sums, basis }: Table, cohort: number): bigint[] {
  const changes = sums.changes.get(cohort);
  let running = changes?.get(0)?.rise ?? 0n;
  return columns.map((_, i) => {
    const change = changes?.get(i + 1);
    const rise = change?.rise ?? 0n;
    if (basis === "first_activity") return rise;
    running += rise;
    return running + (change?.left ?? 0n);
  });
}
