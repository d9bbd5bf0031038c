import { sql } from "drizzle-orm";
import { AppError } from "#root/errors.ts";
import type { OrgTx } from "../database.ts";
import { fromUpload } from "./fx-rates.ts";
import type { SpendRow } from "./reference-lists.ts";
import { bumpVersion } from "./refresh.ts";

/** Spend that a person writes, beside what uploads brought: all of it counts as sales and marketing. */

const columns = sql`id::text AS id, to_char(month, 'YYYY-MM') AS month, category, trim_scale(amount)::text AS amount,
  currency, upload_id::text AS upload_id, line`;

interface SpendInput {
  month: string;
  category?: string | null | undefined;
  amount: string;
  /** Default: the organisation's. */
  currency?: string | undefined;
}

/** @throws AppError NOT_FOUND; CONFLICT `from_upload` */
async function requireOwnSpend(tx: OrgTx, id: string): Promise<void> {
  const [row] = await tx.rows<{ upload_id: string | null }>(sql`
    SELECT upload_id::text AS upload_id FROM spend WHERE org_id = ${tx.orgId} AND id = ${id}::bigint FOR UPDATE`);
  if (!row) throw new AppError("NOT_FOUND", "There is no such spend.");
  if (row.upload_id)
    throw fromUpload(row.upload_id, "Undo the upload, or add what is missing; a negative amount takes off.");
}

export async function createSpend(tx: OrgTx, input: SpendInput): Promise<SpendRow> {
  const [row] = await tx.rows<SpendRow>(sql`
    INSERT INTO spend (org_id, month, category, amount, currency)
    SELECT id, ${`${input.month}-01`}::date, ${input.category ?? null}, ${input.amount}::numeric,
      coalesce(${input.currency ?? null}, currency)
    FROM organisation WHERE id = ${tx.orgId} RETURNING ${columns}`);
  if (!row) throw new AppError("NOT_FOUND", "This organisation does not exist any more.");
  await bumpVersion(tx);
  return row;
}

/** What is undefined stays. @throws AppError NOT_FOUND; CONFLICT `from_upload` */
export async function updateSpend(
  tx: OrgTx,
  { id, month, category, amount, currency }: { id: string } & Partial<SpendInput>,
): Promise<SpendRow> {
  await requireOwnSpend(tx, id);
  const [row] = await tx.rows<SpendRow>(sql`
    UPDATE spend SET month = coalesce(${month ? `${month}-01` : null}::date, month),
      category = ${category === undefined ? sql`category` : sql`${category}`},
      amount = coalesce(${amount ?? null}::numeric, amount), currency = coalesce(${currency ?? null}, currency)
    WHERE org_id = ${tx.orgId} AND id = ${id}::bigint RETURNING ${columns}`);
  await bumpVersion(tx);
  return row as SpendRow;
}

/** @throws AppError NOT_FOUND; CONFLICT `from_upload` */
export async function deleteSpend(tx: OrgTx, id: string): Promise<SpendRow> {
  await requireOwnSpend(tx, id);
  const [row] = await tx.rows<SpendRow>(
    sql`DELETE FROM spend WHERE org_id = ${tx.orgId} AND id = ${id}::bigint RETURNING ${columns}`,
  );
  await bumpVersion(tx);
  return row as SpendRow;
}
