import { sql } from "drizzle-orm";
import { decodeCursor, page } from "../cursor.ts";
import type { OrgTx } from "../database.ts";

interface PageInput {
  limit: number;
  cursor?: string;
}

export interface SpendRow extends Record<string, unknown> {
  id: string;
  month: string;
  category: string | null;
  amount: string;
  currency: string;
  upload_id: string | null;
  line: number | null;
}

/** Newest month first. */
export async function listSpend(tx: OrgTx, input: PageInput) {
  const [month, id] = input.cursor ? decodeCursor(input.cursor, ["day", "bigint"]) : [];
  const after =
    id === undefined || month === undefined ? sql`` : sql`AND (month, id) < (${month}::date, ${id}::bigint)`;
  const rows = await tx.rows<SpendRow & { day: string }>(sql`
    SELECT id::text AS id, month::text AS day, to_char(month, 'YYYY-MM') AS month, category,
      trim_scale(amount)::text AS amount, currency, upload_id::text AS upload_id, line
    FROM app.spend WHERE org_id = ${tx.orgId} ${after}
    ORDER BY spend.month DESC, id DESC LIMIT ${input.limit + 1}`);
  return page(rows, input.limit, (row) => [row.day, row.id]);
}

export interface FxRateRow extends Record<string, unknown> {
  id: string;
  date: string;
  from: string;
  to: string;
  rate: string;
  upload_id: string | null;
  line: number | null;
}

/** Newest day first. */
export async function listFxRates(tx: OrgTx, input: PageInput) {
  const [day, id] = input.cursor ? decodeCursor(input.cursor, ["day", "bigint"]) : [];
  const after =
    id === undefined || day === undefined ? sql`` : sql`AND (day, id) < (${day}::date, ${id}::bigint)`;
  const rows = await tx.rows<FxRateRow>(sql`
    SELECT id::text AS id, day::text AS date, from_currency AS "from", to_currency AS "to",
      trim_scale(rate)::text AS rate, upload_id::text AS upload_id, line
    FROM app.fx_rate WHERE org_id = ${tx.orgId} ${after}
    ORDER BY day DESC, id DESC LIMIT ${input.limit + 1}`);
  return page(rows, input.limit, (row) => [row.date, row.id]);
}
