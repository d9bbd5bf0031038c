import { sql } from "drizzle-orm";
import type { Day } from "#metrics/day.ts";
import type { FxRate, Movement, SubscriptionState, UnvaluedSpan } from "#metrics/ledger.ts";
import type { OrgTx } from "../database.ts";
import type { TestDatabase } from "../testing.ts";
import { foldSums } from "./fold-sums.ts";
import { keepSums, noteAsked } from "./keep-sums.ts";
import type { SumsQuestion } from "./kept-sums.ts";
import { refreshCustomers } from "./refresh.ts";

/** A version as the engine takes it, and what it would pay with fewer of its discounts (default: the same). */
export type FactState = SubscriptionState & {
  annualList?: string;
  annualRecurring?: string;
  annualForever?: string;
};
/** What only sources tell of a version. */
const isSourced = (one: FactState): boolean =>
  [one.annualRecurring, one.annualForever, one.pastDueSince, one.cancelRequestedDay].some(
    (told) => told != null,
  );

/** Facts as an import leaves them, written short: for tests of the queries. */
export interface Facts {
  states?: readonly FactState[];
  rates?: readonly FxRate[];
  customers?: readonly FactCustomer[];
  activities?: readonly { customerId: string; day: Day; amount?: string; currency?: string }[];
  /** `month` is 'YYYY-MM'; in the organisation's currency. */
  spend?: readonly { month: string; amount: string }[];
}
export interface FactCustomer {
  customerId: string;
  name?: string | null;
  country?: string | null;
  signupDay?: Day | null;
  attributes?: Record<string, string>;
  excluded?: boolean;
}

/** Makes sums that are kept, as if people had asked for them, however few rows they are of. */
export async function keepAsked(tx: OrgTx, questions: readonly SumsQuestion[]): Promise<void> {
  for (const question of questions) await noteAsked(tx, question, 0);
  for (const { id } of await tx.rows<{ id: number }>(
    sql`SELECT id FROM kept_sums WHERE org_id = ${tx.orgId}`,
  ))
    await keepSums(tx, id, { holding: false });
}

/** Removes every fact of the organisation; the ledger stays until the next refresh. */
export async function clearFacts(tx: OrgTx): Promise<void> {
  await tx.rows(sql`UPDATE organisation SET sourced = false, settled_day = NULL WHERE id = ${tx.orgId}`);
  for (const table of ["subscription_version", "fx_rate", "transaction", "spend", "customer"])
    await tx.rows(sql`DELETE FROM ${sql.identifier(table)} WHERE org_id = ${tx.orgId}`);
}

/** An organisation with these facts and no others, counted by these rules, and its ledger of them. */
export const loadFacts = (
  t: Pick<TestDatabase, "worker">,
  orgId: string,
  facts: Facts,
  policy: object = {},
) =>
  t.worker.withOrg(orgId, async (tx) => {
    await clearFacts(tx);
    await tx.rows(
      sql`UPDATE organisation SET policy = ${JSON.stringify(policy)}::jsonb WHERE id = ${tx.orgId}`,
    );
    await writeFacts(tx, facts);
    await refreshCustomers(tx, { touched: "all", cause: "upload" });
  });

const json = (rows: readonly unknown[]) => sql`${JSON.stringify(rows)}::jsonb`;

