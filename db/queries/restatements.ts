import { type SQL, sql } from "drizzle-orm";
import { decodeCursor, decodeIdCursor, page } from "../cursor.ts";
import type { OrgTx } from "../database.ts";

/** The restatement log: which closed months moved, when, by how much and why. Money is monthly, as the rows are annual. */

interface Narrowed {
  month?: string;
  upload_id?: string;
  source_id?: string;
}

interface PageInput {
  limit: number;
  cursor?: string;
}

const monthly = (annual: SQL): SQL => sql`trim_scale(round((${annual}) / 12, 12))::text`;
const instantText = (at: SQL): SQL =>
  sql`to_char((${at}) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

const narrowing = (tx: OrgTx, { month, upload_id, source_id }: Narrowed): SQL => sql`
  ${source_id === undefined ? sql`` : sql`AND r.source_id = ${source_id}::uuid`}
  ${upload_id === undefined ? sql`` : sql`AND r.upload_id = ${upload_id}::uuid`}
  ${
    month === undefined
      ? sql``
      : sql`AND EXISTS (SELECT FROM restatement moved WHERE moved.org_id = ${tx.orgId} AND moved.id = r.id
          AND moved.month = ${`${month}-01`}::date)`
  }`;

export interface RestatementRow extends Record<string, unknown> {
  id: string;
  at: string;
  cause: string;
  upload_id: string | null;
  source_id: string | null;
  actor: string | null;
  month: string;
  before_mrr: string;
  after_mrr: string;
  change: string;
  rows: string | null;
}

/** One row per change and month: newest change first, its months in order. */
export async function listRestatements(tx: OrgTx, input: Narrowed & PageInput) {
  const [id, month] = input.cursor ? decodeCursor(input.cursor, ["id", "month"]) : [];
  const after =
    id === undefined
      ? sql``
      : sql`AND (r.id::text < ${id} OR (r.id::text = ${id} AND to_char(r.month, 'YYYY-MM') > ${month}))`;
  const only = input.month === undefined ? sql`` : sql`AND r.month = ${`${input.month}-01`}::date`;
  const rows = await tx.rows<RestatementRow>(sql`
    SELECT r.id::text AS id, ${instantText(sql`r.at`)} AS at, r.cause,
      r.upload_id::text AS upload_id, r.source_id::text AS source_id, u.email AS actor, to_char(r.month, 'YYYY-MM') AS month,
      ${monthly(sql`r.before_annual`)} AS before_mrr, ${monthly(sql`r.after_annual`)} AS after_mrr,
      ${monthly(sql`r.after_annual - r.before_annual`)} AS change, r.rows::text AS rows
    FROM restatement r LEFT JOIN app."user" u ON u.id = r.actor_id
    WHERE r.org_id = ${tx.orgId} ${narrowing(tx, { ...input, month: undefined })} ${only} ${after}
    ORDER BY r.id::text DESC, r.month LIMIT ${input.limit + 1}`);
  return page(rows, input.limit, (row) => [row.id, row.month]);
}

export interface RestatementChange extends Record<string, unknown> {
  id: string;
  at: string;
  cause: string;
  upload: { id: string; file_name: string; kind: string | null; status: string } | null;
  source: { id: string; name: string | null; exists: boolean } | null;
  actor: string | null;
  rows: string | null;
  currency: string;
  before_currency: string;
  months: { month: string; before_mrr: string; after_mrr: string; change: string }[];
  total: string;
}

/**
 * In which currency a change was counted: the organisation's, unless the currency was changed later, which the log itself
 * says (`currency USD → EUR, …`).
 */
const currencyChange = (part: 1 | 2): SQL =>
  sql.raw(
    `substring(cause FROM '${part === 1 ? "currency ([A-Z]{3}) →" : "currency [A-Z]{3} → ([A-Z]{3})"}')`,
  );
const currencyOf = (tx: OrgTx, id: SQL): SQL => sql`coalesce(
  (SELECT ${currencyChange(1)} FROM restatement later WHERE later.org_id = ${tx.orgId} AND later.id > ${id}
    AND later.cause LIKE 'currency %' ORDER BY later.id LIMIT 1),
  (SELECT currency FROM organisation WHERE id = ${tx.orgId}))`;

/** One entry per change with all its months, newest first. */
export async function listRestatementChanges(tx: OrgTx, input: Narrowed & PageInput) {
  const before = decodeIdCursor(input.cursor);
  const rows = await tx.rows<RestatementChange>(sql`
    WITH picked AS (
      SELECT DISTINCT r.id FROM restatement r
      WHERE r.org_id = ${tx.orgId} ${narrowing(tx, input)} ${before === null ? sql`` : sql`AND r.id < ${before}::uuid`}
      ORDER BY r.id DESC LIMIT ${input.limit + 1}
    ), change AS (
      SELECT r.id, min(r.at) AS at, min(r.cause) AS cause, min(r.upload_id::text)::uuid AS upload_id, min(r.source_id::text)::uuid AS source_id,
        min(r.actor_id::text)::uuid AS actor_id, min(r.rows) AS rows, sum(r.after_annual - r.before_annual) AS total,
        jsonb_agg(jsonb_build_object('month', to_char(r.month, 'YYYY-MM'), 'before_mrr', ${monthly(sql`r.before_annual`)},
          'after_mrr', ${monthly(sql`r.after_annual`)}, 'change', ${monthly(sql`r.after_annual - r.before_annual`)})
          ORDER BY r.month) AS months
      FROM picked JOIN restatement r ON r.org_id = ${tx.orgId} AND r.id = picked.id GROUP BY r.id)
    SELECT change.id::text AS id, ${instantText(sql`change.at`)} AS at, change.cause, change.rows::text AS rows, actor.email AS actor,
      CASE WHEN up.id IS NOT NULL THEN jsonb_build_object('id', up.id, 'file_name', up.file_name, 'kind', up.kind,
        'status', up.status) END AS upload,
      CASE WHEN change.source_id IS NOT NULL THEN jsonb_build_object('id', change.source_id, 'name', src.name,
        'exists', src.id IS NOT NULL) END AS source,
      now.currency, coalesce(${currencyChange(1)}, now.currency) AS before_currency, change.months,
      ${monthly(sql`change.total`)} AS total
    FROM change CROSS JOIN LATERAL (SELECT ${currencyOf(tx, sql`change.id`)} AS currency) now
    LEFT JOIN upload up ON up.org_id = ${tx.orgId} AND up.id = change.upload_id
    LEFT JOIN source src ON src.org_id = ${tx.orgId} AND src.id = change.source_id
    LEFT JOIN app."user" actor ON actor.id = change.actor_id
    ORDER BY change.id DESC`);
  return page(rows, input.limit, (row) => [row.id]);
}

export interface MovedMonth extends Record<string, unknown> {
  month: string;
  before_mrr: string;
  after_mrr: string;
  change: string;
  events: number;
  last_at: string;
}

/**
 * What the changes of the last `days` (null: all) together made of each month they moved, newest month first. What was counted
 * in another currency is left out: it cannot be compared.
 */
export async function listRestatedMonths(
  tx: OrgTx,
  days: number | null,
): Promise<{ currency: string; months: MovedMonth[] }> {
  const months = await tx.rows<MovedMonth>(sql`
    WITH moved AS (
      SELECT r.month, count(*)::int AS events, max(r.at) AS last_at,
        (array_agg(r.before_annual ORDER BY r.id))[1] AS before, (array_agg(r.after_annual ORDER BY r.id DESC))[1] AS after
      FROM restatement r
      WHERE r.org_id = ${tx.orgId} ${days === null ? sql`` : sql`AND r.at >= now() - make_interval(days => ${days})`}
        AND r.id > coalesce((SELECT c.id FROM restatement c WHERE c.org_id = ${tx.orgId} AND c.cause LIKE 'currency %'
          ORDER BY c.id DESC LIMIT 1), '00000000-0000-0000-0000-000000000000')
      GROUP BY r.month)
    SELECT to_char(month, 'YYYY-MM') AS month, ${monthly(sql`before`)} AS before_mrr, ${monthly(sql`after`)} AS after_mrr,
      ${monthly(sql`after - before`)} AS change, events, ${instantText(sql`last_at`)} AS last_at
    FROM moved ORDER BY moved.month DESC`);
  const [own] = await tx.rows<{ currency: string }>(
    sql`SELECT currency FROM organisation WHERE id = ${tx.orgId}`,
  );
  return { currency: own?.currency ?? "", months };
}
