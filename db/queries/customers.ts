import { type SQL, sql } from "drizzle-orm";
import type { z } from "zod";
import type { CustomerItem, customersInput, customersOutput } from "#contracts/analytics.ts";
import { addDays, type Day, monthsBetween } from "#metrics/day.ts";
import { exact, fromUnits, mrrFromAnnual, toNumber, toUnits } from "#metrics/decimal.ts";
import { changeDays } from "#metrics/top-customers.ts";
import { decodeCursor, page } from "../cursor.ts";
import { getAnalyticsSettings } from "./analytics-settings.ts";
import { type LedgerTx, unvaluedQuery } from "./ledger.ts";
import { daysCutAt, findLedgerSource, joinByHash, type LedgerSource } from "./ledger-source.ts";
import { observationOf } from "./ranges.ts";

export type CustomersQuery = z.output<typeof customersInput>;

export interface CustomerRow extends Record<string, unknown> {
  id: string;
  customer_id: string;
  name: string | null;
  email: string | null;
  country: string | null;
  signed_up: Day | null;
  attributes: Record<string, string>;
  first_paid: Day | null;
  annual: string;
  past_annual: string;
  unvalued: boolean;
  sort_key: string;
}

/** The row of a customer's ledger that holds at the end of a day: there is at most one. */
const holds = (row: string, day: Day): SQL =>
  sql`${sql.raw(row)}.day <= ${day}::date AND (${sql.raw(row)}.until_day IS NULL OR ${sql.raw(row)}.until_day > ${day}::date)`;

/** FROM item: customers `c`, each with the row `now` that holds on a day, if any. */
export const standingFrom = (ledger: SQL, asOf: Day): SQL =>
  sql`customer c LEFT JOIN ${ledger} now ON now.customer_id = c.id AND ${holds("now", asOf)}`;

/**
 * As `standingFrom`, of the customers that pay most alone: found by the slices' index, and those besides whose amount will change after
 * the day. Null where the index does not tell.
 * @param atMost the annual amount that all of them are to stay below or at
 */
function topFrom(source: LedgerSource, asOf: Day, limit: number, atMost?: string): SQL | null {
  const { rollups, conditions, scope } = source;
  if (!rollups || conditions.customers || conditions.versions || asOf < rollups.by.daysFrom) return null;
  const below = atMost === undefined ? sql`` : sql`AND s.standing_annual <= ${atMost}::numeric`;
  const held = sql`m.org_id = ${scope.orgId} AND m.day <= ${asOf}::date AND m.kind <> 'churn'`;
  return sql`customer c JOIN (
    SELECT * FROM (
      SELECT m.* FROM customer_slice s JOIN movement m ON ${held} AND m.customer_id = s.customer_id AND m.until_day IS NULL
      WHERE s.org_id = ${scope.orgId} AND s.standing_annual IS NOT NULL ${below}
      ORDER BY s.standing_annual DESC FETCH FIRST ${limit + 1} ROWS WITH TIES) lasting
    UNION ALL SELECT m.* FROM movement m WHERE ${held} AND m.until_day > ${asOf}::date AND m.customer_id = ANY (ARRAY(
      SELECT r.customer_id FROM movement r WHERE r.org_id = ${scope.orgId} AND r.recent AND r.day > ${asOf}::date))
  ) now ON now.customer_id = c.id`;
}

/** SELECT that makes `CustomerRow` of some rows of `standingFrom`; `sortKey` may name `c` and `now`. */
export function customerRows(source: LedgerSource, asOf: Day, listed: { sortKey: SQL; from: SQL }): SQL {
  const { scope, conditions, ledger } = source;
  const spans =
    conditions.versions === null
      ? sql`SELECT customer_id, from_day, to_day FROM unvalued WHERE org_id = ${scope.orgId}`
      : unvaluedQuery(scope);
  const unvalued = scope.shape.foreign
    ? sql`p.id IN (SELECT customer_id FROM (${spans}) u WHERE from_day <= ${asOf}::date AND (to_day IS NULL OR to_day > ${asOf}::date))`
    : sql`false`;
  return sql`SELECT p.id::text AS id, p.external_id AS customer_id, p.name, p.email, p.country, p.signup_day::text AS signed_up,
      p.attributes, p.cohort_day::text AS first_paid, p.annual::text AS annual,
      coalesce(past.before_annual + past.annual, 0)::text AS past_annual, ${unvalued} AS unvalued, p.sort_key::text AS sort_key
    FROM (SELECT c.*, now.cohort_day, coalesce(now.before_annual + now.annual, 0) AS annual, ${listed.sortKey} AS sort_key
      FROM ${listed.from}) p
    LEFT JOIN ${ledger} past ON past.customer_id = p.id AND ${holds("past", addDays(asOf, -changeDays))}`;
}

const mrrKey = sql`coalesce(now.before_annual + now.annual, 0)`;
const nameKey = sql`lower(coalesce(c.name, c.external_id))`;
interface Sort {
  key: SQL;
  part: keyof typeof typeOf;
  descending: boolean;
}
/** Of what a cursor's part is compared to. */
const typeOf = { text: sql.raw("text"), day: sql.raw("date"), decimal: sql.raw("numeric") };
const ascending = (key: SQL, part: Sort["part"]): Sort => ({ key, part, descending: false });
const descending = (key: SQL, part: Sort["part"]): Sort => ({ key, part, descending: true });
/** Who never paid comes last either way. */
const sorts: Record<CustomersQuery["sort"], Sort> = {
  "-mrr": descending(mrrKey, "decimal"),
  mrr: ascending(mrrKey, "decimal"),
  name: ascending(nameKey, "text"),
  "-name": descending(nameKey, "text"),
  customer_id: ascending(sql`c.external_id`, "text"),
  "-customer_id": descending(sql`c.external_id`, "text"),
  first_paid: ascending(sql`coalesce(now.cohort_day, 'infinity'::date)`, "day"),
  "-first_paid": descending(sql`coalesce(now.cohort_day, '-infinity'::date)`, "day"),
};

