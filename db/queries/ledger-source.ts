import { type SQL, sql } from "drizzle-orm";
import type { Day } from "#metrics/day.ts";
import type { AnalyticsSettings } from "./analytics-settings.ts";
import { dayContributions } from "./contributions.ts";
import { findSlices } from "./filter-slices.ts";
import { type FilterConditions, type FilterValues, filterConditions } from "./filters.ts";
import { findKeptSums, keptParts, noteWanted, type SingleValues, singleValues } from "./kept-sums.ts";
import {
  anyShape,
  findShape,
  type LedgerScope,
  type LedgerTx,
  ledgerQuery,
  unvaluedQuery,
} from "./ledger.ts";
import { rowsOfSlices } from "./pending-sums.ts";
import { dayRollup, type RollupRows } from "./rollup-tables.ts";
import { allParts, type Part } from "./rollups.ts";
import { type Buckets, bucketsOf, isBucketEnd } from "./timeline.ts";

/**
 * Where the numbers of a filter come from. Customer filters choose rows of the stored ledger; subscription filters derive
 * a ledger of the matching versions alone, as if nothing else existed, where it is not stored as a slice's.
 */
export interface LedgerSource {
  /** The CTEs that the two below name, or nothing: goes before a statement that reads them. */
  with: SQL;
  /** FROM item with the ledger's rows. */
  ledger: SQL;
  /** The same for a statement that reads them once, and names no CTE: they are added up as they are found. */
  rows: SQL;
  /** FROM item with sums per day (`dayContributions`). */
  days: SQL;
  /** Where its sums are kept; null: they are made from the ledger. */
  rollups: Rollups | null;
  /** The filter, of which sums by any grain may be kept; null: they may not. */
  keepable: { filter: SingleValues; daysFrom: Day } | null;
  /** It is a ledger of its own, not rows of the whole one: what is kept beside that (`unvalued`) says nothing of it. */
  derived: boolean;
  conditions: FilterConditions;
  scope: LedgerScope;
}

export interface Rollups {
  /** What adds up to the sums. */
  rows: RollupRows;
  by: Buckets;
  parts: ReadonlySet<Part>;
  /** Sums per day are of every day, before that as well. */
  daily: boolean;
}

/** The beginning of a statement that names CTEs of its own, to be followed by the first of them. */
export const openWith = (source: LedgerSource): SQL => (source.rollups ? sql`WITH` : sql`${source.with},`);

/** A part of the ledger, for one answer. */
export interface LedgerPart {
  /** Of these customers alone; null: of all. */
  customerIds: readonly string[] | null;
  /** From the facts, because the settings are not those that the stored ledger was made under. */
  derive: boolean;
}

export async function findLedgerSource(
  tx: LedgerTx,
  settings: AnalyticsSettings,
  filter: FilterValues,
  part: LedgerPart = { customerIds: null, derive: false },
): Promise<LedgerSource> {
  const conditions = filterConditions(filter);
  const { customers, versions } = conditions;
  const some = part.customerIds && sql`= ANY (${sql.param([...part.customerIds])}::bigint[])`;
  const scope = {
    ...{ orgId: tx.orgId, currency: settings.currency, policy: settings.policy, customers },
    ...{ today: settings.today, sourced: settings.sourced },
    versions: some ? sql`${versions ?? sql`true`} AND v.customer_id ${some}` : versions,
  };
  const derived = part.derive || versions !== null;
  const { rollupDaysFrom: daysFrom, slicesBuilt } = settings;
  const single = part.derive || some || daysFrom === null || !slicesBuilt ? null : singleValues(filter);
  const keepable = single && daysFrom !== null ? { filter: single, daysFrom } : null;
  const stored = part.derive
    ? null
    : some
      ? findRows(tx, conditions, some)
      : ((await findKept(tx, settings, filter, conditions)) ?? findRows(tx, conditions));
  if (stored?.rollups) {
    const { ledger, rollups } = stored;
    const days = rollups.daily ? keptDays(rollups) : sql`(${dayContributions(sql`(${ledger})`)})`;
    const from = { with: sql``, ledger: sql`(${ledger})`, rows: sql`(${ledger})`, days };
    return { ...from, rollups, keepable, derived, conditions, scope: { ...scope, shape: anyShape } };
  }
  // Nothing is known of how large a derived ledger is, and the planner guesses a few rows: joining by nested loops, which it
  // then takes, lasts minutes at 50,000 customers.
  await joinByHash(tx);
  const shape = stored ? anyShape : await findShape(tx, scope);
  const ledger = stored?.ledger ?? ledgerQuery({ ...scope, shape });
  return {
    with: sql`WITH ledger AS MATERIALIZED (${ledger}), days AS MATERIALIZED (${dayContributions(sql`ledger`)})`,
    ledger: sql`ledger`,
    rows: sql`(${ledger})`,
    days: sql`days`,
    rollups: null,
    keepable,
    derived,
    conditions,
    scope: { ...scope, shape },
  };
}

const keptDays = ({ rows }: Rollups): SQL => rows(dayRollup);

/** Some rollups, if they are of what is asked for and can be cut at the ends of some days. */
export const cutAt = (rollups: Rollups | null, part: Part, ends: readonly Day[]): Rollups | null =>
  rollups?.parts.has(part) && ends.every((end) => isBucketEnd(end, rollups.by)) ? rollups : null;

