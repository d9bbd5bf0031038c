import { type SQL, sql } from "drizzle-orm";
import type { LedgerScope } from "./ledger.ts";

/**
 * What only sources know of a version, settled by the policy: when it stops counting because nobody paid, or because a
 * cancellation was asked for. The twin of `applyBilling` (metrics/billing.ts). FROM items that stand for subscription_version:
 * one plain SELECT each, so that the planner sees through them.
 */

type Settling = Pick<LedgerScope, "policy" | "today" | "sourced" | "from">;

/** Columns of slices' own versions (slices.ts), and those that all others have besides. */
const otherThanCustomer =
  "org_id, id, sub_key, subscription_id, plan, currency, interval, source, annual_list, annual, annual_recurring, annual_forever, status, past_due_day, superseded_by";
const ledgerColumns = `customer_id, ${otherThanCustomer}`;
/** What tells when a version counts, in columns of subscription_version. */
const termColumns = "past_due_paid_day, past_due_lost_day, cancel_day, from_day, to_day";
const otherColumns =
  "quantity, unit_amount, started_at, ended_at, trial_end, upload_id, line, merged_from, source_id, cancel_day, confidence, evidence, note";

/** What a trial is of: of a source the subscription, whose items come and go. */
export const trialKey: SQL = sql`coalesce(v.source_id::text || ' ' || v.subscription_id, v.sub_key)`;

/** A version that is past due from some day on. */
export const countsLate: SQL = sql`(v.status = 'past_due' AND v.past_due_day IS NOT NULL)`;

/** Whether versions may count nothing because nobody paid. */
export const mayLapse = ({ policy, sourced }: Settling): boolean => sourced && policy.past_due !== "counts";

/** When a version ends: where it does, or where its cancellation was asked for. */
const end = ({ policy }: Settling): SQL =>
  policy.cancel === "request"
    ? sql`CASE WHEN v.cancel_day IS NULL THEN v.to_day ELSE greatest(least(v.cancel_day, v.to_day), v.from_day) END`
    : sql`v.to_day`;

/** The last day of the grace, which counts no more unless it was paid by then. */
const graceEnd = ({ policy }: Settling): SQL => sql`(v.past_due_day + ${policy.past_due_days}::int)`;

const ranOut = (settling: Settling): SQL =>
  settling.policy.past_due === "churn"
    ? sql`true`
    : sql`(v.past_due_lost_day <= ${settling.today}::date OR ${graceEnd(settling)} <= ${settling.today}::date
        AND (v.past_due_paid_day IS NULL OR ${graceEnd(settling)} < v.past_due_paid_day))`;

/** From which day a version counts nothing because nobody paid; null: it counts to its end. */
const cut = (settling: Settling): SQL =>
  mayLapse(settling)
    ? sql`CASE WHEN ${countsLate} AND ${ranOut(settling)} THEN greatest(v.past_due_day, v.from_day) END`
    : sql`NULL::date`;

const named = (names: string): SQL =>
  sql.raw(
    names
      .split(", ")
      .map((name) => `v.${name}`)
      .join(", "),
  );
const columns = ({ from }: Settling): SQL =>
  named(from ? ledgerColumns : `${ledgerColumns}, ${otherColumns}`);

/** Of subscription_version `v`, what a ledger is derived from (`LedgerScope.from`). @param customer whose it is said to be */
export const sourceColumns = (customer = sql`v.customer_id`): SQL =>
  sql`${customer} AS customer_id, ${named(`${otherThanCustomer}, ${termColumns}`)}`;

const table = ({ from }: Settling): SQL => from ?? sql`subscription_version v`;

/** All versions, each until it counts no more. */
export function settledVersions(settling: Settling): SQL {
  if (!settling.sourced || (!mayLapse(settling) && settling.policy.cancel === "period_end"))
    return table(settling);
  return sql`(SELECT ${columns(settling)}, v.from_day, least(${end(settling)}, ${cut(settling)}) AS to_day FROM ${table(settling)}) v`;
}

/** Versions from the day on from which they count nothing because nobody paid; of others `from_day` is null. */
export const lapsedVersions = (settling: Settling): SQL =>
  sql`(SELECT ${columns(settling)}, ${cut(settling)} AS from_day, ${end(settling)} AS to_day FROM ${table(settling)}) v`;