/** Adds facts; customers that are missing are made. */
export async function writeFacts(tx: OrgTx, facts: Facts): Promise<void> {
  const { states = [], rates = [], customers = [], activities = [], spend = [] } = facts;
  const named = new Map<string, FactCustomer>();
  for (const { customerId } of [...states, ...activities]) named.set(customerId, { customerId });
  for (const customer of customers) named.set(customer.customerId, customer);
  await tx.rows(sql`
    INSERT INTO customer (org_id, external_id, name, country, signup_day, attributes, excluded_reason)
    SELECT ${tx.orgId}::uuid, "customerId", name, country, "signupDay", coalesce(attributes, '{}'), CASE WHEN excluded THEN 'test' END
    FROM jsonb_to_recordset(${json([...named.values()])})
      AS c ("customerId" text, name text, country text, "signupDay" date, attributes jsonb, excluded boolean)
    ON CONFLICT (org_id, external_id) DO UPDATE SET name = coalesce(excluded.name, customer.name),
      country = coalesce(excluded.country, customer.country), signup_day = coalesce(excluded.signup_day, customer.signup_day),
      attributes = excluded.attributes, excluded_reason = excluded.excluded_reason`);
  await tx.rows(sql`
    INSERT INTO subscription_version (org_id, customer_id, sub_key, subscription_id, plan, currency, interval, unit_amount,
      annual_list, annual, annual_recurring, annual_forever, status, started_at, ended_at, from_day, to_day, source, past_due_day,
      past_due_paid_day, past_due_lost_day, cancel_day)
    SELECT ${tx.orgId}::uuid, c.id, s."subscriptionId", s."subscriptionId", s.plan, s.currency, s.interval, s.annual,
      coalesce(s."annualList", s.annual), s.annual, s."annualRecurring", s."annualForever", coalesce(s.status, 'active'), s."fromDay", s."toDay", s."fromDay", s."toDay",
      s.source, s."pastDueSince", s."pastDuePaidDay", s."pastDueLostDay", s."cancelRequestedDay"
    FROM jsonb_to_recordset(${json(states)}) AS s ("customerId" text, "subscriptionId" text, plan text, currency text,
      interval text, annual numeric, "annualList" numeric, "annualRecurring" numeric, "annualForever" numeric, status text, "fromDay" date,
      "toDay" date, source text, "pastDueSince" date, "pastDuePaidDay" date, "pastDueLostDay" date, "cancelRequestedDay" date)
    JOIN customer c ON c.org_id = ${tx.orgId} AND c.external_id = s."customerId"`);
  if (states.some(isSourced))
    await tx.rows(sql`UPDATE organisation SET sourced = true WHERE id = ${tx.orgId}`);
  await tx.rows(sql`
    INSERT INTO fx_rate (org_id, day, from_currency, to_currency, rate)
    SELECT ${tx.orgId}::uuid, day, "from", "to", rate
    FROM jsonb_to_recordset(${json(rates)}) AS r (day date, "from" text, "to" text, rate numeric)`);
  await tx.rows(sql`
    INSERT INTO spend (org_id, month, amount, currency)
    SELECT ${tx.orgId}::uuid, (s.month || '-01')::date, s.amount, o.currency
    FROM jsonb_to_recordset(${json(spend)}) AS s (month text, amount numeric)
    JOIN organisation o ON o.id = ${tx.orgId}`);
  if (activities.length > 0) await writeActivities(tx, activities);
}

async function writeActivities(tx: OrgTx, activities: NonNullable<Facts["activities"]>): Promise<void> {
  const [upload] = await tx.rows<{ id: string }>(sql`
    INSERT INTO upload (org_id, id, file_name, kind, status)
    VALUES (${tx.orgId}, gen_random_uuid(), 'transactions.csv', 'transactions', 'done') RETURNING id`);
  await tx.rows(sql`
    INSERT INTO transaction (org_id, customer_id, at, day, amount, currency, upload_id, line)
    SELECT ${tx.orgId}::uuid, c.id, a.day, a.day, a.amount, a.currency, ${upload?.id}::uuid, 2
    FROM jsonb_to_recordset(${json(activities)}) AS a ("customerId" text, day date, amount numeric, currency text)
    JOIN customer c ON c.org_id = ${tx.orgId} AND c.external_id = a."customerId"`);
}

export type LedgerRow = Omit<Movement, "subscriptionId">;

