import { addDays, type Day, earlierDay, yearBefore } from "./day.ts";
import { type Decimal, fromUnits, toUnits } from "./decimal.ts";
import { type CustomerHistory, stateAt } from "./history.ts";
import type { MovementKind, UnvaluedSpan } from "./ledger.ts";
import { type Calendar, type Period, periodEnd, periodStart } from "./period.ts";

/** Amounts by movement kind, annual. Losses are positive, fx is signed. */
export type KindSums = Record<MovementKind, Decimal>;

/**
 * What the formulas need of one period, up to its cut: its last day, or the observation day where that comes earlier. Every
 * field is a sum of per-customer contributions, so that SQL can maintain it. All amounts are annual.
 */
export interface PeriodSums {
  period: Period;
  fromDay: Day;
  /** Before `fromDay` where the period is in the future. */
  cutDay: Day;
  /** Relative to the observation day: over, holding it, or beginning after it. */
  phase: "past" | "running" | "future";
  startAnnual: Decimal;
  endAnnual: Decimal;
  kinds: KindSums;
  startCustomers: number;
  endCustomers: number;
  /** Customers with at least one row of the kind. */
  newCustomers: number;
  churnedCustomers: number;
  /** Active at the start and not at the end. */
  lostCustomers: number;
  /** Churn and contraction of those who paid at the start, of each up to what it paid then. */
  lostAnnual: Decimal;
  /** New and gone within the period: inactive at both ends, with a `new` row; and all rows of those customers. */
  flashCustomers: number;
  flash: KindSums;
  /** Customers with an amount twelve months before the cut: then, now, and the smaller of the two each. */
  yearAgoCustomers: number;
  yearAgoAnnual: Decimal;
  keptAnnual: Decimal;
  floorAnnual: Decimal;
  /**
   * With what is known of the days after the observation. Over: the end, and 0. Holding it: everything dated later. In the
   * future: the state at the period's end, and the churn within.
   */
  committedAnnual: Decimal;
  scheduledChurnAnnual: Decimal;
  /** Whether an amount lacks an exchange rate: at the cut, from the start to the cut, twelve months before it, later. */
  unvalued: { atEnd: boolean; within: boolean; yearAgo: boolean; later: boolean };
}

const losses: ReadonlySet<MovementKind> = new Set(["contraction", "churn"]);
type Units = Record<MovementKind, bigint>;
const noUnits = (): Units => ({
  new: 0n,
  expansion: 0n,
  reactivation: 0n,
  contraction: 0n,
  churn: 0n,
  fx: 0n,
});

const kindTexts = (units: Units): KindSums => ({
  new: fromUnits(units.new),
  expansion: fromUnits(units.expansion),
  reactivation: fromUnits(units.reactivation),
  contraction: fromUnits(units.contraction),
  churn: fromUnits(units.churn),
  fx: fromUnits(units.fx),
});

const smaller = (a: bigint, b: bigint): bigint => (a < b ? a : b);

interface Span {
  fromDay: Day;
  cutDay: Day;
  thenDay: Day;
}

interface Totals {
  start: bigint;
  end: bigint;
  lost: bigint;
  startCustomers: number;
  endCustomers: number;
  newCustomers: number;
  churnedCustomers: number;
  lostCustomers: number;
  flashCustomers: number;
  yearAgoCustomers: number;
  yearAgo: bigint;
  kept: bigint;
  floor: bigint;
  kinds: Units;
  flash: Units;
}

function addCustomer(totals: Totals, history: CustomerHistory, { fromDay, cutDay, thenDay }: Span): void {
  const start = stateAt(history, addDays(fromDay, -1));
  const end = stateAt(history, cutDay);
  const then = stateAt(history, thenDay).amount;
  const own = noUnits();
  const seen = new Set<MovementKind>();
  for (const row of history.rows) {
    if (row.day < fromDay || row.day > cutDay) continue;
    own[row.kind] += losses.has(row.kind) ? -toUnits(row.annual) : toUnits(row.annual);
    seen.add(row.kind);
  }
  const flash = !start.active && !end.active && seen.has("new");
  for (const kind of seen) {
    totals.kinds[kind] += own[kind];
    if (flash) totals.flash[kind] += own[kind];
  }
  totals.start += start.amount;
  totals.end += end.amount;
  if (start.amount > 0n) totals.lost += smaller(start.amount, own.churn + own.contraction);
  totals.startCustomers += Number(start.active);
  totals.endCustomers += Number(end.active);
  totals.newCustomers += Number(seen.has("new"));
  totals.churnedCustomers += Number(seen.has("churn"));
  totals.lostCustomers += Number(start.active && !end.active);
  totals.flashCustomers += Number(flash);
  if (then > 0n) {
    totals.yearAgoCustomers += 1;
    totals.yearAgo += then;
    totals.kept += end.amount;
    totals.floor += smaller(then, end.amount);
  }
}

