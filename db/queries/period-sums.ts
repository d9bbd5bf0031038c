import { type SQL, sql } from "drizzle-orm";
import { addDays, type Day, earlierDay, yearBefore } from "#metrics/day.ts";
import { fromUnits, toUnits } from "#metrics/decimal.ts";
import type { MovementKind } from "#metrics/ledger.ts";
import { findGrain, type Observation, type Period, periodEnd, periodStart } from "#metrics/period.ts";
import type { KindSums, PeriodSums } from "#metrics/period-sums.ts";
import { kinds, levelContributions, lossContributions } from "./contributions.ts";
import type { LedgerTx } from "./ledger.ts";
import {
  cutAt,
  daysCutAt,
  findOwnRollups,
  joinByHash,
  type LedgerSource,
  type Rollups,
  type UnvaluedRange,
} from "./ledger-source.ts";
import { lossSums } from "./loss-changes.ts";
import { levelRollup, monthRollup } from "./rollup-tables.ts";
import type { Part } from "./rollups.ts";
import { dayArray, endsWithinYear, type Timeline } from "./timeline.ts";

/** Sums of periods over a ledger: the twin of metrics/period-sums.ts. */

/** What compares a customer at two points in time costs more: whether the asked-for metrics need it. */
export interface SumsRequest {
  /** Consecutive periods of one grain. */
  periods: readonly Period[];
  observation: Observation;
  /** What looks at a customer more than once within a period. */
  losses: boolean;
  /** What compares it with itself twelve months before. */
  levels: boolean;
  /** May still be on its way. */
  unvalued: readonly UnvaluedRange[] | Promise<readonly UnvaluedRange[]>;
}

/** Rows of the one statement: sums of a part at a period's place. */
interface Row extends Record<string, unknown> {
  part: "flow" | "then" | "loss" | "level";
  p: number;
  seen: boolean;
  sums: string[];
}

const net = sql.raw(kinds.map((kind) => `${kind}_annual`).join(" + "));
const kindSums = sql.raw(kinds.map((kind) => `sum(${kind}_annual)`).join(", "));
const thenColumns = ["then_annual", "then_customers"];
const levelColumns = ["kept_annual", "floor_annual"];
const texts = (columns: readonly string[], write = (name: string) => `${name}::numeric`): SQL =>
  sql.raw(`ARRAY[${columns.map(write).join(", ")}]::text[]`);
const summed = (columns: readonly string[]): SQL => texts(columns, (name) => `sum(${name})`);

/** @returns one PeriodSums per period, in order. Amounts annual; losses and levels 0 where they were not asked for. */
export async function sumPeriods(
  tx: LedgerTx,
  source: LedgerSource,
  request: SumsRequest,
): Promise<PeriodSums[]> {
  const spans = request.periods.map((period) => spanOf(period, request.observation));
  const begun = spans.filter(({ phase }) => phase !== "future");
  const last = spans.at(-1);
  if (!last) return [];
  const line: Timeline = {
    starts: begun.map(({ fromDay }) => fromDay),
    cut: begun.at(-1)?.cutDay ?? request.observation.asOf,
  };
  const kept = await findKept(tx, source, spans, request);
  const parts = [flows(source, spans, request.observation.asOf, kept.own)];
  if (begun.length > 0) parts.push(...comparisons(source, kept, line, request));
  const joins = (request.losses && !kept.losses) || (request.levels && !kept.levels);
  if (joins) await joinByHash(tx);
  const [rows, unvalued] = await Promise.all([
    tx.rows<Row>(sql`${source.with} ${sql.join(parts, sql` UNION ALL `)}`, {
      // of the organisation as a whole: what everybody looks at
      prepared: source.rollups?.daily === true && !joins,
    }),
    request.unvalued,
  ]);
  return assemble(spans, rows, { ...request, unvalued });
}

interface Span {
  period: Period;
  fromDay: Day;
  endDay: Day;
  cutDay: Day;
  phase: PeriodSums["phase"];
}

function spanOf(period: Period, { asOf, calendar }: Observation): Span {
  const fromDay = periodStart(period, calendar);
  const endDay = periodEnd(period, calendar);
  const phase = endDay < asOf ? "past" : fromDay > asOf ? "future" : "running";
  return { period, fromDay, endDay, cutDay: earlierDay(endDay, asOf), phase };
}

/** Where sums of periods are kept; null: they are added up from the ledger. */
interface Kept {
  losses: Rollups | null;
  levels: Rollups | null;
  /** By the periods' own grain, because people ask for it. */
  own: Rollups | null;
}

