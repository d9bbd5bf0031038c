import { type SQL, sql } from "drizzle-orm";
import type { ExplainSourceRow } from "#contracts/explain.ts";
import type { Day } from "#metrics/day.ts";
import { mrrFromAnnual } from "#metrics/decimal.ts";
import type { ItemRow } from "./explain-items.ts";
import { type LedgerScope, type LedgerTx, versionAmount, versionsFrom } from "./ledger.ts";

/** The rows of files behind listed rows: versions of subscriptions, and what is listed straight from a file. */

/** Which of a customer's rows are asked for, and as what. */
export interface SourceAsk {
  /** Index of the listed row. */
  n: number;
  cust: string;
  day: Day;
  role: string;
  /** held: in force at the end of the day · changed: begins or ends on it · drift: held in another currency · begun · trial · signup · activity */
  mode: "held" | "changed" | "drift" | "begun" | "trial" | "signup" | "activity";
  /** For `trial` the hash of the subscription's key, which may be long; for `activity` the last day. */
  ref?: string;
}

/** As many rows for one listed row; the customer's page has all. */
const mostRows = 20;

interface VersionRow extends Record<string, unknown> {
  n: number;
  role: string;
  customer_id: string;
  subscription_id: string | null;
  plan: string | null;
  interval: string;
  quantity: string;
  unit_amount: string;
  currency: string;
  annual: string;
  status: string;
  from_day: Day;
  to_day: Day | null;
  source: string;
  upload_id: string | null;
  line: number | null;
  file_name: string | null;
}

const holds = sql`v.from_day <= a.day AND (v.to_day IS NULL OR v.to_day > a.day)`;
const chosen = (currency: string): SQL => sql`CASE a.mode
  WHEN 'held' THEN ${holds}
  WHEN 'begun' THEN v.from_day = a.day
  WHEN 'trial' THEN md5(v.sub_key) = a.ref
  WHEN 'drift' THEN v.currency <> ${currency} AND v.from_day < a.day AND (v.to_day IS NULL OR v.to_day >= a.day)
  WHEN 'changed' THEN v.from_day = a.day OR v.to_day = a.day
  ELSE false END`;

const asked = (asks: readonly SourceAsk[]): SQL => sql`
  SELECT * FROM jsonb_to_recordset(${JSON.stringify(asks.map(({ ref = "", ...ask }) => ({ ...ask, ref })))}::jsonb)
    AS a (n int, cust bigint, day date, role text, mode text, ref text)`;

/** @param only what a row must also match, on `v` and, where the scope joins customers, `c` */
export async function listSources(
  tx: LedgerTx,
  scope: LedgerScope,
  asks: readonly SourceAsk[],
  only: SQL | null = null,
): Promise<ExplainSourceRow[]> {
  if (asks.length === 0) return [];
  // a page of customers is few: each is looked up by its key, whatever the lists before preferred
  await tx.rows(sql`SELECT set_config('enable_nestloop', 'on', true)`);
  const rows = await tx.rows<VersionRow>(sql`
    WITH a AS MATERIALIZED (${asked(asks)})
    SELECT a.n, CASE WHEN a.mode <> 'changed' THEN a.role WHEN v.since = a.day THEN 'begins' ELSE 'ends' END AS role,
      k.external_id AS customer_id, v.*, u.file_name
    FROM a CROSS JOIN LATERAL (
      SELECT v.subscription_id, v.plan, v.interval, trim_scale(v.quantity)::text AS quantity,
        trim_scale(v.unit_amount)::text AS unit_amount, v.currency, (${versionAmount(scope)})::text AS annual, v.status,
        v.from_day::text AS from_day, v.to_day::text AS to_day, v.source, v.upload_id::text AS upload_id, v.line, v.from_day AS since, v.id
      ${versionsFrom({ ...scope, empty: true })} AND v.customer_id = a.cust AND (${chosen(scope.currency)})
        ${only === null ? sql`` : sql`AND ${only}`}
      ORDER BY v.from_day DESC, v.sub_key, v.id LIMIT ${mostRows}
    ) v
    JOIN customer k ON k.org_id = ${tx.orgId} AND k.id = a.cust
    LEFT JOIN upload u ON u.org_id = ${tx.orgId} AND u.id = v.upload_id::uuid
    ORDER BY a.n, a.role DESC, v.since, v.id`);
  const facts = asks.filter(({ mode }) => mode === "signup" || mode === "activity");
  return [...rows.map(versionRow), ...(facts.length > 0 ? await listFacts(tx, facts) : [])];
}

