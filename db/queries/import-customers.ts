import { type SQL, sql } from "drizzle-orm";
import type { ColumnType } from "#contracts/upload-kinds.ts";
import { column, dayOf, has, instantOf, isNaive, type Staged } from "./import-stage.ts";
import type { LedgerTx } from "./ledger.ts";

/**
 * What an upload says of customers. A customer row is the fold of all that live uploads said, the newest non-null value
 * last; an upload that is applied is always the newest.
 */

interface Detail {
  /** Column of customer_fact. */
  fact: "name" | "email" | "country" | "churn_provided";
  staged: string;
  type: ColumnType;
}

const detailsOf = (stage: Staged): Detail[] => {
  const own = stage.kind === "customers";
  const all: Detail[] = [
    { fact: "name", staged: own ? "name" : "customer_name", type: "text" },
    { fact: "email", staged: own ? "email" : "customer_email", type: "text" },
    { fact: "country", staged: "country", type: "text" },
    { fact: "churn_provided", staged: "churned", type: "churned" },
  ];
  return all.filter(({ staged }) => has(stage, staged));
};

/** Columns of stage_customer that go into customer and customer_fact, as `, name` each. */
interface Said {
  columns: string[];
  signup: boolean;
  attributes: boolean;
}
const listed = (names: readonly string[], of = ""): SQL =>
  sql.join(names.map((name) => sql`, ${sql.raw(of)}${sql.identifier(name)}`));

/**
 * Writes the customers of a filled stage: makes those that are missing, folds in what the file says, and keeps it as a
 * fact. Leaves TEMP tables stage_customer (id, external_id, is_new, root_id), one row per customer of the file, root_id being
 * whom a merged customer counts as, and stage_touched (customer_id): those that are new or of whom something else is known now.
 */
export async function writeCustomers(tx: LedgerTx, stage: Staged, uploadId: string): Promise<void> {
  const details = detailsOf(stage);
  const said: Said = {
    columns: details.map(({ fact }) => fact),
    signup: has(stage, "signup_at"),
    attributes: stage.attributes,
  };
  await tx.rows(sql`
    CREATE TEMP TABLE stage_customer ON COMMIT DROP AS
    SELECT coalesce(c.id, nextval('customer_id')) AS id, c.id IS NULL AS is_new, m.root_id, g.*
    FROM (${customersOf(stage, details, said.signup)}) g
    LEFT JOIN customer c ON c.org_id = ${tx.orgId} AND c.external_id = g.external_id
    LEFT JOIN customer_merge m ON m.org_id = ${tx.orgId} AND m.customer_id = c.id`);
  await tx.rows(sql`ANALYZE stage_customer`);
  await tx.rows(
    sql`CREATE TEMP TABLE stage_touched ON COMMIT DROP AS SELECT id AS customer_id FROM stage_customer WHERE is_new`,
  );
  await foldIn(tx, said);
  await insertNew(tx, said);
  // a row of money says of its customer that it exists; where there is none, the fact has to
  await insertFacts(tx, said, uploadId, stage.kind === "customers" || stage.kind === "mrr_by_month");
}

/** For rows of money of `c` (stage_customer): customer_id and merged_from. */
export const moneyOwner: SQL = sql`coalesce(c.root_id, c.id), CASE WHEN c.root_id IS NOT NULL THEN c.id END`;

async function insertNew(tx: LedgerTx, { columns, signup, attributes }: Said): Promise<void> {
  await tx.rows(sql`
    INSERT INTO customer (org_id, id, external_id ${listed(columns)} ${signup ? sql`, signup_day` : sql``}
      ${attributes ? sql`, attributes` : sql``})
    SELECT ${tx.orgId}::uuid, g.id, g.external_id ${listed(columns, "g.")} ${signup ? sql`, g.signup_day` : sql``}
      ${attributes ? sql`, coalesce(g.attributes, '{}')` : sql``}
    FROM stage_customer g WHERE g.is_new`);
}

async function insertFacts(tx: LedgerTx, said: Said, uploadId: string, empty: boolean): Promise<void> {
  const { columns, signup, attributes } = said;
  const names = [...columns, ...(signup ? ["signup_at"] : []), ...(attributes ? ["attributes"] : [])];
  if (names.length === 0 && !empty) return;
  const values = sql.join(
    names.map((name) => sql`g.${sql.identifier(name)}`),
    sql`, `,
  );
  await tx.rows(sql`
    INSERT INTO customer_fact (org_id, customer_id, upload_id, line ${listed(columns)}
      ${signup ? sql`, signup_at, signup_naive` : sql``} ${attributes ? sql`, attributes` : sql``})
    SELECT ${tx.orgId}::uuid, g.id, ${uploadId}::uuid, g.line ${listed(columns, "g.")}
      ${signup ? sql`, g.signup_at, g.signup_naive` : sql``} ${attributes ? sql`, g.attributes` : sql``}
    FROM stage_customer g ${empty ? sql`` : sql`WHERE num_nonnulls(${values}) > 0`}`);
}