async function findKept(
  tx: LedgerTx,
  source: LedgerSource,
  spans: readonly Span[],
  { losses, levels, observation }: SumsRequest,
): Promise<Kept> {
  const grain = findGrain(spans[0]?.period ?? "");
  const ends = spans.filter(({ phase }) => phase !== "future").map(({ cutDay }) => cutDay);
  const flowEnds = [observation.asOf, ...boundsOf(spans).map((bound) => addDays(bound, -1))];
  const isTold = source.rollups?.daily || cutAt(source.rollups, "days", flowEnds) !== null;
  const byMonth = cutAt(source.rollups, "levels", ends);
  const lostByMonth = grain === "month" ? byMonth : null;
  const missing: Part[] = [
    ...(isTold ? [] : ["days" as const]),
    ...(losses && !lostByMonth ? ["losses" as const] : []),
    ...(levels && !byMonth ? ["levels" as const] : []),
  ];
  const { calendar } = observation;
  const own =
    missing.length === 0 || grain === null
      ? null
      : await findOwnRollups(tx, source, { grain, calendar }, missing, ends);
  return { losses: lostByMonth ?? own, levels: byMonth ?? own, own };
}

const boundsOf = (spans: readonly Span[]): Day[] => [
  ...spans.map(({ fromDay }) => fromDay),
  addDays(spans.at(-1)!.endDay, 1),
];

/** Signed sums per place (0: before the first period; one past the last: after it), and whether they are observed. */
function flows(source: LedgerSource, spans: readonly Span[], asOf: Day, own: Rollups | null): SQL {
  const bounds = boundsOf(spans);
  const days = daysCutAt(source, [asOf, ...bounds.map((bound) => addDays(bound, -1))], own);
  return sql`SELECT 'flow' AS part, width_bucket(day, ${dayArray(bounds)}) AS p, day <= ${asOf}::date AS seen,
    ARRAY[${kindSums}, sum(new_customers), sum(reactivated_customers), sum(churned_customers)]::text[] AS sums
    FROM ${days} d GROUP BY 2, 3`;
}

/** Net sums between the days that lie a year before the periods' ends. */
const thens = ({ days }: LedgerSource, line: Timeline): SQL => sql`
  SELECT 'then', ${endsWithinYear(sql`day`, line)}, true,
    ARRAY[sum(${net}), sum(new_customers + reactivated_customers - churned_customers)]::text[]
  FROM ${days} d WHERE day <= ${line.cut}::date GROUP BY 2`;

const madeLosses = ({ ledger }: LedgerSource, line: Timeline): SQL =>
  sql`SELECT 'loss', p, true, ${texts(lossSums)} FROM (${lossContributions(ledger, line)}) c`;

/** What compares a customer with itself: within a period (losses), and with twelve months before (levels). */
const comparisons = (
  source: LedgerSource,
  kept: Kept,
  line: Timeline,
  { losses, levels }: SumsRequest,
): SQL[] => [
  ...(levels ? (kept.levels ? keptLevels(kept.levels, line) : madeLevels(source, line)) : []),
  ...(losses ? [kept.losses ? keptLosses(kept.losses, line) : madeLosses(source, line)] : []),
];

const madeLevels = (source: LedgerSource, line: Timeline): SQL[] => [
  thens(source, line),
  sql`SELECT 'level', p, true, ${texts(levelColumns)} FROM (${levelContributions(source.ledger, line)}) c`,
];

/** Buckets before the first period hold changes of the levels that the periods start from. */
function keptLevels({ rows }: Rollups, line: Timeline): SQL[] {
  const part = (name: string, columns: readonly string[], starts: readonly Day[]): SQL =>
    sql`SELECT ${sql.raw(`'${name}'`)}, width_bucket(day, ${dayArray(starts)}), true, ${summed(columns)} FROM ${rows(levelRollup)} r
      WHERE day <= ${line.cut}::date GROUP BY 2`;
  // as `thens` has it: the first period and what came before it are one
  const [, ...later] = line.starts;
  return [
    part("then", thenColumns, later.length === 0 ? ["9999-12-31"] : later),
    part("level", levelColumns, line.starts),
  ];
}

/** Losses by the periods that the rollups are by: they do not add up over longer ones. */
const keptLosses = ({ rows }: Rollups, line: Timeline): SQL =>
  sql`SELECT 'loss', width_bucket(day, ${dayArray(line.starts)}), true, ${summed(lossSums)} FROM ${rows(monthRollup)} r
    WHERE day BETWEEN ${line.starts[0]}::date AND ${line.cut}::date GROUP BY 2`;

const bigints = (texts: readonly string[]): bigint[] => texts.map(toUnits);
const count = (units: bigint): number => Number(units / 10n ** 12n);
const losing: ReadonlySet<MovementKind> = new Set(["contraction", "churn"]);

function kindTexts(units: readonly bigint[]): KindSums {
  const of = (kind: MovementKind): string => {
    const value = units[kinds.indexOf(kind)] ?? 0n;
    return fromUnits(losing.has(kind) ? -value : value);
  };
  return {
    new: of("new"),
    expansion: of("expansion"),
    reactivation: of("reactivation"),
    contraction: of("contraction"),
    churn: of("churn"),
    fx: of("fx"),
  };
}

