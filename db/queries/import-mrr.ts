import { type SQL, sql } from "drizzle-orm";
import { currencyColumn, type Staged } from "./import-stage.ts";
import type { LedgerTx } from "./ledger.ts";

/**
 * mrr_by_month: what files say is kept per customer, month and upload; the newest live upload that covers a month decides
 * it (a customer that its file lacks has 0), and the values in force become subscription versions.
 */

export interface RepeatedMonth {
  line: number;
  month: string;
  firstLine: number;
  value: string;
}

const monthText = (day: SQL): SQL => sql`to_char(${day}, 'YYYY-MM')`;

/**
 * Takes rows out of the stage whose customer and month an earlier line gave already: which of the two is right, only a
 * person can say.
 * @returns one entry per line that was taken out
 */
export async function takeRepeatedMonths(tx: LedgerTx): Promise<RepeatedMonth[]> {
  const rows = await tx.rows<{ line: number; month: string; first_line: number; value: string }>(sql`
    WITH placed AS (
      SELECT line, month, mrr, first_value(line) OVER (PARTITION BY customer_id COLLATE "C", month ORDER BY line) AS first_line
      FROM stage WHERE month IS NOT NULL)
    SELECT DISTINCT ON (line) line, ${monthText(sql`month`)} AS month, first_line, mrr::text AS value
    FROM placed WHERE line <> first_line ORDER BY line, month`);
  if (rows.length > 0)
    await tx.rows(
      sql`DELETE FROM stage WHERE line IN (SELECT value::int FROM jsonb_array_elements_text(${JSON.stringify(rows.map(({ line }) => line))}::jsonb))`,
    );
  return rows.map(({ line, month, first_line, value }) => ({ line, month, firstLine: first_line, value }));
}

/** First days of the first and the last month that a file covers. */
export interface Coverage {
  from: string | null;
  to: string | null;
}

/**
 * Writes a filled stage and makes versions of what is in force now. Needs stage_customer; leaves TEMP table stage_touched
 * (customer_id).
 * @param months of the header of a wide file: covered even where no customer has a value
 * @returns the months that the file covers, as first days
 */
export async function writeMonths(
  tx: LedgerTx,
  stage: Staged,
  uploadId: string,
  months: readonly string[],
): Promise<Coverage> {
  await tx.rows(sql`
    INSERT INTO mrr_month (org_id, customer_id, month, upload_id, line, mrr, currency)
    SELECT ${tx.orgId}::uuid, c.id, s.month, ${uploadId}::uuid, s.line, s.mrr, ${currencyColumn(stage)}
    FROM stage s JOIN stage_customer c ON c.external_id = s.customer_id WHERE s.month IS NOT NULL`);
  const [found] = await tx.rows<{ first: string | null; last: string | null }>(
    sql`SELECT min(month)::text AS first, max(month)::text AS last FROM stage`,
  );
  const all = [...months, found?.first ?? "", found?.last ?? ""].filter((month) => month !== "").sort();
  const coverage = { from: all[0] ?? null, to: all.at(-1) ?? null };
  await putMonthsInForce(tx, { id: uploadId, ...coverage });
  return coverage;
}

/**
 * Makes the versions of mrr_by_month afresh from the live uploads and `applying`, and says until when they cover.
 * @param applying an upload that counts, as the newest, although it is not done yet
 */
export async function putMonthsInForce(
  tx: LedgerTx,
  applying: ({ id: string } & Coverage) | null,
): Promise<void> {
  const live = sql`(
    SELECT id, seq, covers_from, covers_to FROM upload WHERE org_id = ${tx.orgId} AND kind = 'mrr_by_month' AND status = 'done'
    UNION ALL
    SELECT ${applying?.id ?? null}::uuid, ${Number.MAX_SAFE_INTEGER}::bigint, ${applying?.from ?? null}::date,
      ${applying?.to ?? null}::date)`;
  await tx.rows(sql`CREATE TEMP TABLE IF NOT EXISTS stage_touched (customer_id bigint) ON COMMIT DROP`);
  await tx.rows(sql`
    WITH gone AS (
      DELETE FROM subscription_version v
      WHERE v.org_id = ${tx.orgId} AND v.sub_key LIKE 'mrr\\_by\\_month:%' RETURNING v.customer_id)
    INSERT INTO stage_touched SELECT DISTINCT customer_id FROM gone`);
  // months that some upload covers, numbered; of each the newest upload. An island is a run of months with one amount.
  await tx.rows(sql`
    WITH covered AS (
      SELECT month, upload_id, row_number() OVER (ORDER BY month) AS place, count(*) OVER () AS places FROM (
        SELECT DISTINCT ON (m.month) m.month::date AS month, u.id AS upload_id
        FROM ${live} u, generate_series(u.covers_from::timestamp, u.covers_to::timestamp, interval '1 month') AS m (month)
        ORDER BY m.month, u.seq DESC) newest
    ), given AS (
      SELECT m.customer_id, m.mrr, m.currency, m.upload_id, m.line, c.month, c.place, c.places,
        lag(c.place) OVER w AS before_place, lag(m.mrr) OVER w AS before_mrr, lag(m.currency) OVER w AS before_currency
      FROM mrr_month m JOIN covered c ON c.month = m.month AND c.upload_id = m.upload_id
      WHERE m.org_id = ${tx.orgId} AND m.mrr > 0
      WINDOW w AS (PARTITION BY m.customer_id ORDER BY c.place)
    ), marked AS (
      SELECT *, sum(CASE WHEN before_place = place - 1 AND before_mrr = mrr AND before_currency = currency THEN 0 ELSE 1 END)
        OVER (PARTITION BY customer_id ORDER BY place) AS island
      FROM given
    ), run AS (
      SELECT customer_id, island, min(month) AS from_day, max(place) AS last_place, max(places) AS places, min(mrr) AS mrr,
        min(currency) AS currency, (array_agg(upload_id ORDER BY place))[1] AS upload_id, (array_agg(line ORDER BY place))[1] AS line
      FROM marked GROUP BY customer_id, island
    ), made AS (
      INSERT INTO subscription_version (org_id, customer_id, merged_from, sub_key, currency, interval, quantity, unit_amount, annual_list,
        annual, started_at, ended_at, from_day, to_day, upload_id, line)
      SELECT ${tx.orgId}::uuid, coalesce(g.root_id, r.customer_id), CASE WHEN g.root_id IS NOT NULL THEN r.customer_id END,
        'mrr_by_month:' || k.external_id, r.currency, 'month', 1, r.mrr, r.mrr * 12,
        r.mrr * 12, r.from_day::timestamp AT TIME ZONE coalesce(o.facts_timezone, o.timezone),
        e.month::timestamp AT TIME ZONE coalesce(o.facts_timezone, o.timezone), r.from_day, e.month,
        r.upload_id, r.line
      FROM run r
      JOIN organisation o ON o.id = ${tx.orgId}
      JOIN customer k ON k.org_id = ${tx.orgId} AND k.id = r.customer_id
      LEFT JOIN customer_merge g ON g.org_id = ${tx.orgId} AND g.customer_id = r.customer_id
      LEFT JOIN covered e ON e.place = r.last_place + 1 AND r.last_place < r.places
      RETURNING customer_id)
    INSERT INTO stage_touched SELECT DISTINCT customer_id FROM made`);
  await tx.rows(sql`
    UPDATE organisation SET covered_until = (SELECT max(u.covers_to) FROM ${live} u) WHERE id = ${tx.orgId}`);
}
