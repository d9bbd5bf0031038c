import { sql } from "drizzle-orm";
import { AppError } from "#root/errors.ts";
import type { OrgTx } from "../database.ts";
import { lockFacts } from "./import-effects.ts";
import type { FxRateRow } from "./reference-lists.ts";
import { refreshSoon } from "./refresh-soon.ts";

/** Exchange rates that a person writes: of a day they win over uploads. What an upload wrote goes with its undo. */

const columns = sql`id::text AS id, day::text AS date, from_currency AS "from", to_currency AS "to",
  trim_scale(rate)::text AS rate, upload_id::text AS upload_id, line`;

interface RateInput {
  date: string;
  from: string;
  to: string;
  rate: string;
}

export const fromUpload = (id: string, hint: string): AppError =>
  new AppError("CONFLICT", `An upload wrote this row. ${hint}`, {
    reason: "from_upload",
    details: { upload_id: id },
  });

/** @throws AppError NOT_FOUND; CONFLICT: `from_upload` */
async function getOwnRate(tx: OrgTx, id: string): Promise<FxRateRow> {
  const [row] = await tx.rows<FxRateRow>(
    sql`SELECT ${columns} FROM fx_rate WHERE org_id = ${tx.orgId} AND id = ${id}::bigint FOR UPDATE`,
  );
  if (!row) throw new AppError("NOT_FOUND", "There is no such exchange rate.");
  if (row.upload_id)
    throw fromUpload(row.upload_id, "Add a rate for the same day, which wins over it, or undo the upload.");
  return row;
}

async function requireFree(tx: OrgTx, { date, from, to }: RateInput, own: string | null): Promise<void> {
  const [known] = await tx.rows<{ id: string }>(sql`
    SELECT id::text AS id FROM fx_rate WHERE org_id = ${tx.orgId} AND upload_id IS NULL AND day = ${date}::date
      AND from_currency = ${from} AND to_currency = ${to} AND id IS DISTINCT FROM ${own}::bigint`);
  if (known)
    throw new AppError(
      "CONFLICT",
      "You gave a rate for these currencies and this day already: change that one.",
      {
        reason: "rate_exists",
        details: { id: known.id },
      },
    );
}

/** The pair moves whatever is held in its other currency, and only where one of the two is the organisation's. */
const refreshHolders = (tx: OrgTx, { from, to }: Pick<RateInput, "from" | "to">, actorId: string | null) =>
  refreshSoon(tx, {
    touched: sql`(SELECT v.customer_id FROM subscription_version v JOIN organisation o ON o.id = v.org_id
      WHERE v.org_id = ${tx.orgId} AND v.currency <> o.currency AND v.currency IN (${from}, ${to})
        AND o.currency IN (${from}, ${to}))`,
    cause: "fx rate",
    actorId,
  });

/** @throws AppError CONFLICT `rate_exists`; UNPROCESSABLE `same_currency` */
export async function createFxRate(
  tx: OrgTx,
  { input, actorId }: { input: RateInput; actorId: string | null },
): Promise<FxRateRow> {
  if (input.from === input.to)
    throw new AppError("UNPROCESSABLE", "A rate is between two currencies.", { reason: "same_currency" });
  await lockFacts(tx);
  await requireFree(tx, input, null);
  const [row] = await tx.rows<FxRateRow>(sql`
    INSERT INTO fx_rate (org_id, day, from_currency, to_currency, rate)
    VALUES (${tx.orgId}, ${input.date}::date, ${input.from}, ${input.to}, ${input.rate}::numeric) RETURNING ${columns}`);
  await refreshHolders(tx, input, actorId);
  return row as FxRateRow;
}

/** @throws AppError NOT_FOUND; CONFLICT: `from_upload`, `rate_exists` */
export async function updateFxRate(
  tx: OrgTx,
  {
    id,
    input,
    actorId,
  }: { id: string; input: { date?: string | undefined; rate?: string | undefined }; actorId: string | null },
): Promise<FxRateRow> {
  await lockFacts(tx);
  const own = await getOwnRate(tx, id);
  const now = { ...own, date: input.date ?? own.date, rate: input.rate ?? own.rate };
  await requireFree(tx, now, id);
  const [row] = await tx.rows<FxRateRow>(sql`
    UPDATE fx_rate SET day = ${now.date}::date, rate = ${now.rate}::numeric
    WHERE org_id = ${tx.orgId} AND id = ${id}::bigint RETURNING ${columns}`);
  await refreshHolders(tx, now, actorId);
  return row as FxRateRow;
}

/** @throws AppError NOT_FOUND; CONFLICT: `from_upload` */
export async function deleteFxRate(
  tx: OrgTx,
  { id, actorId }: { id: string; actorId: string | null },
): Promise<FxRateRow> {
  await lockFacts(tx);
  const own = await getOwnRate(tx, id);
  await tx.rows(sql`DELETE FROM fx_rate WHERE org_id = ${tx.orgId} AND id = ${id}::bigint`);
  await refreshHolders(tx, own, actorId);
  return own;
}
