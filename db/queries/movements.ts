import { type SQL, sql } from "drizzle-orm";
import type { z } from "zod";
import type { movementItem, movementsInput, movementsOutput } from "#contracts/analytics.ts";
import { mrrFromAnnual } from "#metrics/decimal.ts";
import { decodeCursor, page } from "../cursor.ts";
import { type AnalyticsSettings, getAnalyticsSettings } from "./analytics-settings.ts";
import { rateSegments, valuedOn } from "./exchange.ts";
import { type LedgerTx, versionAmount, versionsFrom } from "./ledger.ts";
import { findLedgerSource, type LedgerSource, openWith } from "./ledger-source.ts";
import { daysOf, observationOf } from "./ranges.ts";
import { type Origin, originColumns, originOf } from "./source-evidence.ts";

export type MovementsQuery = z.output<typeof movementsInput>;
type Item = z.output<typeof movementItem>;

interface Row extends Record<string, unknown>, Origin {
  id: string;
  date: string;
  place: number;
  customer_id: string;
  customer_name: string | null;
  kind: Item["kind"];
  annual: string;
  cause: string | null;
  subscription_id: string | null;
  source: string | null;
  upload_id: string | null;
  line: number | null;
}

/**
 * Rows of the ledger up to the observation day, oldest first; of one day by customer, exchange-rate drift before the
 * movement. Amounts are signed MRR. Each row names the version that moved most.
 * @throws AppError BAD_REQUEST: `bad_period`, `bad_range`, `bad_cursor`
 */
export async function listMovements(
  tx: LedgerTx,
  query: MovementsQuery,
): Promise<z.output<typeof movementsOutput>> {
  const settings = await getAnalyticsSettings(tx);
  const { asOf, calendar } = observationOf(settings, query);
  const { first, last } = daysOf(query, calendar);
  const source = await findLedgerSource(tx, settings, query.filter);
  const conditions = [sql`m.day <= ${asOf}::date`];
  if (first) conditions.push(sql`m.day >= ${first}::date`);
  if (last) conditions.push(sql`m.day <= ${last}::date`);
  if (query.kind) conditions.push(sql`m.kind = ${query.kind}`);
  if (query.customer !== undefined)
    conditions.push(
      sql`m.customer_id = (SELECT id FROM customer WHERE org_id = ${tx.orgId} AND external_id = ${query.customer})`,
    );
  if (query.cursor !== undefined) {
    const [day, id, place] = decodeCursor(query.cursor, ["day", "bigint", "integer"]);
    conditions.push(
      sql`(m.day, m.customer_id, (m.kind <> 'fx')::int) > (${day}::date, ${id}::bigint, ${place}::int)`,
    );
  }
  const ctes = [
    sql`rate AS MATERIALIZED (${rateSegments(tx.orgId, settings.currency)})`,
    sql`listed AS MATERIALIZED (
      SELECT m.customer_id, m.day, (m.kind <> 'fx')::int AS place, m.kind, m.annual, m.cause
      FROM ${source.ledger} m WHERE ${sql.join(conditions, sql` AND `)}
      ORDER BY m.day, m.customer_id, place LIMIT ${query.limit + 1})`,
  ];
  const rows = await tx.rows<Row>(sql`
    ${openWith(source)} ${sql.join(ctes, sql`, `)}
    SELECT m.customer_id::text AS id, m.day::text AS date, m.place, c.external_id AS customer_id, c.name AS customer_name, m.kind,
      m.annual::text AS annual, ${causeOf(source)} AS cause, v.subscription_id, v.source, v.upload_id::text AS upload_id, v.line,
      ${originColumns("v")}
    FROM listed m JOIN customer c ON c.org_id = ${tx.orgId} AND c.id = m.customer_id
    LEFT JOIN LATERAL (${movedMost(source)}) v ON true
    ORDER BY m.day, m.customer_id, m.place`);
  const { items, next } = page(rows, query.limit, ({ date, id, place }) => [date, id, place]);
  return { items: items.map((row) => itemOf(row, settings)), next };
}

const itemOf = (row: Row, { policy }: AnalyticsSettings): Item => ({
  date: row.date,
  customer_id: row.customer_id,
  customer_name: row.customer_name,
  kind: row.kind,
  amount: mrrFromAnnual(row.annual),
  subscription_id: row.subscription_id,
  cause: row.cause,
  source: {
    kind: row.source ?? "upload",
    upload_id: row.upload_id,
    line: row.line,
    ...originOf(row, policy),
  },
});

/** Versions of the row's customer that are held into, or from, its day; with their value and what they changed. */
function versionsAround({ scope }: LedgerSource, matching: SQL): SQL {
  const { value, join } = valuedOn({
    amount: sql`v.amount`,
    currency: sql`v.currency`,
    day: sql`m.day`,
    base: scope.currency,
  });
  return sql`SELECT v.*, coalesce(${value}, 0) AS value,
      CASE WHEN v.from_day = m.day THEN 1 WHEN v.to_day = m.day THEN -1 ELSE 0 END * coalesce(${value}, 0) AS change
    FROM (SELECT v.*, ${versionAmount(scope)} AS amount ${versionsFrom({ ...scope, versions: null, customers: null })}
      AND v.customer_id = m.customer_id AND v.from_day <= m.day AND (v.to_day IS NULL OR v.to_day >= m.day) AND ${matching}) v ${join}`;
}

/** Of a movement, the subscription that changed most and the version of it that begins, else ends; of drift, the largest. */
const movedMost = (source: LedgerSource): SQL => sql`
  SELECT o.subscription_id, o.source, o.upload_id, o.line, o.source_id, o.confidence, o.evidence, o.note
  FROM (SELECT w.*, abs(sum(w.change) OVER (PARTITION BY w.sub_key)) AS moved
    FROM (${versionsAround(source, source.conditions.versions ?? sql`true`)}) w) o
  ORDER BY CASE WHEN m.kind = 'fx' THEN o.value ELSE o.moved END DESC, CASE WHEN o.moved > 0 THEN o.sub_key END,
    o.from_day = m.day DESC, o.to_day IS NOT DISTINCT FROM m.day DESC, o.value DESC, o.sub_key, o.id
  LIMIT 1`;

/** Under a subscription filter: whether on the same day what the filter leaves out moved the other way. */
function causeOf(source: LedgerSource): SQL {
  const { versions } = source.conditions;
  if (versions === null) return sql`m.cause`;
  const others = sql`(SELECT coalesce(sum(w.change), 0) FROM (${versionsAround(source, sql`NOT ${versions}`)}) w)`;
  return sql`CASE WHEN m.kind = 'churn' AND ${others} > 0 THEN 'moved'
    WHEN m.kind IN ('new', 'reactivation') AND ${others} < 0 THEN 'moved' ELSE m.cause END`;
}