/** Customers that were there: what this upload says goes over what was known. */
async function foldIn(tx: LedgerTx, { columns, signup, attributes }: Said): Promise<void> {
  const names = [...columns, ...(signup ? ["signup_day"] : []), ...(attributes ? ["attributes"] : [])];
  if (names.length === 0) return;
  const values = names.map((text) => {
    const name = sql.identifier(text);
    const [known, now] = [sql`c.${name}`, sql`g.${name}`];
    return {
      name,
      value:
        text === "attributes" ? sql`${known} || coalesce(${now}, '{}')` : sql`coalesce(${now}, ${known})`,
    };
  });
  const assigned = values.map(({ name, value }) => sql`${name} = ${value}`);
  const changed = values.map(({ name, value }) => sql`c.${name} IS DISTINCT FROM ${value}`);
  await tx.rows(sql`
    WITH changed AS (
      UPDATE customer c SET ${sql.join(assigned, sql`, `)} FROM stage_customer g
      WHERE NOT g.is_new AND c.org_id = ${tx.orgId} AND c.id = g.id AND (${sql.join(changed, sql` OR `)}) RETURNING c.id)
    INSERT INTO stage_touched SELECT id FROM changed`);
}

/** One row per customer of the file: external_id, line and what the file says, its last word on each. */
function customersOf(stage: Staged, details: readonly Detail[], signup: boolean): SQL {
  const signupColumns = signup
    ? sql`, ${instantOf(stage, "signup_at")} AS signup_at, ${dayOf(stage, "signup_at")} AS signup_day,
        ${isNaive(stage, "signup_at")} AS signup_naive`
    : sql``;
  const plain = details.map(
    ({ fact, staged, type }) => sql`, ${column(stage, staged, type)} AS ${sql.identifier(fact)}`,
  );
  const names = [...details.map(({ staged }) => staged), ...(signup ? ["signup_at"] : [])];
  const last = sql`
    SELECT DISTINCT ON (s.customer_id COLLATE "C") s.customer_id AS external_id, s.line ${sql.join(plain)} ${signupColumns}
    FROM stage s ORDER BY s.customer_id COLLATE "C", s.line DESC`;
  const rows = names.some((name) => stage.mixed.has(name)) ? lastWords(stage, details, signup) : last;
  if (!stage.attributes) return rows;
  return sql`
    SELECT r.*, a.attributes FROM (${rows}) r LEFT JOIN (
      SELECT d.customer_id, jsonb_object_agg(e.key, e.value ORDER BY d.line) AS attributes
      FROM (SELECT customer_id, attributes, max(line) AS line FROM stage WHERE attributes IS NOT NULL GROUP BY 1, 2) d,
        jsonb_each(d.attributes::jsonb) e
      GROUP BY d.customer_id) a ON a.customer_id = r.external_id`;
}

/** As `customersOf` where some rows leave a column empty that others fill: the last that is not empty. */
function lastWords(stage: Staged, details: readonly Detail[], signup: boolean): SQL {
  const lastOf = (value: SQL, given: SQL): SQL =>
    sql`(array_agg(${value} ORDER BY s.line DESC) FILTER (WHERE ${given} IS NOT NULL))[1]`;
  const plain = details.map(({ fact, staged, type }) => {
    const value = column(stage, staged, type);
    return sql`, ${lastOf(value, value)} AS ${sql.identifier(fact)}`;
  });
  const given = column(stage, "signup_at", "date");
  const signupColumns = signup
    ? sql`, ${lastOf(instantOf(stage, "signup_at"), given)} AS signup_at, ${lastOf(dayOf(stage, "signup_at"), given)} AS signup_day,
        coalesce(${lastOf(isNaive(stage, "signup_at"), given)}, true) AS signup_naive`
    : sql``;
  return sql`SELECT s.customer_id AS external_id, max(s.line) AS line ${sql.join(plain)} ${signupColumns}
    FROM stage s GROUP BY s.customer_id`;
}