/** Filter, search and standing: a subscription filter leaves only who ever paid for what matches. */
function listedWhere(source: LedgerSource, { search }: CustomersQuery): SQL {
  const { customers, versions } = source.conditions;
  const conditions = [sql`c.org_id = ${source.scope.orgId} AND c.excluded_reason IS NULL`];
  if (customers) conditions.push(customers);
  if (versions) conditions.push(sql`now.customer_id IS NOT NULL`);
  if (search)
    conditions.push(sql`(strpos(lower(c.external_id), lower(${search})) > 0 OR strpos(lower(coalesce(c.name, '')), lower(${search})) > 0
      OR strpos(lower(coalesce(c.email, '')), lower(${search})) > 0)`);
  return sql.join(conditions, sql` AND `);
}

/**
 * Customers as observed on a day, a page at a time; of equals by id. `cumulative_share` is known in the order `-mrr` only;
 * `share` is of the MRR that the filter leaves.
 * @throws AppError BAD_REQUEST: `bad_period`, `bad_cursor`
 */
export async function listCustomers(
  tx: LedgerTx,
  query: CustomersQuery,
): Promise<z.output<typeof customersOutput>> {
  const settings = await getAnalyticsSettings(tx);
  const { asOf } = observationOf(settings, query);
  const source = await findLedgerSource(tx, settings, query.filter);
  const { key, part, descending: down } = sorts[query.sort];
  const where = listedWhere(source, query);
  // the sort key and id of the page's last customer, and what it and all before it pay
  const [after, afterId, before] = query.cursor ? decodeCursor(query.cursor, [part, "text", "decimal"]) : [];
  const beyond =
    after === undefined
      ? sql``
      : sql`AND (${key} ${down ? sql`<` : sql`>`} ${after}::${typeOf[part]} OR (${key} = ${after}::${typeOf[part]} AND c.external_id > ${afterId}))`;
  if (!source.rollups) await joinByHash(tx);
  const from = standingFrom(source.ledger, asOf);
  const order = sql`${down ? sql`DESC` : sql``}`;
  const list = (who: SQL) => {
    const listed = sql`${who} WHERE ${where} ${beyond} ORDER BY ${key} ${order}, c.external_id LIMIT ${query.limit + 1}`;
    return tx.rows<CustomerRow>(sql`
      ${source.with} ${customerRows(source, asOf, { sortKey: key, from: listed })} ORDER BY p.sort_key ${order}, p.external_id`);
  };
  const indexed = settings.slicesBuilt && query.sort === "-mrr" && !query.search;
  const top = indexed ? topFrom(source, asOf, query.limit, after) : null;
  let rows = top ? await list(top) : [];
  // also who pays nothing is listed, after all others
  if (rows.length <= query.limit) rows = await list(from);
  const total = await totalUnits(tx, source, asOf);
  const [count] = await tx.rows<{ count: string }>(sql`
    ${source.with} SELECT count(*)::text AS count FROM ${source.conditions.versions === null ? sql`customer c` : from} WHERE ${where}`);

  let running = query.sort === "-mrr" && !query.search ? toUnits(before || "0") : null;
  const withRunning = rows.map((row) => {
    if (running !== null) running += toUnits(row.annual);
    return { row, running };
  });
  const { items, next } = page(withRunning, query.limit, ({ row, running: paid }) => [
    row.sort_key,
    row.customer_id,
    paid === null ? "0" : fromUnits(paid),
  ]);
  return {
    items: items.map(({ row, running: paid }) => customerItem(row, { total, running: paid, asOf })),
    next,
    total: Number(count?.count ?? 0),
    currency: settings.currency,
    policy: { preset: settings.policy.preset, version: settings.policyVersion },
    as_of: asOf,
  };
}

/** All MRR on a day, annual, in units of 10^-12. */
export async function totalUnits(tx: LedgerTx, source: LedgerSource, asOf: Day): Promise<bigint> {
  const [found] = await tx.rows<{ annual: string | null }>(sql`${source.with}
    SELECT sum(new_annual + expansion_annual + reactivation_annual + contraction_annual + churn_annual + fx_annual)::text AS annual
    FROM ${daysCutAt(source, [asOf])} d WHERE day <= ${asOf}::date`);
  return toUnits(found?.annual ?? "0");
}

/** A customer on the wire. `running`: what it and all larger ones pay; null where the order does not tell. */
export function customerItem(
  row: CustomerRow,
  { total, running, asOf }: { total: bigint; running: bigint | null; asOf: Day },
): CustomerItem {
  const [now, past] = [toUnits(row.annual), toUnits(row.past_annual)];
  const shareOf = (part: bigint): number | null => (total === 0n ? null : toNumber(exact(part, total)));
  return {
    customer_id: row.customer_id,
    name: row.name,
    email: row.email,
    country: row.country,
    mrr: row.unvalued ? null : mrrFromAnnual(row.annual),
    signed_up: row.signed_up,
    first_paid: row.first_paid,
    attributes: row.attributes,
    // of an amount without a value nothing is known, which is not nothing
    share: row.unvalued ? null : shareOf(now),
    cumulative_share: running === null ? null : shareOf(running),
    change_90d: row.unvalued || past === 0n ? null : toNumber(exact(now - past, past)),
    tenure_months: row.first_paid === null ? null : monthsBetween(row.first_paid, asOf),
  };
}
