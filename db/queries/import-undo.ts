import { type SQL, sql } from "drizzle-orm";
import type { UploadKind } from "#contracts/upload-kinds.ts";
import { putMonthsInForce } from "./import-mrr.ts";
import type { LedgerTx } from "./ledger.ts";

/** Takes an upload's facts back; what it had put aside counts again. The raw file stays. */

export interface Undoable {
  id: string;
  kind: UploadKind;
}

/**
 * Locks a finished upload to undo it.
 * @returns null when there is nothing to undo (any more)
 */
export async function findUndoable(tx: LedgerTx, uploadId: string): Promise<Undoable | null> {
  const [row] = await tx.rows<{ id: string; kind: UploadKind }>(sql`
    SELECT id, kind FROM upload WHERE org_id = ${tx.orgId} AND id = ${uploadId} AND status = 'done' FOR NO KEY UPDATE`);
  return row ?? null;
}

/** @returns how many rows of facts went; leaves TEMP table stage_touched (customer_id) */
export async function removeFacts(tx: LedgerTx, { id, kind }: Undoable): Promise<number> {
  await tx.rows(sql`CREATE TEMP TABLE stage_touched (customer_id bigint) ON COMMIT DROP`);
  await tx.rows(sql`CREATE TEMP TABLE stage_named (customer_id bigint) ON COMMIT DROP`);
  const rows = await removeRows(tx, id, kind);
  await tx.rows(sql`UPDATE upload SET status = 'undone', phase = NULL, finished_at = now()
    WHERE org_id = ${tx.orgId} AND id = ${id}`);
  if (kind === "mrr_by_month") await putMonthsInForce(tx, null);
  if (kind !== "spend" && kind !== "fx_rates") {
    await tx.rows(sql`
      WITH gone AS (DELETE FROM customer_fact WHERE org_id = ${tx.orgId} AND upload_id = ${id} RETURNING customer_id)
      INSERT INTO stage_named SELECT customer_id FROM gone`);
    await tx.rows(sql`ANALYZE stage_named`);
    await refold(tx);
    await tx.rows(sql`INSERT INTO stage_touched SELECT DISTINCT customer_id FROM stage_named`);
    await removeEmptyCustomers(tx, sql`stage_named`);
  }
  return rows;
}

async function removeRows(tx: LedgerTx, id: string, kind: UploadKind): Promise<number> {
  const counted = async (query: Promise<{ count: string }[]>) => Number((await query)[0]?.count ?? 0);
  switch (kind) {
    case "subscriptions":
      return removeVersions(tx, id);
    case "mrr_by_month":
      return counted(
        tx.rows(sql`
          WITH gone AS (DELETE FROM mrr_month WHERE org_id = ${tx.orgId} AND upload_id = ${id} RETURNING customer_id),
          named AS (INSERT INTO stage_named SELECT DISTINCT customer_id FROM gone)
          SELECT count(*) AS count FROM gone`),
      );
    case "transactions":
      return counted(
        tx.rows(sql`
          WITH gone AS (DELETE FROM transaction WHERE org_id = ${tx.orgId} AND upload_id = ${id} RETURNING customer_id),
          named AS (INSERT INTO stage_named SELECT DISTINCT customer_id FROM gone)
          SELECT count(*) AS count FROM gone`),
      );
    case "customers":
      return counted(
        tx.rows(
          sql`SELECT count(*) AS count FROM customer_fact WHERE org_id = ${tx.orgId} AND upload_id = ${id}`,
        ),
      );
    case "spend":
      return counted(
        tx.rows(
          sql`WITH gone AS (DELETE FROM spend WHERE org_id = ${tx.orgId} AND upload_id = ${id} RETURNING 1)
            SELECT count(*) AS count FROM gone`,
        ),
      );
    case "fx_rates":
      return counted(
        tx.rows(
          sql`WITH gone AS (DELETE FROM fx_rate WHERE org_id = ${tx.orgId} AND upload_id = ${id} RETURNING 1)
            SELECT count(*) AS count FROM gone`,
        ),
      );
  }
}

/**
 * Deletes the upload's versions. What it had put aside is given to the next newer upload that speaks for the same key, or
 * counts again.
 */
