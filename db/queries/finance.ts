import { sql } from "drizzle-orm";
import type { FinanceItem } from "#contracts/catalogue.ts";
import { AppError } from "#root/errors.ts";
import { decodeCursor, page } from "../cursor.ts";
import type { OrgTx } from "../database.ts";
import { bumpVersion } from "./refresh.ts";

/** What finance knows of each month: for the rule of 40, the burn multiple, and the margin in LTV and payback. */

const columns = sql`to_char(month, 'YYYY-MM') AS month, currency, trim_scale(revenue)::text AS revenue,
  trim_scale(profit)::text AS profit, trim_scale(net_burn)::text AS net_burn, trim_scale(gross_margin)::text AS gross_margin`;

type Row = FinanceItem & Record<string, unknown>;

/** Newest month first. */
export async function listFinance(
  tx: OrgTx,
  input: { limit: number; cursor?: string },
): Promise<{ items: FinanceItem[]; next: string | null }> {
  const before = input.cursor === undefined ? null : decodeCursor(input.cursor, ["month"])[0];
  const rows = await tx.rows<Row>(sql`
    SELECT ${columns} FROM finance_month WHERE org_id = ${tx.orgId}
      ${before === null ? sql`` : sql`AND to_char(month, 'YYYY-MM') < ${before}`}
    ORDER BY finance_month.month DESC LIMIT ${input.limit + 1}`);
  return page(rows, input.limit, (row) => [row.month]);
}

export type FinanceInput = Omit<FinanceItem, "currency"> & { currency?: string | undefined };

/** Writes a month as it is from now on. @param input `currency` defaults to the organisation's */
export async function putFinance(
  tx: OrgTx,
  { input, actorId }: { input: FinanceInput; actorId: string | null },
): Promise<FinanceItem> {
  const [row] = await tx.rows<Row>(sql`
    INSERT INTO finance_month (org_id, month, currency, revenue, profit, net_burn, gross_margin, updated_by)
    SELECT ${tx.orgId}::uuid, ${`${input.month}-01`}::date, coalesce(${input.currency ?? null}, currency),
      ${input.revenue}::numeric, ${input.profit}::numeric, ${input.net_burn}::numeric, ${input.gross_margin}::numeric,
      ${actorId}::uuid
    FROM organisation WHERE id = ${tx.orgId}
    ON CONFLICT (org_id, month) DO UPDATE SET currency = excluded.currency, revenue = excluded.revenue,
      profit = excluded.profit, net_burn = excluded.net_burn, gross_margin = excluded.gross_margin,
      updated_by = excluded.updated_by, updated_at = now()
    RETURNING ${columns}`);
  if (!row) throw new AppError("NOT_FOUND", "This organisation does not exist any more.");
  await bumpVersion(tx);
  return row;
}

/** @throws AppError NOT_FOUND */
export async function deleteFinance(tx: OrgTx, month: string): Promise<FinanceItem> {
  const [row] = await tx.rows<Row>(sql`
    DELETE FROM finance_month WHERE org_id = ${tx.orgId} AND month = ${`${month}-01`}::date RETURNING ${columns}`);
  if (!row) throw new AppError("NOT_FOUND", "Nothing was given for this month.");
  await bumpVersion(tx);
  return row;
}
