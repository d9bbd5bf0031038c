import { type SQL, sql } from "drizzle-orm";
import type { CustomerFacts } from "#contracts/source-facts.ts";
import { AppError } from "#root/errors.ts";
import { foldCustomers, removeEmptyCustomers } from "./fold-customers.ts";
import { lockFacts } from "./import-effects.ts";
import type { LedgerTx } from "./ledger.ts";
import { putAsideUploads } from "./put-aside.ts";
import { putUsage } from "./source-usage.ts";
import { putVersions } from "./source-versions.ts";
import { dropStage, stageTable } from "./stage-table.ts";

/**
 * Facts that a connected source gives, written in sets: what is the same as before stays untouched, so that deriving a
 * customer again costs a look. Whoever calls has to bring the numbers in line (refreshCustomers) for whom it returns.
 */

export interface GivenFacts {
  /** The vendor's id: the customer's id in all of the product. */
  customerId: string;
  facts: CustomerFacts;
}

/** Text as Postgres takes it: no NUL, no half of a surrogate pair. */
const clean = (text: string): string => text.replaceAll("\u0000", "").toWellFormed();
const cleanKeys = (given: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(given).map(([key, value]) => [clean(key), value]));

/** Rows for `jsonb_to_recordset`. */
const recordset = (rows: readonly unknown[]): SQL =>
  sql`jsonb_to_recordset(${JSON.stringify(rows, (_, value: unknown) => (typeof value === "string" ? clean(value) : value))}::jsonb)`;

/**
 * Replaces all that a source says of some customers. Waits for every other change of the organisation's facts.
 * @param given each customer once
 * @returns ids (customer.id) of whose facts are others than before, of a merged customer whom it counts as too; none where
 *   nothing changed
 * @throws AppError NOT_FOUND where the source is gone
 */
export async function putCustomerFacts(
  tx: LedgerTx,
  sourceId: string,
  given: readonly GivenFacts[],
): Promise<string[]> {
  if (given.length === 0) return [];
  const { timezone } = await lockFacts(tx);
  const [source] = await tx.rows<{ kind: string }>(
    sql`SELECT kind FROM source WHERE org_id = ${tx.orgId} AND id = ${sourceId}::uuid`,
  );
  if (!source) throw new AppError("NOT_FOUND", "There is no such source (any more).");
  await tx.rows(sql`UPDATE organisation SET sourced = true WHERE id = ${tx.orgId} AND NOT sourced`);
  await stageCustomers(tx, given);
  await putCustomers(tx, sourceId);
  const put = { sourceId, kind: source.kind, timezone };
  await putVersions(tx, put, stagedVersions(given));
  await putUsage(tx, put, stagedUsage(given));
  await putWarnings(tx, sourceId, given);
  await putAsideUploads(tx, sql`(SELECT owner_id AS customer_id FROM put_customer)`, "put_touched");
  const touched = await tx.rows<{ id: string }>(
    sql`SELECT DISTINCT customer_id::text AS id FROM put_touched`,
  );
  await dropStage(tx, "put_customer");
  await dropStage(tx, "put_touched");
  return touched.map(({ id }) => id);
}

/**
 * TEMP tables `put_customer` (external_id, id, is_new, owner_id: whom its money belongs to, and what is said of it) and
 * `put_touched` (customer_id), empty.
 */
async function stageCustomers(tx: LedgerTx, given: readonly GivenFacts[]): Promise<void> {
  const rows = given.map(({ customerId, facts: { customer } }) => ({
    ...{ external_id: customerId, name: customer.name, email: customer.email, country: customer.country },
    signup_at: customer.signedUpAt,
    attributes: cleanKeys(customer.attributes),
  }));
  await stageTable(
    tx,
    "put_customer",
    sql`SELECT i.id, i.is_new, coalesce(m.root_id, i.id) AS owner_id, i.external_id, i.name, i.email, i.country, i.signup_at, i.attributes
      FROM (
        SELECT coalesce(c.id, nextval('customer_id')) AS id, c.id IS NULL AS is_new, g.*
        FROM ${recordset(rows)} AS g (external_id text, name text, email text, country text, signup_at timestamptz, attributes jsonb)
        LEFT JOIN customer c ON c.org_id = ${tx.orgId} AND c.external_id = g.external_id) i
      LEFT JOIN customer_merge m ON m.org_id = ${tx.orgId} AND m.customer_id = i.id`,
  );
  await dropStage(tx, "put_touched");
  await tx.rows(sql`CREATE TEMP TABLE put_touched (customer_id bigint) ON COMMIT DROP`);
}