const total = (units: readonly bigint[]): bigint => units.slice(0, kinds.length).reduce((a, b) => a + b, 0n);
/** New and back less churned. */
const joined = (units: readonly bigint[]): bigint => (units[6] ?? 0n) + (units[7] ?? 0n) - (units[8] ?? 0n);

/** Sums of a part by place. */
function placed(rows: readonly Row[], part: Row["part"], seen: boolean, width: number) {
  const byPlace = new Map<number, bigint[]>();
  for (const row of rows) {
    if (row.part !== part || row.seen !== seen) continue;
    const sums = bigints(row.sums);
    const known = byPlace.get(row.p);
    byPlace.set(row.p, known ? known.map((value, i) => value + (sums[i] ?? 0n)) : sums);
  }
  const nothing = Array.from({ length: width }, () => 0n);
  return (place: number): bigint[] => byPlace.get(place) ?? nothing;
}

type Assembly = Pick<SumsRequest, "observation"> & { unvalued: readonly UnvaluedRange[] };

function assemble(spans: readonly Span[], rows: readonly Row[], request: Assembly): PeriodSums[] {
  const flow = placed(rows, "flow", true, 9);
  const later = placed(rows, "flow", false, 9);
  const then = placed(rows, "then", true, 2);
  const loss = placed(rows, "loss", true, lossSums.length);
  const level = placed(rows, "level", true, levelColumns.length);
  const churn = kinds.indexOf("churn");

  let end = total(flow(0));
  let customers = joined(flow(0));
  // with what is known of the days after the observation
  let known = end + total(later(0));
  let [thenAnnual, thenCustomers] = [0n, 0n];
  let [kept = 0n, floor = 0n] = level(0);
  const everything = [...spans.keys(), spans.length, spans.length + 1].map((place) => later(place));
  const laterTotal = everything.reduce((all, units) => all + total(units), 0n);
  const laterChurn = everything.reduce((all, units) => all + (units[churn] ?? 0n), 0n);

  return spans.map((span, index): PeriodSums => {
    const place = index + 1;
    const units = flow(place);
    const ahead = later(place);
    const [startAnnual, startCustomers] = [end, customers];
    end += total(units);
    customers += joined(units);
    known += total(units) + total(ahead);
    const [thenNet = 0n, thenJoined = 0n] = then(index);
    thenAnnual += thenNet;
    thenCustomers += thenJoined;
    const c = loss(place);
    const [keptChange = 0n, floorChange = 0n] = level(place);
    kept += keptChange;
    floor += floorChange;
    return {
      period: span.period,
      fromDay: span.fromDay,
      cutDay: span.cutDay,
      phase: span.phase,
      startAnnual: fromUnits(startAnnual),
      endAnnual: fromUnits(end),
      kinds: kindTexts(units),
      startCustomers: count(startCustomers),
      endCustomers: count(customers),
      newCustomers: count(c[0] ?? 0n),
      churnedCustomers: count(c[1] ?? 0n),
      lostCustomers: count(c[3] ?? 0n),
      lostAnnual: fromUnits(c[2] ?? 0n),
      flashCustomers: count(c[4] ?? 0n),
      flash: kindTexts(c.slice(5, 5 + kinds.length)),
      yearAgoCustomers: count(thenCustomers),
      yearAgoAnnual: fromUnits(thenAnnual),
      keptAnnual: fromUnits(kept),
      floorAnnual: fromUnits(floor),
      committedAnnual: fromUnits(
        span.phase === "past" ? end : span.phase === "running" ? end + laterTotal : known,
      ),
      scheduledChurnAnnual: fromUnits(
        span.phase === "past" ? 0n : -(span.phase === "running" ? laterChurn : (ahead[churn] ?? 0n)),
      ),
      unvalued: unvaluedFlags(span, request),
    };
  });
}

const allValued = { atEnd: false, within: false, yearAgo: false, later: false };

function unvaluedFlags(
  { fromDay, cutDay, endDay, phase }: Span,
  { unvalued, observation: { asOf } }: Assembly,
): PeriodSums["unvalued"] {
  if (unvalued.length === 0) return allValued;
  const covers = (day: Day): boolean =>
    unvalued.some(({ from, to }) => from <= day && (to === null || to > day));
  const dayBefore = addDays(fromDay, -1);
  return {
    atEnd: covers(cutDay),
    within: unvalued.some(({ from, to }) => from <= cutDay && (to === null || to > dayBefore)),
    yearAgo: covers(yearBefore(cutDay)),
    later: phase === "running" ? unvalued.some(({ to }) => to === null || to > asOf) : covers(endDay),
  };
}