/** FROM item with sums per day that are right at the ends of some days. `own`: others that may tell them. */
export function daysCutAt(
  { rollups, days }: LedgerSource,
  ends: readonly Day[],
  own: Rollups | null = null,
): SQL {
  const kept = cutAt(rollups, "days", ends) ?? cutAt(own, "days", ends);
  return kept ? keptDays(kept) : days;
}

/**
 * Rollups of a source by a grain, of the sums that are kept because people ask for them, if they are of what is asked for and can be cut at
 * some days; null where there are none. That they were asked for is noted.
 */
export async function findOwnRollups(
  tx: LedgerTx,
  { keepable }: LedgerSource,
  { grain, calendar }: Pick<Buckets, "grain" | "calendar">,
  asked: readonly Part[],
  ends: readonly Day[],
): Promise<Rollups | null> {
  if (!keepable) return null;
  const question = { filter: keepable.filter, grain, calendar };
  const [by, parts] = [bucketsOf(keepable.daysFrom, grain, calendar), keptParts(question)];
  if (!asked.every((part) => parts.has(part)) || !ends.every((end) => isBucketEnd(end, by))) return null;
  noteWanted(tx, question);
  const id = await findKeptSums(tx, question);
  return id === null ? null : { rows: rowsOfSlices(tx, [id]), by, parts, daily: false };
}

interface Stored {
  /** SELECT of its rows. */
  ledger: SQL;
  rollups: Rollups | null;
}

const wholeLedger = (orgId: string): SQL => sql`SELECT * FROM movement WHERE org_id = ${orgId}`;

/** Rows of rollups that hold the organisation as a whole. */
export const rowsOfWhole =
  (tx: LedgerTx): RollupRows =>
  ({ table }) =>
    sql`(SELECT * FROM ${sql.identifier(table)} WHERE org_id = ${tx.orgId} AND slice = 0)`;

/** What is kept of a filter: its rows, and mostly their sums. */
async function findKept(
  tx: LedgerTx,
  { rollupDaysFrom: daysFrom, slicesBuilt }: AnalyticsSettings,
  filter: FilterValues,
  { customers, versions }: FilterConditions,
): Promise<Stored | null> {
  if (daysFrom === null) return null;
  if (versions === null && customers === null)
    return {
      ledger: wholeLedger(tx.orgId),
      rollups: { rows: rowsOfWhole(tx), by: { grain: "month", daysFrom }, parts: allParts, daily: true },
    };
  const slices = slicesBuilt ? await findSlices(tx, filter) : null;
  return (
    slices && {
      ledger: slices.ledger,
      rollups: slices.rolled && {
        rows: slices.rolled,
        by: { grain: "month", daysFrom },
        parts: allParts,
        daily: false,
      },
    }
  );
}

/** Rows of the whole ledger that make a filter's; null: they have to be derived. `some`: a condition on a customer's id. */
function findRows(tx: LedgerTx, { customers, versions }: FilterConditions, some?: SQL): Stored | null {
  if (versions !== null) return null;
  const ledger = sql`SELECT m.* FROM movement m
    ${customers ? sql`JOIN customer c ON c.org_id = ${tx.orgId} AND c.id = m.customer_id AND ${customers}` : sql``}
    WHERE m.org_id = ${tx.orgId} ${some ? sql`AND m.customer_id ${some}` : sql``}`;
  return { ledger, rollups: null };
}

/**
 * Rows derived within a statement have no statistics: the planner takes them for few and compares each with each. Until
 * the transaction ends it joins in other ways.
 */
export const joinByHash = (tx: LedgerTx): Promise<unknown> =>
  tx.rows(sql`SELECT set_config('enable_nestloop', 'off', true)`);

/** Days [from, to) on which some amount lacks an exchange rate; to null: for ever. Merged, ascending. */
export type UnvaluedRange = { from: Day; to: Day | null };

export async function listUnvalued(tx: LedgerTx, source: LedgerSource): Promise<UnvaluedRange[]> {
  const { conditions, scope, rollups } = source;
  if (!scope.shape.foreign) return [];
  if (rollups) {
    // what lacks no rate as a whole lacks none in a part
    const [any] = await tx.rows<{ found: boolean }>(
      sql`SELECT EXISTS (SELECT FROM unvalued WHERE org_id = ${tx.orgId}) AS found`,
      { prepared: true },
    );
    if (!any?.found) return [];
  }
  const spans = source.derived
    ? unvaluedQuery(scope)
    : sql`SELECT u.from_day, u.to_day FROM unvalued u
          ${conditions.customers === null ? sql`` : sql`JOIN customer c ON c.org_id = ${tx.orgId} AND c.id = u.customer_id AND ${conditions.customers}`}
          WHERE u.org_id = ${tx.orgId}`;
  const rows = await tx.rows<UnvaluedRange>(sql`
    SELECT lower(r)::text AS from, upper(r)::text AS to
    FROM (SELECT unnest(range_agg(daterange(from_day, to_day))) AS r FROM (${spans}) spans) merged ORDER BY 1`);
  return rows;
}