/** The stored ledger in the engine's words and order. */
export async function readLedger(tx: OrgTx): Promise<{ movements: LedgerRow[]; unvalued: UnvaluedSpan[] }> {
  const movements = await tx.rows<LedgerRow & Record<string, unknown>>(sql`
    SELECT c.external_id AS "customerId", m.day::text AS day, m.kind, trim_scale(m.annual)::text AS annual,
      trim_scale(m.before_annual)::text AS "beforeAnnual", m.cohort_day::text AS "cohortDay",
      trim_scale(m.initial_annual)::text AS "initialAnnual", m.cause
    FROM movement m JOIN customer c ON c.org_id = ${tx.orgId} AND c.id = m.customer_id
    WHERE m.org_id = ${tx.orgId} ORDER BY c.external_id COLLATE "C", m.day, m.kind <> 'fx'`);
  const unvalued = await tx.rows<UnvaluedSpan & Record<string, unknown>>(sql`
    SELECT c.external_id AS "customerId", u.currency, u.from_day::text AS "fromDay", u.to_day::text AS "toDay"
    FROM unvalued u JOIN customer c ON c.org_id = ${tx.orgId} AND c.id = u.customer_id
    WHERE u.org_id = ${tx.orgId} ORDER BY c.external_id COLLATE "C", u.currency, u.from_day`);
  return { movements, unvalued };
}

/**
 * Everything that a refresh writes but restatements, for comparing one refresh with another. Slices of an attribute that no
 * customer has any more are left out: they stay until everything is made afresh, and nobody is offered them.
 */
export async function readRollups(tx: OrgTx): Promise<Record<string, unknown[]>> {
  await foldSums(tx);
  const borne = sql`(s.key IS NULL OR s.key NOT LIKE 'attr.%' OR EXISTS (
    SELECT FROM customer b WHERE b.org_id = ${tx.orgId} AND b.attributes ? substr(s.key, 6)))`;
  const read = (table: string, key: string) =>
    tx.rows(sql`SELECT s.key, coalesce(s.value, k.filter::text || k.grain) AS value, to_jsonb(t) - 'org_id' - 'slice' AS row
      FROM ${sql.identifier(table)} t LEFT JOIN slice s ON s.org_id = ${tx.orgId} AND s.id = t.slice
      LEFT JOIN kept_sums k ON k.org_id = ${tx.orgId} AND k.id = t.slice WHERE t.org_id = ${tx.orgId} AND ${borne}
      ORDER BY s.key NULLS FIRST, coalesce(s.value, k.filter::text || k.grain) COLLATE "C" NULLS FIRST, ${sql.raw(key)}`);
  const named = sql`JOIN customer c ON c.org_id = ${tx.orgId} AND c.id = t.customer_id WHERE t.org_id = ${tx.orgId}`;
  return {
    days: await read("day_rollup", "day"),
    months: await read("month_rollup", "day"),
    levels: await read("level_rollup", "day"),
    cohorts: await read("cohort_rollup", "cohort, day"),
    sizes: await read("cohort_size", "cohort"),
    parts:
      await tx.rows(sql`SELECT c.external_id AS customer, s.key, s.value, to_jsonb(t) - 'org_id' - 'slice' - 'customer_id' AS row
      FROM movement_part t JOIN slice s ON s.org_id = ${tx.orgId} AND s.id = t.slice ${named}
      ORDER BY c.external_id COLLATE "C", s.key, s.value COLLATE "C", t.day, t.kind`),
    untils:
      await tx.rows(sql`SELECT c.external_id AS customer, to_jsonb(t) - 'org_id' - 'customer_id' AS row FROM movement t ${named}
      ORDER BY c.external_id COLLATE "C", t.day, t.kind`),
    members: await tx.rows(sql`SELECT c.external_id AS customer, s.key, s.value FROM slice_member t
      JOIN slice s ON s.org_id = ${tx.orgId} AND s.id = t.slice ${named}
      ORDER BY c.external_id COLLATE "C", s.key, s.value COLLATE "C"`),
    tags: await tx.rows(sql`SELECT c.external_id AS customer, trim_scale(t.standing_annual)::text AS standing, ARRAY(
        SELECT s.key || '=' || s.value FROM slice s WHERE s.org_id = ${tx.orgId} AND s.id = ANY (t.slices) AND ${borne} ORDER BY 1) AS tags
      FROM customer_slice t ${named} ORDER BY c.external_id COLLATE "C"`),
  };
}
