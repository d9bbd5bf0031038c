import { sql } from "drizzle-orm";
import type { Day } from "#metrics/day.ts";
import type { Calendar, Observation } from "#metrics/period.ts";
import { type Policy, type PolicyPatch, resolvePolicy } from "#metrics/policy.ts";
import { AppError } from "#root/errors.ts";
import type { LedgerTx } from "./ledger.ts";

/** What every number of an organisation depends on besides its facts. */
export interface AnalyticsSettings {
  currency: string;
  timezone: string;
  policy: Policy;
  policyVersion: number;
  /** metrics_version: grows with every refresh. */
  version: number;
  /** Last month that monthly uploads cover; later periods are incomplete. */
  coveredUntil: Day | null;
  /** In the organisation's zone. */
  today: Day;
  calendar: Calendar;
  /** From this day on rollups can be cut at any day; null: there are none. */
  rollupDaysFrom: Day | null;
  /** Whether there are rollups of slices. */
  slicesBuilt: boolean;
  /** Some facts came from a source. */
  sourced: boolean;
}

/** Of transactions that see one state of the data from their beginning to their end. */
const seen = new WeakMap<LedgerTx, Promise<AnalyticsSettings>>();

/** @throws AppError NOT_FOUND when the organisation is gone */
export function getAnalyticsSettings(tx: LedgerTx): Promise<AnalyticsSettings> {
  if (!tx.isSnapshot) return readSettings(tx);
  const settings = seen.get(tx) ?? readSettings(tx);
  seen.set(tx, settings);
  return settings;
}

async function readSettings(tx: LedgerTx): Promise<AnalyticsSettings> {
  const [found] = await tx.rows<{
    currency: string;
    timezone: string;
    policy: PolicyPatch;
    policy_version: number;
    version: string;
    covered_until: Day | null;
    today: Day;
    fiscal_year_start: number;
    week_start: number;
    rollup_days_from: Day | null;
    slices_built: boolean;
    sourced: boolean;
  }>(
    sql`SELECT currency, timezone, policy, policy_version, metrics_version::text AS version, covered_until::text AS covered_until,
      (now() AT TIME ZONE timezone)::date::text AS today, fiscal_year_start, week_start,
      rollup_days_from::text AS rollup_days_from, slices_built, sourced
    FROM organisation WHERE id = ${tx.orgId}`,
    { prepared: true },
  );
  if (!found) throw new AppError("NOT_FOUND", "This organisation does not exist any more.");
  return {
    currency: found.currency,
    timezone: found.timezone,
    policy: resolvePolicy(found.policy),
    policyVersion: found.policy_version,
    version: Number(found.version),
    coveredUntil: found.covered_until,
    today: found.today,
    calendar: { fiscalYearStart: found.fiscal_year_start, weekStart: found.week_start },
    rollupDaysFrom: found.rollup_days_from,
    slicesBuilt: found.slices_built,
    sourced: found.sourced,
  };
}

/** The settings as the engine asks for them. `asOf`: default today. */
export const observe = (settings: AnalyticsSettings, asOf?: Day): Observation & { calendar: Calendar } => ({
  asOf: asOf ?? settings.today,
  today: settings.today,
  coveredUntil: settings.coveredUntil,
  calendar: settings.calendar,
});