async function removeVersions(tx: LedgerTx, id: string): Promise<number> {
  const [gone] = await tx.rows<{ count: string }>(sql`
    WITH gone AS (
      DELETE FROM subscription_version WHERE org_id = ${tx.orgId} AND upload_id = ${id} RETURNING customer_id),
    touched AS (INSERT INTO stage_touched SELECT DISTINCT customer_id FROM gone),
    named AS (INSERT INTO stage_named SELECT DISTINCT customer_id FROM gone)
    SELECT count(*) AS count FROM gone`);
  await tx.rows(sql`
    WITH orphan AS (
      SELECT v.customer_id, v.id, v.sub_key, u.seq FROM subscription_version v
      JOIN upload u ON u.org_id = ${tx.orgId} AND u.id = v.upload_id
      WHERE v.org_id = ${tx.orgId} AND v.superseded_by = ${id}
    ), next AS (
      SELECT DISTINCT ON (o.id) o.customer_id, o.id, n.upload_id FROM orphan o LEFT JOIN (
        SELECT DISTINCT v.sub_key, v.upload_id, u.seq FROM subscription_version v
        JOIN upload u ON u.org_id = ${tx.orgId} AND u.id = v.upload_id
        WHERE v.org_id = ${tx.orgId} AND v.sub_key IN (SELECT sub_key FROM orphan)) n
        ON n.sub_key = o.sub_key AND n.seq > o.seq
      ORDER BY o.id, n.seq
    ), back AS (
      UPDATE subscription_version v SET superseded_by = next.upload_id FROM next
      WHERE v.org_id = ${tx.orgId} AND v.customer_id = next.customer_id AND v.id = next.id
      RETURNING v.customer_id, v.superseded_by)
    INSERT INTO stage_touched SELECT DISTINCT customer_id FROM back WHERE superseded_by IS NULL`);
  return Number(gone?.count ?? 0);
}

/** Customers that the upload said something of are what the other uploads say: per column, the newest that is not null. */
async function refold(tx: LedgerTx): Promise<void> {
  await tx.rows(sql`
    WITH named AS (SELECT DISTINCT customer_id FROM stage_named),
    fact AS (
      SELECT f.*, u.seq FROM customer_fact f JOIN named USING (customer_id)
      JOIN upload u ON u.org_id = ${tx.orgId} AND u.id = f.upload_id
      WHERE f.org_id = ${tx.orgId}
    ), fold AS (
      SELECT customer_id, (array_agg(name ORDER BY seq DESC) FILTER (WHERE name IS NOT NULL))[1] AS name,
        (array_agg(email ORDER BY seq DESC) FILTER (WHERE email IS NOT NULL))[1] AS email,
        (array_agg(country ORDER BY seq DESC) FILTER (WHERE country IS NOT NULL))[1] AS country,
        (array_agg(signup_at ORDER BY seq DESC) FILTER (WHERE signup_at IS NOT NULL))[1] AS signup_at,
        (array_agg(churn_provided ORDER BY seq DESC) FILTER (WHERE churn_provided IS NOT NULL))[1] AS churn_provided
      FROM fact GROUP BY customer_id
    ), attribute AS (
      SELECT customer_id, jsonb_object_agg(e.key, e.value ORDER BY fact.seq) AS attributes
      FROM fact, jsonb_each(fact.attributes) e GROUP BY customer_id)
    UPDATE customer c SET name = fold.name, email = fold.email, country = fold.country,
      signup_day = (fold.signup_at AT TIME ZONE coalesce(o.facts_timezone, o.timezone))::date, churn_provided = fold.churn_provided,
      attributes = coalesce(attribute.attributes, '{}')
    FROM named LEFT JOIN fold USING (customer_id) LEFT JOIN attribute USING (customer_id), organisation o
    WHERE c.org_id = ${tx.orgId} AND c.id = named.customer_id AND o.id = ${tx.orgId}`);
}

/**
 * Customers of whom no upload says anything any more are gone; their movements go with the refresh that follows. One that
 * is excluded or merged stays, and so does whom others count as: an import may bring them back.
 * @param named a FROM item with a column `customer_id`
 */
export async function removeEmptyCustomers(tx: LedgerTx, named: SQL): Promise<void> {
  const none = (table: "customer_fact" | "subscription_version" | "mrr_month" | "transaction") =>
    sql`NOT EXISTS (SELECT FROM ${sql.identifier(table)} f WHERE f.org_id = ${tx.orgId} AND f.customer_id = c.id)`;
  await tx.rows(sql`
    DELETE FROM customer c USING (SELECT DISTINCT customer_id FROM ${named} given) named
    WHERE c.org_id = ${tx.orgId} AND c.id = named.customer_id AND c.excluded_reason IS NULL
      AND NOT EXISTS (SELECT FROM customer_merge g WHERE g.org_id = ${tx.orgId} AND g.root_id = c.id)
      AND ${none("customer_fact")} AND ${none("subscription_version")} AND ${none("mrr_month")} AND ${none("transaction")}`);
}
