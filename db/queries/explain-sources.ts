import { type SQL, sql } from "drizzle-orm";
import type { ExplainSourceRow } from "#contracts/explain.ts";
import { parseEvidence } from "#contracts/source-links.ts";
import type { Day } from "#metrics/day.ts";
import { mrrFromAnnual } from "#metrics/decimal.ts";
import type { ItemRow } from "./explain-items.ts";
import { type LedgerScope, type LedgerTx, versionAmount, versionsFrom } from "./ledger.ts";
import { trialKey } from "./settled-versions.ts";
import { type Origin, originColumns, originOf } from "./source-evidence.ts";

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

interface VersionRow extends Record<string, unknown>, Origin {
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
  source_name: string | null;
}

const holds = sql`v.from_day <= a.day AND (v.to_day IS NULL OR v.to_day > a.day)`;
const chosen = (currency: string): SQL => sql`CASE a.mode
  WHEN 'held' THEN ${holds}
  WHEN 'begun' THEN v.from_day = a.day
  WHEN 'trial' THEN md5(${trialKey}) = a.ref
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
      k.external_id AS customer_id, v.*, u.file_name, s.name AS source_name
    FROM a CROSS JOIN LATERAL (
      SELECT v.subscription_id, v.plan, v.interval, trim_scale(v.quantity)::text AS quantity,
        trim_scale(v.unit_amount)::text AS unit_amount, v.currency, (${versionAmount(scope)})::text AS annual, v.status,
        v.from_day::text AS from_day, v.to_day::text AS to_day, v.source, v.upload_id::text AS upload_id, v.line, ${originColumns("v")}, v.from_day AS since, v.id
      ${versionsFrom({ ...scope, empty: true })} AND v.customer_id = a.cust AND (${chosen(scope.currency)})
        ${only === null ? sql`` : sql`AND ${only}`}
      ORDER BY v.from_day DESC, v.sub_key, v.id LIMIT ${mostRows}
    ) v
    JOIN customer k ON k.org_id = ${tx.orgId} AND k.id = a.cust
    LEFT JOIN upload u ON u.org_id = ${tx.orgId} AND u.id = v.upload_id::uuid
    LEFT JOIN source s ON s.org_id = ${tx.orgId} AND s.id = v.source_id::uuid
    ORDER BY a.n, a.role DESC, v.since, v.id`);
  const facts = asks.filter(({ mode }) => mode === "signup" || mode === "activity");
  return [
    ...rows.map((row) => versionRow(row, scope)),
    ...(facts.length > 0 ? await listFacts(tx, facts) : []),
  ];
}

