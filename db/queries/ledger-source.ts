import { type SQL, sql } from "drizzle-orm";
import type { Day } from "#metrics/day.ts";
import type { AnalyticsSettings } from "./analytics-settings.ts";
import { dayContributions } from "./contributions.ts";
import { type FilterConditions, type FilterValues, filterConditions } from "./filters.ts";
import {
  anyShape,
  findShape,
  type LedgerScope,
  type LedgerTx,
  ledgerQuery,
  unvaluedQuery,
} from "./ledger.ts";

/**
 * Where the numbers of a filter come from. Customer filters choose rows of the stored ledger; subscription filters derive
 * a ledger of the matching versions alone, as if nothing else existed.
 */
export interface LedgerSource {
  /** The CTEs that the two below name, or nothing: goes before a statement that reads them. */
  with: SQL;
  /** FROM item with the ledger's rows. */
  ledger: SQL;
  /** FROM item with sums per day (`dayContributions`). */
  days: SQL;
  /** The whole stored ledger: rollups hold its sums. */
  stored: boolean;
  /** Made from the facts for this answer; the stored ledger and what is kept beside it say nothing of it. */
  derived: boolean;
  conditions: FilterConditions;
  scope: LedgerScope;
}

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
    versions: some ? sql`${versions ?? sql`true`} AND v.customer_id ${some}` : versions,
  };
  const derived = part.derive || versions !== null;
  if (!derived && customers === null && some === null)
    return {
      with: sql``,
      ledger: sql`(SELECT * FROM movement WHERE org_id = ${tx.orgId})`,
      days: sql`(SELECT * FROM day_rollup WHERE org_id = ${tx.orgId})`,
      stored: true,
      derived,
      conditions,
      scope: { ...scope, shape: anyShape },
    };
  await joinByHash(tx);
  const shape = derived ? await findShape(tx, scope) : anyShape;
  // Nothing is known of how large a derived ledger is, and the planner guesses a few rows: joining by nested loops, which it
  // then takes, lasts minutes at 50,000 customers. Hashing costs a moment at most. In force until the transaction ends.
  await tx.rows(sql`SET LOCAL enable_nestloop = off`);
  const ledger = derived
    ? ledgerQuery({ ...scope, shape })
    : sql`SELECT m.* FROM movement m JOIN customer c ON c.org_id = ${tx.orgId} AND c.id = m.customer_id
          WHERE m.org_id = ${tx.orgId} AND ${customers ?? sql`true`} ${some ? sql`AND m.customer_id ${some}` : sql``}`;
  return {
    with: sql`WITH ledger AS MATERIALIZED (${ledger}), days AS MATERIALIZED (${dayContributions(sql`ledger`)})`,
    ledger: sql`ledger`,
    days: sql`days`,
    stored: false,
    derived,
    conditions,
    scope: { ...scope, shape },
  };
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
  const { conditions, scope } = source;
  if (!scope.shape.foreign) return [];
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