/** Makes the customers that are missing, and folds in what the source says of those of whom it says something else now. */
async function putCustomers(tx: LedgerTx, sourceId: string): Promise<void> {
  await tx.rows(sql`
    INSERT INTO customer (org_id, id, external_id)
    SELECT ${tx.orgId}::uuid, p.id, p.external_id FROM put_customer p WHERE p.is_new`);
  const said = sql.raw("name, email, country, signup_at, attributes");
  const [changed] = await tx.rows<{ any: boolean }>(sql`
    WITH said AS (
      INSERT INTO customer_fact AS f (org_id, customer_id, upload_id, source_id, line, signup_naive, ${said})
      SELECT ${tx.orgId}::uuid, p.id, ${sourceId}::uuid, ${sourceId}::uuid, 0, false, ${said} FROM put_customer p
      ON CONFLICT (org_id, customer_id, upload_id) DO UPDATE SET (${said}) = ROW (excluded.name, excluded.email, excluded.country,
        excluded.signup_at, excluded.attributes)
      WHERE (f.name, f.email, f.country, f.signup_at, f.attributes)
        IS DISTINCT FROM (excluded.name, excluded.email, excluded.country, excluded.signup_at, excluded.attributes)
      RETURNING f.customer_id
    ), noted AS (INSERT INTO put_touched SELECT customer_id FROM said)
    SELECT EXISTS (SELECT FROM said) AS any`);
  if (changed?.any) await foldCustomers(tx, sql`put_touched`);
}

const stagedVersions = (given: readonly GivenFacts[]): SQL =>
  recordset(
    given.flatMap(({ customerId, facts }) => facts.versions.map((one) => ({ ...one, customer: customerId }))),
  );

const stagedUsage = (given: readonly GivenFacts[]): SQL =>
  recordset(
    given.flatMap(({ customerId, facts }) => facts.usage.map((one) => ({ ...one, customer: customerId }))),
  );

/** The same words keep the time at which they were first said. */
async function putWarnings(tx: LedgerTx, sourceId: string, given: readonly GivenFacts[]): Promise<void> {
  const rows = given.flatMap(({ customerId, facts }) =>
    facts.warnings.map((message, no) => ({ customer_id: customerId, no, message })),
  );
  await tx.rows(sql`
    DELETE FROM source_warning w WHERE w.org_id = ${tx.orgId} AND w.source_id = ${sourceId}::uuid
      AND w.customer_id IN (SELECT external_id FROM put_customer)
      AND NOT EXISTS (SELECT FROM ${recordset(rows)} AS r (customer_id text, no int, message text)
        WHERE r.customer_id = w.customer_id AND r.no = w.no AND r.message = w.message)`);
  if (rows.length === 0) return;
  await tx.rows(sql`
    INSERT INTO source_warning (org_id, source_id, customer_id, no, message)
    SELECT ${tx.orgId}::uuid, ${sourceId}::uuid, r.customer_id, r.no, r.message
    FROM ${recordset(rows)} AS r (customer_id text, no int, message text) ON CONFLICT DO NOTHING`);
}

/**
 * Takes back all that a source gave: customers of whom nothing else is known are gone. Waits for every other change of the
 * organisation's facts.
 * @returns ids of whose facts are others than before
 */
export async function removeSourceFacts(tx: LedgerTx, sourceId: string): Promise<string[]> {
  await lockFacts(tx);
  await dropStage(tx, "put_touched");
  await tx.rows(sql`CREATE TEMP TABLE put_touched (customer_id bigint) ON COMMIT DROP`);
  for (const table of ["subscription_version", "transaction", "customer_fact"])
    await tx.rows(sql`
      WITH gone AS (
        DELETE FROM ${sql.identifier(table)} WHERE org_id = ${tx.orgId} AND source_id = ${sourceId}::uuid RETURNING customer_id)
      INSERT INTO put_touched SELECT DISTINCT customer_id FROM gone`);
  await tx.rows(sql`DELETE FROM source_warning WHERE org_id = ${tx.orgId} AND source_id = ${sourceId}::uuid`);
  await tx.rows(sql`ANALYZE put_touched`);
  // what uploads said of the same subscriptions counts again
  await putAsideUploads(tx, sql`put_touched`, "put_touched");
  await foldCustomers(tx, sql`put_touched`);
  const touched = await tx.rows<{ id: string }>(
    sql`SELECT DISTINCT customer_id::text AS id FROM put_touched`,
  );
  await removeEmptyCustomers(tx, sql`put_touched`);
  await tx.rows(sql`UPDATE organisation SET sourced = EXISTS (
    SELECT FROM subscription_version WHERE org_id = ${tx.orgId} AND source_id IS NOT NULL) WHERE id = ${tx.orgId}`);
  await dropStage(tx, "put_touched");
  return touched.map(({ id }) => id);
}