const versionRow = (row: VersionRow, { policy }: LedgerScope): ExplainSourceRow => ({
  movement: row.n,
  customer_id: row.customer_id,
  role: row.role,
  source: {
    ...{ kind: row.source, upload_id: row.upload_id, file_name: row.file_name },
    ...(row.source_id === null ? {} : { source_id: row.source_id, name: row.source_name }),
  },
  line: row.line,
  object: null,
  ...originOf(row, policy),
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
  kind: string | null;
  source_id: string | null;
  source_name: string | null;
  evidence: string | null;
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
    SELECT a.n, a.role, k.external_id AS customer_id, f.*, u.file_name, o.kind, o.name AS source_name
    FROM a CROSS JOIN LATERAL (
      (SELECT CASE WHEN s.source_id IS NULL THEN s.upload_id END::text AS upload_id,
        CASE WHEN s.source_id IS NULL THEN s.line END AS line, s.signup_at::date::text AS day, NULL::text AS amount, NULL::text AS currency,
        s.source_id::text AS source_id, CASE WHEN s.source_id IS NOT NULL THEN (SELECT 'customer:' || p.external_id FROM customer p
          WHERE p.org_id = ${tx.orgId} AND p.id = s.customer_id) END AS evidence
      FROM customer_fact s WHERE s.org_id = ${tx.orgId} AND s.customer_id = a.cust AND a.mode = 'signup' AND s.signup_at IS NOT NULL
      ORDER BY s.signup_at LIMIT ${mostRows})
      UNION ALL
      (SELECT t.upload_id::text, t.line, t.day::text, trim_scale(t.amount)::text, t.currency, t.source_id::text, t.evidence
      FROM transaction t WHERE t.org_id = ${tx.orgId} AND t.customer_id = a.cust AND a.mode = 'activity'
        AND t.day BETWEEN a.day AND nullif(a.ref, '')::date
      ORDER BY t.day, t.id LIMIT ${mostRows})
    ) f
    JOIN customer k ON k.org_id = ${tx.orgId} AND k.id = a.cust
    LEFT JOIN upload u ON u.org_id = ${tx.orgId} AND u.id = f.upload_id::uuid
    LEFT JOIN source o ON o.org_id = ${tx.orgId} AND o.id = f.source_id::uuid
    ORDER BY a.n, f.day, f.upload_id, f.line`);
  return rows.map((row) => ({
    ...{ movement: row.n, customer_id: row.customer_id, role: row.role, line: row.line },
    object: objectOf(row),
    source: factSource(row),
    columns: { date: row.day, amount: row.amount, currency: row.currency },
  }));
}

type FactOrigin = Pick<
  FactRow,
  "upload_id" | "file_name" | "source_id" | "source_name" | "evidence" | "kind"
>;

const objectOf = ({ source_id, evidence }: FactOrigin) =>
  source_id === null || evidence === null ? null : parseEvidence(evidence, source_id);

const factSource = ({
  upload_id,
  file_name,
  source_id,
  source_name,
  kind,
}: FactOrigin): ExplainSourceRow["source"] =>
  source_id === null
    ? { kind: "upload", upload_id, file_name }
    : { kind: kind ?? "source", upload_id: null, file_name: null, source_id, name: source_name };

/** Rows that are listed straight from a file, or what a source billed for use: each is its own source. */
export async function ownSources(
  tx: LedgerTx,
  items: readonly ItemRow[],
  type: "spend" | "transaction",
): Promise<ExplainSourceRow[]> {
  const billed = new Map(
    (type === "transaction" ? await listBilled(tx, items) : []).map((one) => [one.id, one]),
  );
  const ids = [...new Set(items.flatMap(({ upload_id }) => upload_id ?? []))];
  const files = await tx.rows<{ id: string; file_name: string }>(sql`
    SELECT id::text AS id, file_name FROM upload WHERE org_id = ${tx.orgId} AND id = ANY (${sql.param(ids)}::uuid[])`);
  const names = new Map(files.map(({ id, file_name }) => [id, file_name]));
  return items.map((item, movement) => {
    const own = billed.get(item.ref);
    return {
      ...{ movement, customer_id: item.customer_id, role: "row", line: item.line },
      object: own ? objectOf(own) : null,
      source: own
        ? factSource(own)
        : {
            kind: item.upload_id ? "upload" : "manual",
            upload_id: item.upload_id,
            file_name: item.upload_id === null ? null : (names.get(item.upload_id) ?? null),
          },
      columns: { date: item.day, amount: item.amount, note: item.note },
    };
  });
}

/** Those of listed transactions that a source gave. */
const listBilled = (tx: LedgerTx, items: readonly ItemRow[]) =>
  tx.rows<FactOrigin & { id: string }>(sql`
    SELECT t.id::text AS id, t.source_id::text AS source_id, t.evidence, s.kind, s.name AS source_name, NULL AS upload_id,
      NULL AS file_name
    FROM transaction t LEFT JOIN source s ON s.org_id = ${tx.orgId} AND s.id = t.source_id
    WHERE t.org_id = ${tx.orgId} AND t.source_id IS NOT NULL
      AND t.id = ANY (${sql.param(items.map(({ ref }) => ref))}::bigint[])`);