const covers = (span: UnvaluedSpan, day: Day): boolean =>
  span.fromDay <= day && (span.toDay === null || span.toDay > day);

/** Rows after the observation day that a period answers for: [after, until]. */
function laterRange(sums: Pick<PeriodSums, "phase" | "fromDay">, asOf: Day, endDay: Day): [Day, Day] | null {
  if (sums.phase === "running") return [asOf, "9999-12-31"];
  return sums.phase === "future" ? [addDays(sums.fromDay, -1), endDay] : null;
}

/** Adds up one period as observed at the end of `asOf`. The SQL twin is `db/queries/`'s period contributions. */
export function sumPeriod(
  histories: readonly CustomerHistory[],
  unvalued: readonly UnvaluedSpan[],
  period: Period,
  asOf: Day,
  calendar?: Calendar,
): PeriodSums {
  const fromDay = periodStart(period, calendar);
  const endDay = periodEnd(period, calendar);
  const cutDay = earlierDay(endDay, asOf);
  const phase = endDay < asOf ? "past" : fromDay > asOf ? "future" : "running";
  const span = { fromDay, cutDay, thenDay: yearBefore(cutDay) };
  const totals: Totals = {
    start: 0n,
    end: 0n,
    lost: 0n,
    startCustomers: 0,
    endCustomers: 0,
    newCustomers: 0,
    churnedCustomers: 0,
    lostCustomers: 0,
    flashCustomers: 0,
    yearAgoCustomers: 0,
    yearAgo: 0n,
    kept: 0n,
    floor: 0n,
    kinds: noUnits(),
    flash: noUnits(),
  };
  let [committed, scheduled] = [0n, 0n];
  const later = laterRange({ phase, fromDay }, asOf, endDay);
  for (const history of histories) {
    addCustomer(totals, history, span);
    committed += stateAt(history, later?.[1] ?? cutDay).amount;
    for (const row of history.rows)
      if (later && row.kind === "churn" && row.day > later[0] && row.day <= later[1])
        scheduled -= toUnits(row.annual);
  }
  const dayBefore = addDays(fromDay, -1);
  return {
    period,
    fromDay,
    cutDay,
    phase,
    startAnnual: fromUnits(totals.start),
    endAnnual: fromUnits(totals.end),
    kinds: kindTexts(totals.kinds),
    startCustomers: totals.startCustomers,
    endCustomers: totals.endCustomers,
    newCustomers: totals.newCustomers,
    churnedCustomers: totals.churnedCustomers,
    lostCustomers: totals.lostCustomers,
    lostAnnual: fromUnits(totals.lost),
    flashCustomers: totals.flashCustomers,
    flash: kindTexts(totals.flash),
    yearAgoCustomers: totals.yearAgoCustomers,
    yearAgoAnnual: fromUnits(totals.yearAgo),
    keptAnnual: fromUnits(totals.kept),
    floorAnnual: fromUnits(totals.floor),
    committedAnnual: fromUnits(committed),
    scheduledChurnAnnual: fromUnits(scheduled),
    unvalued: {
      atEnd: unvalued.some((one) => covers(one, cutDay)),
      within: unvalued.some((one) => one.fromDay <= cutDay && (one.toDay === null || one.toDay > dayBefore)),
      yearAgo: unvalued.some((one) => covers(one, span.thenDay)),
      later:
        phase === "running"
          ? unvalued.some((one) => one.toDay === null || one.toDay > asOf)
          : unvalued.some((one) => covers(one, endDay)),
    },
  };
}
