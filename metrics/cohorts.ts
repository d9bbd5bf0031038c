import { addDays, type Day, earlierDay } from "./day.ts";
import { type Decimal, divide, exact, mrrFromUnits, ratioOf, sum, toNumber } from "./decimal.ts";
import { type CustomerHistory, listHistories, stateAt } from "./history.ts";
import type { Ledger } from "./ledger.ts";
import {
  type Calendar,
  type Grain,
  isComplete,
  listPeriods,
  type Observation,
  type Period,
  periodEnd,
  periodOf,
  periodStart,
  periodsBetween,
  shiftPeriod,
} from "./period.ts";
import type { PolicySettings } from "./policy.ts";

/** Cohorts (metrics.md §5): rows are periods of first payment, sign-up or first activity, columns periods since. */

export type CohortBasis = "first_payment" | "signup" | "first_activity";
export type CohortMeasure = "customers" | "mrr_net" | "mrr_gross";

export interface CohortsInput extends Observation {
  ledger: Ledger;
  grain: Exclude<Grain, "day">;
  basis: CohortBasis;
  measure: CohortMeasure;
  policy: Pick<PolicySettings, "cohort_cell" | "cohort_average">;
  /** Bounds of the cohorts, inclusive days; default: the first cohort with a customer to the observed period. */
  from?: Day | null;
  to?: Day | null;
  /** For the basis `signup`; who never signed up is in no cohort. */
  customers?: readonly { customerId: string; signupDay: Day | null }[];
  /** For the basis `first_activity`. */
  activities?: readonly { customerId: string; day: Day }[];
}

export interface CohortCell {
  /** A count, or money text. */
  value: number | Decimal;
  /** Of the cohort's size or initial MRR; null where that is 0. */
  rate: number | null;
  complete: boolean;
}
export interface Cohort {
  cohort: Period;
  size: number;
  /** The members' first MRR; null for `first_activity`. */
  initial: Decimal | null;
  /** As many as the first row has; null: not observed yet. */
  cells: (CohortCell | null)[];
}
export interface Cohorts {
  cohorts: Cohort[];
  average: ({ rate: number; cohorts: number } | null)[];
}

/** One customer of a cohort: what it began with, and what it counts for in a period. */
interface Member {
  day: Day;
  initial: bigint;
  /** A count (0 or 1) or an annual amount in units. */
  worth: (fromDay: Day, cutDay: Day) => bigint;
}

const smaller = (a: bigint, b: bigint): bigint => (a < b ? a : b);

/** Active at the end of the period or, where the policy says so, at any time in it. */
function isActive(history: CustomerHistory, fromDay: Day, cutDay: Day, cell: "end" | "any"): boolean {
  if (stateAt(history, cutDay).active) return true;
  if (cell === "end") return false;
  return (
    stateAt(history, addDays(fromDay, -1)).active ||
    history.rows.some((row) => row.kind !== "fx" && row.day >= fromDay && row.day <= cutDay)
  );
}

function payer(history: CustomerHistory, day: Day, { measure, policy, asOf }: CohortsInput): Member {
  const initial = history.cohortDay <= asOf ? history.initial : 0n;
  return {
    day,
    initial,
    worth: (fromDay, cutDay) => {
      if (measure === "customers") return isActive(history, fromDay, cutDay, policy.cohort_cell) ? 1n : 0n;
      const { amount } = stateAt(history, cutDay);
      return measure === "mrr_gross" ? smaller(initial, amount) : amount;
    },
  };
}

function listMembers(input: CohortsInput): Member[] {
  if (input.basis === "first_activity") {
    const days = new Map<string, Day[]>();
    for (const { customerId, day } of input.activities ?? [])
      days.set(customerId, [...(days.get(customerId) ?? []), day]);
    return [...days.values()].map((given) => ({
      day: given.reduce(earlierDay),
      initial: 0n,
      worth: (fromDay, cutDay) => (given.some((day) => day >= fromDay && day <= cutDay) ? 1n : 0n),
    }));
  }
  const histories = listHistories(input.ledger);
  if (input.basis === "first_payment")
    return histories.map((history) => payer(history, history.cohortDay, input));
  const byCustomer = new Map(histories.map((history) => [history.customerId, history]));
  return (input.customers ?? []).flatMap(({ customerId, signupDay }) => {
    if (signupDay === null) return [];
    const history = byCustomer.get(customerId);
    return [history ? payer(history, signupDay, input) : { day: signupDay, initial: 0n, worth: () => 0n }];
  });
}

