import { type SQL, sql } from "drizzle-orm";
import type { LedgerTx } from "./ledger.ts";

/** What is known of customers, out of all that uploads and sources say of them. */

/**
 * Customers are what uploads and sources say: per column, the newest that is not null. A source counts as given when it was
 * connected; one that is gone while what it said was kept, as older than everything.
 * @param customers a FROM item with a column `customer_id`
 */
export async function foldCustomers(tx: LedgerTx, customers: SQL): Promise<void> {
  await tx.rows(sql`
    WITH named AS (SELECT DISTINCT customer_id FROM ${customers} given),
    fact AS (
      SELECT f.*, coalesce(u.seq, s.seq, 0) AS seq FROM customer_fact f JOIN named USING (customer_id)
      LEFT JOIN upload u ON u.org_id = ${tx.orgId} AND u.id = f.upload_id
      LEFT JOIN source s ON s.org_id = ${tx.orgId} AND s.id = f.source_id
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
 * Customers of whom nothing says anything any more are gone; their movements go with the refresh that follows. One that
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
