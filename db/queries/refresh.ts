import { type SQL, sql } from "drizzle-orm";
import { addDays, type Day } from "#metrics/day.ts";
import { type PolicyPatch, resolvePolicy } from "#metrics/policy.ts";
import { AppError } from "#root/errors.ts";
import { scheduleSettling } from "./graces.ts";
import type { LedgerTx } from "./ledger.ts";
import { makeAfresh, makeSlices, type RefreshSettings } from "./put-ledger.ts";
import { keepPlans, mostAlike, openStages, type TouchedSize, touchedStage } from "./refresh-stages.ts";
import { replaceTouched } from "./replace-touched.ts";
import { monthEnds, type RestatementCause, writeRestatements } from "./restate.ts";
import { sendAhead } from "./send-ahead.ts";
import { buildSlices, clearSlices } from "./slices.ts";

/**
 * Brings ledger, rollups and slices in line with the facts, inside the transaction that changed them: cost follows the
 * customers that were touched. Fact tables are never written here.
 */

export interface RefreshRequest extends RestatementCause {
  /**
   * Whose facts changed: a FROM item with a column `customer_id` (say, a temporary table), customers that are gone by now
   * included; or all, after a change of policy, currency, zone or exchange rates.
   */
  touched: SQL | "all";
  /** Of how many that count in the same slices at most changes of sums are left for a job to add (pending-sums.ts). */
  mostLeft?: number;
}

export interface Refreshed {
  /** The organisation's metrics_version from now on. */
  version: number;
  /** Closed months whose end MRR is another than before. */
  restated: Day[];
  /** Everything was made afresh. */
  full: boolean;
}

/** Room for a large import's sorts and hashes, until the transaction ends. */
const roomy = sql`SELECT set_config('work_mem', '256MB', true)`;

/** After so long everything is made afresh: rollups by day have grown by as many days. */
const daysUntilAfresh = 2 * 366;

/**
 * Refreshes the ledger, the rollups, the slices and `unvalued`, writes the restatement log and bumps the organisation's
 * metrics_version. Waits for any other refresh of the organisation.
 * @throws AppError NOT_FOUND when the organisation is gone
 */
export async function refreshCustomers(given: LedgerTx, request: RefreshRequest): Promise<Refreshed> {
  const { touched } = request;
  const tx = keepPlans(given);
  const settings = await lockSettings(tx);
  const [before] = await Promise.all([monthEnds(tx), tx.rows(roomy)]);
  const size = touched === "all" || !isFresh(settings) ? "all" : await prepareTouched(tx, touched);
  const full = size === "all";
  if (full) await makeAfresh(given, settings);
  else await replaceTouched(given, settings, { size, mostLeft: request.mostLeft });
  await scheduleSettling(tx, settings.scope);
  const restated = await writeRestatements(tx, request, before, settings.today);
  return { version: await bumpVersion(tx), restated, full };
}

/**
 * What is known of customers changed (country, attributes), and not what they pay: brings the slices in line, and makes
 * answers that were given before stale.
 * @param touched a FROM item with a column `customer_id`
 */
export async function refreshTags(tx: LedgerTx, touched: SQL): Promise<void> {
  const settings = await lockSettings(tx);
  await tx.rows(roomy);
  if (isFresh(settings) && settings.slicesBuilt) {
    const size = await prepareTouched(tx, touched);
    if (size === "all") {
      await clearSlices(tx);
      await makeSlices(tx, settings);
    } else await replaceTouched(tx, settings, { size });
  }
  await bumpVersion(tx);
}

/** What a full refresh of a large organisation left to a job; on `options` and CONFLICT: `addUpUnchanged`. */
export const buildMissingSlices = (
  tx: LedgerTx,
  options: { holding: boolean } = { holding: false },
): Promise<void> =>
  addUpUnchanged(tx, options, async ({ scope, daysFrom, slicesBuilt }) => {
    if (daysFrom !== null && !slicesBuilt) await buildSlices(tx, scope, daysFrom);
  });

/**
 * Adds up for seconds or minutes what must not change meanwhile: `holding` says whether whoever changes facts waits, or makes it void.
 * @throws AppError CONFLICT when it was made void, and then everything of it has to be rolled back
 */
export async function addUpUnchanged(
  tx: LedgerTx,
  { holding }: { holding: boolean },
  work: (settings: RefreshSettings) => Promise<void>,
): Promise<void> {
  const settings = await (holding ? lockSettings(tx) : getSettings(tx));
  await tx.rows(roomy);
  await work(settings);
  const now = await lockSettings(tx);
  if (now.version !== settings.version)
    throw new AppError("CONFLICT", "The numbers changed while they were added up.", {
      reason: "facts_changed",
    });
}

/** Makes answers that were given before stale. @returns the organisation's metrics_version from now on */
export async function bumpVersion(tx: LedgerTx): Promise<number> {
  const [bumped] = await tx.rows<{ version: string }>(
    sql`UPDATE organisation SET metrics_version = metrics_version + 1 WHERE id = ${tx.orgId} RETURNING metrics_version AS version`,
  );
  return Number(bumped?.version);
}

/** Holds every other refresh of the organisation back until this transaction ends. @throws AppError NOT_FOUND */
const lockSettings = (tx: LedgerTx): ReturnType<typeof getSettings> =>
  getSettings(tx, sql`FOR NO KEY UPDATE`);

async function getSettings(tx: LedgerTx, lock = sql``): Promise<RefreshSettings & { version: string }> {
  const [found] = await tx.rows<{
    currency: string;
    policy: PolicyPatch;
    today: Day;
    days_from: Day | null;
    slices_built: boolean;
    sourced: boolean;
    version: string;
  }>(sql`
    SELECT currency, policy, (now() AT TIME ZONE timezone)::date::text AS today, rollup_days_from::text AS days_from,
      slices_built, sourced, metrics_version::text AS version
    FROM organisation WHERE id = ${tx.orgId} ${lock}`);
  if (!found) throw new AppError("NOT_FOUND", "This organisation does not exist any more.");
  const { currency, policy, today, sourced } = found;
  return {
    scope: {
      ...{ orgId: tx.orgId, currency, policy: resolvePolicy(policy), today, sourced },
      ...{ versions: null, customers: null },
    },
    today,
    daysFrom: found.days_from,
    slicesBuilt: found.slices_built,
    version: found.version,
  };
}

const isFresh = ({ daysFrom, today }: RefreshSettings): boolean =>
  daysFrom !== null && today < addDays(daysFrom, daysUntilAfresh);

/** Keeps the touched customers aside. @returns "all" where they are so many that making everything afresh is cheaper */
async function prepareTouched(tx: LedgerTx, touched: SQL): Promise<TouchedSize | "all"> {
  const [size] = await sendAhead(tx, async (ahead) => {
    await openStages(ahead);
    await touchedStage.fill(
      ahead,
      sql`SELECT DISTINCT customer_id::bigint AS customer_id FROM ${touched} given WHERE customer_id IS NOT NULL`,
    );
    return tx.rows<{ touched: number; all: number }>(sql`
      SELECT (SELECT count(*) FROM ${touchedStage.table})::int AS touched,
        (SELECT coalesce(sum(customers), 0) FROM cohort_size WHERE org_id = ${tx.orgId} AND slice = 0)::int AS all`);
  });
  if (!size || size.touched * 2 >= size.all) return "all";
  return size.touched > mostAlike ? "many" : "few";
}