/** The cohorts that are listed: from the first to the last asked for, never past the observed period. */
function listCohorts(members: readonly Member[], input: CohortsInput): Period[] {
  const { grain, calendar, asOf } = input;
  const days = members.map(({ day }) => day).sort();
  const first = input.from ?? days[0] ?? null;
  const last = input.to ? earlierDay(input.to, asOf) : asOf;
  return first === null || first > last ? [] : listPeriods(first, last, grain, calendar);
}

/** The average row: complete cells only. `values` and `denominators` are those behind the cells, by cohort. */
export function averageRow(
  cohorts: readonly Cohort[],
  denominators: readonly bigint[],
  values: readonly (readonly bigint[])[],
  policy: CohortsInput["policy"],
): Cohorts["average"] {
  const width = cohorts[0]?.cells.length ?? 0;
  return Array.from({ length: width }, (_, column) => {
    const reached = cohorts.flatMap((cohort, row) => {
      const [value, denominator] = [values[row]?.[column], denominators[row]];
      return cohort.cells[column]?.complete && value !== undefined && denominator
        ? [{ value, denominator }]
        : [];
    });
    if (reached.length === 0) return null;
    const rate =
      policy.cohort_average === "weighted"
        ? exact(
            reached.reduce((all, { value }) => all + value, 0n),
            reached.reduce((all, { denominator }) => all + denominator, 0n),
          )
        : divide(
            sum(reached.map(({ value, denominator }) => exact(value, denominator))),
            exact(reached.length),
          );
    return { rate: toNumber(rate), cohorts: reached.length };
  });
}

/**
 * Cohorts as observed at the end of `asOf`. Month 0 is the cohort's own period; who comes back stays in its first cohort;
 * the average row holds complete cells only. Throws RangeError for an MRR measure of activity.
 */
export function computeCohorts(input: CohortsInput): Cohorts {
  const { grain, basis, measure, calendar, asOf } = input;
  if (basis === "first_activity" && measure !== "customers")
    throw new RangeError("activity has no MRR: measure customers");
  const members = listMembers(input).filter(({ day }) => day <= asOf);
  const periods = listCohorts(members, input);
  const byCohort = new Map<Period, Member[]>(periods.map((period) => [period, []]));
  for (const member of members) byCohort.get(periodOf(member.day, grain, calendar))?.push(member);
  const observed = periodOf(asOf, grain, calendar);
  const width = periods[0] === undefined ? 0 : periodsBetween(periods[0], observed, calendar) + 1;

  const denominators: bigint[] = [];
  const values: bigint[][] = [];
  const cohorts = periods.map((cohort): Cohort => {
    const own = byCohort.get(cohort) ?? [];
    const initial = own.reduce((all, member) => all + member.initial, 0n);
    const denominator = measure === "customers" ? BigInt(own.length) : initial;
    const row: bigint[] = [];
    denominators.push(denominator);
    values.push(row);
    const cells = Array.from({ length: width }, (_, column): CohortCell | null => {
      const period = shiftPeriod(cohort, column, calendar);
      const span = spanOf(period, asOf, calendar);
      if (span === null) return null;
      const value = own.reduce((all, member) => all + member.worth(span.fromDay, span.cutDay), 0n);
      row.push(value);
      return {
        value: measure === "customers" ? Number(value) : mrrFromUnits(value),
        rate: denominator === 0n ? null : ratioOf(value, denominator),
        complete: isComplete(period, input),
      };
    });
    return {
      cohort,
      size: own.length,
      initial: basis === "first_activity" ? null : mrrFromUnits(initial),
      cells,
    };
  });
  return { cohorts, average: averageRow(cohorts, denominators, values, input.policy) };
}

/** A period as far as it is observed; null where it has not begun. */
function spanOf(
  period: Period,
  asOf: Day,
  calendar: Calendar | undefined,
): { fromDay: Day; cutDay: Day } | null {
  const fromDay = periodStart(period, calendar);
  return fromDay > asOf ? null : { fromDay, cutDay: earlierDay(periodEnd(period, calendar), asOf) };
}
