import { type SQL, sql } from "drizzle-orm";
import type { LedgerTx } from "./ledger.ts";
import { dropStage, stageTable } from "./stage-table.ts";

/** Versions of subscriptions as a source knows them. */

export interface SourcePut {
  sourceId: string;
  /** 'stripe': by which people filter and compose. */
  kind: string;
  /** In which the facts are dated. */
  timezone: string;
}

/** As an array, so that the index serves whatever the planner thinks of the tables: who has facts has few of them. */
export const isPut: SQL = sql`= ANY (ARRAY(SELECT owner_id FROM put_customer))`;

/** What a version is besides its key and start: rows that differ in one of these are another version. */
const rest = [
  "subscription_id",
  "plan",
  "currency",
  "interval",
  "quantity",
  "unit_amount",
  "annual_list",
  "annual",
  "annual_recurring",
  "annual_forever",
  "status",
  "ended_at",
  "trial_end",
  "from_day",
  "to_day",
  "past_due_since",
  "past_due_day",
  "past_due_paid_at",
  "past_due_paid_day",
  "past_due_lost_at",
  "past_due_lost_day",
  "cancel_requested_at",
  "cancel_day",
  "confidence",
  "evidence",
  "note",
];
const listed = (of: string): SQL => sql.raw(rest.map((name) => `${of}.${name}`).join(", "));

/** Days of instants in the organisation's zone; amounts that equal `annual` are not kept apart. */
const staged = (given: SQL, { timezone }: SourcePut): SQL => {
  const day = (instant: SQL): SQL => sql`(${instant} AT TIME ZONE ${timezone})::date`;
  return sql`
    SELECT c.owner_id AS customer_id, nullif(c.id, c.owner_id) AS merged_from, v.key AS sub_key, v."startedAt" AS started_at,
      v."subscriptionId" AS subscription_id, v.plan, v.currency, v.interval, v.quantity, v."unitAmount" AS unit_amount,
      v.none AS annual_list, v.all AS annual, nullif(v.recurring, v.all) AS annual_recurring, nullif(v.forever, v.all) AS annual_forever,
      v.status, v."endedAt" AS ended_at, v."trialEnd" AS trial_end, ${day(sql`v."startedAt"`)} AS from_day,
      CASE WHEN v."endedAt" IS NOT NULL THEN greatest(${day(sql`v."endedAt"`)}, ${day(sql`v."startedAt"`)}) END AS to_day,
      v."pastDueSince" AS past_due_since, ${day(sql`v."pastDueSince"`)} AS past_due_day,
      NULL::timestamptz AS past_due_paid_at, NULL::date AS past_due_paid_day,
      NULL::timestamptz AS past_due_lost_at, NULL::date AS past_due_lost_day,
      v."cancelRequestedAt" AS cancel_requested_at, ${day(sql`v."cancelRequestedAt"`)} AS cancel_day,
      v.confidence, v.evidence, v.note
    FROM (
      SELECT r.*, (r.annual ->> 'none')::numeric(38, 12) AS "none", (r.annual ->> 'all')::numeric(38, 12) AS "all",
        (r.annual ->> 'recurring')::numeric(38, 12) AS recurring, (r.annual ->> 'forever')::numeric(38, 12) AS forever
      FROM ${given} AS r (customer text, key text, "subscriptionId" text, plan text, currency text, interval text,
        quantity numeric(38, 12), "unitAmount" numeric(38, 12), annual jsonb, status text, "startedAt" timestamptz,
        "endedAt" timestamptz, "trialEnd" timestamptz, "pastDueSince" timestamptz, "cancelRequestedAt" timestamptz,
        confidence text, evidence text[], note text)) v
    JOIN put_customer c ON c.external_id = v.customer`;
};

/**
 * Replaces the versions that the source gave of the customers in TEMP table put_customer; whose are others than before come
 * into put_touched.
 * @param given a recordset of VersionFact, with `customer`
 */
export async function putVersions(tx: LedgerTx, put: SourcePut, given: SQL): Promise<void> {
  const { sourceId, kind } = put;
  await stageTable(tx, "put_version", staged(given, put));
  await endSpells(tx, put);
  const same = sql`p.customer_id = v.customer_id AND p.merged_from IS NOT DISTINCT FROM v.merged_from
    AND p.sub_key = v.sub_key AND p.started_at = v.started_at
    AND (${listed("p")}) IS NOT DISTINCT FROM (${listed("v")})`;
  await tx.rows(sql`
    WITH gone AS (
      DELETE FROM subscription_version v USING put_customer c
      WHERE v.org_id = ${tx.orgId} AND v.customer_id ${isPut} AND v.customer_id = c.owner_id AND coalesce(v.merged_from, v.customer_id) = c.id
        AND v.source_id = ${sourceId}::uuid AND NOT EXISTS (SELECT FROM put_version p WHERE ${same})
      RETURNING v.customer_id)
    INSERT INTO put_touched SELECT DISTINCT customer_id FROM gone`);
  await tx.rows(sql`
    WITH made AS (
      INSERT INTO subscription_version (org_id, customer_id, merged_from, sub_key, started_at, ${sql.raw(rest.join(", "))}, naive, source,
        source_id)
      SELECT ${tx.orgId}::uuid, p.customer_id, p.merged_from, p.sub_key, p.started_at, ${listed("p")}, 0, ${kind}, ${sourceId}::uuid
      FROM put_version p WHERE NOT EXISTS (SELECT FROM subscription_version v
        WHERE v.org_id = ${tx.orgId} AND v.customer_id ${isPut} AND v.source_id = ${sourceId}::uuid AND ${same})
      RETURNING customer_id)
    INSERT INTO put_touched SELECT DISTINCT customer_id FROM made`);
  await dropStage(tx, "put_version");
}

/**
 * How each time past due ended, of all its versions: paid, when the subscription goes on as something else; lost, when it
 * became unpaid or ended without that.
 */
async function endSpells(tx: LedgerTx, { timezone }: SourcePut): Promise<void> {
  const other = (which: SQL): SQL => sql`(SELECT min(o.started_at) FROM put_version o
    WHERE o.customer_id = l.customer_id AND o.subscription_id = l.subscription_id AND ${which})`;
  await tx.rows(sql`
    UPDATE put_version p SET past_due_paid_at = s.paid, past_due_paid_day = (s.paid AT TIME ZONE ${timezone})::date,
      past_due_lost_at = s.lost, past_due_lost_day = (s.lost AT TIME ZONE ${timezone})::date
    FROM (
      SELECT e.*, coalesce(e.unpaid, CASE WHEN e.paid IS NULL THEN e.until END) AS lost FROM (
        SELECT l.*, ${other(sql`o.status NOT IN ('past_due', 'unpaid') AND o.started_at >= l.last`)} AS paid,
          ${other(sql`o.status = 'unpaid' AND o.past_due_since = l.past_due_since`)} AS unpaid
        FROM (
          SELECT customer_id, subscription_id, past_due_since, max(started_at) AS last,
            CASE WHEN bool_and(ended_at IS NOT NULL) THEN max(ended_at) END AS until
          FROM put_version WHERE status = 'past_due' AND past_due_since IS NOT NULL GROUP BY 1, 2, 3) l) e) s
    WHERE p.status = 'past_due' AND p.customer_id = s.customer_id AND p.subscription_id = s.subscription_id
      AND p.past_due_since = s.past_due_since`);
}