const versionRow = (row: VersionRow): ExplainSourceRow => ({
  movement: row.n,
  customer_id: row.customer_id,
  role: row.role,
  source: { kind: row.source, upload_id: row.upload_id, file_name: row.file_name },
  line: row.line,
  object: null,
  columns: {
    subscription_id: row.subscription_id,
    plan: row.plan,
    interval: row.interval,
    quantity: row.quantity,
    unit_amount: row.unit_amount,
    currency: row.currency,
    mrr: mrrFromAnnual(row.annual),
    status: row.status,
    from: row.from_day,
    to: row.to_day,
  },
});

interface FactRow extends Record<string, unknown> {
  n: number;
  role: string;
  customer_id: string;
  upload_id: string | null;
  line: number | null;
  file_name: string | null;
  day: Day | null;
  amount: string | null;
  currency: string | null;
}

/** What said when somebody signed up, and transactions from a day to another. */
async function listFacts(tx: LedgerTx, asks: readonly SourceAsk[]): Promise<ExplainSourceRow[]> {
  const rows = await tx.rows<FactRow>(sql`
    WITH a AS MATERIALIZED (${asked(asks)})
    SELECT a.n, a.role, k.external_id AS customer_id, f.*, u.file_name
    FROM a CROSS JOIN LATERAL (
      (SELECT s.upload_id::text AS upload_id, s.line, s.signup_at::date::text AS day, NULL::text AS amount, NULL::text AS currency
      FROM customer_fact s WHERE s.org_id = ${tx.orgId} AND s.customer_id = a.cust AND a.mode = 'signup' AND s.signup_at IS NOT NULL
      ORDER BY s.signup_at LIMIT ${mostRows})
      UNION ALL
      (SELECT t.upload_id::text, t.line, t.day::text, trim_scale(t.amount)::text, t.currency
      FROM transaction t WHERE t.org_id = ${tx.orgId} AND t.customer_id = a.cust AND a.mode = 'activity'
        AND t.day BETWEEN a.day AND nullif(a.ref, '')::date
      ORDER BY t.day, t.id LIMIT ${mostRows})
    ) f
    JOIN customer k ON k.org_id = ${tx.orgId} AND k.id = a.cust
    LEFT JOIN upload u ON u.org_id = ${tx.orgId} AND u.id = f.upload_id::uuid
    ORDER BY a.n, f.day, f.upload_id, f.line`);
  return rows.map(({ n, role, customer_id, upload_id, line, file_name, day, amount, currency }) => ({
    ...{ movement: n, customer_id, role, line, object: null },
    source: { kind: "upload", upload_id, file_name },
    columns: { date: day, amount, currency },
  }));
}

/** Rows that are listed straight from a file: each is its own source. */
export async function ownSources(tx: LedgerTx, items: readonly ItemRow[]): Promise<ExplainSourceRow[]> {
  const ids = [...new Set(items.flatMap(({ upload_id }) => upload_id ?? []))];
  const files = await tx.rows<{ id: string; file_name: string }>(sql`
    SELECT id::text AS id, file_name FROM upload WHERE org_id = ${tx.orgId} AND id = ANY (${sql.param(ids)}::uuid[])`);
  const names = new Map(files.map(({ id, file_name }) => [id, file_name]));
  return items.map((item, movement) => ({
    ...{ movement, customer_id: item.customer_id, role: "row", line: item.line, object: null },
    source: {
      kind: item.upload_id ? "upload" : "manual",
      upload_id: item.upload_id,
      file_name: item.upload_id === null ? null : (names.get(item.upload_id) ?? null),
    },
    columns: { date: item.day, amount: item.amount, note: item.note },
  }));
}
