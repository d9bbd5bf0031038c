import { sql } from "drizzle-orm";
import { fromUnits, toUnits } from "#metrics/decimal.ts";
import type { KindSums, PeriodSums } from "#metrics/period-sums.ts";
import type { AnalyticsSettings } from "./analytics-settings.ts";
import { kinds } from "./contributions.ts";
import type { FilterValues } from "./filters.ts";
import type { LedgerTx } from "./ledger.ts";
import { findConcerned, reshapesLedger } from "./ledger-rules.ts";
import { findLedgerSource, type LedgerSource, listUnvalued, type UnvaluedRange } from "./ledger-source.ts";
import { type SumsRequest, sumPeriods } from "./period-sums.ts";

/** Where the sums of periods come from, under the policy in force or under another. */
export interface PeriodSource {
  /** For what is no sum over the ledger: usage, trials, spend. */
  ledger: LedgerSource;
  sum: (request: Omit<SumsRequest, "unvalued">) => Promise<PeriodSums[]>;
}

/** More than so many are not told apart: everything is made afresh. */
const mostConcerned = 20_000;

/**
 * The sums under `settings`. Where they are not those that the ledger is stored under: what is stored, less the customers whom
 * the difference concerns as they are stored, plus the same customers as the other rules make them. Each sum is one of what
 * customers contribute, so that the cost follows those customers.
 * @param stored the settings that the stored ledger was made under
 */
export async function findPeriodSource(
  tx: LedgerTx,
  settings: AnalyticsSettings,
  filter: FilterValues,
  stored: AnalyticsSettings = settings,
): Promise<PeriodSource> {
  const whole = await findLedgerSource(tx, settings, filter);
  if (!reshapesLedger(stored.policy, settings.policy, settings.sourced)) return ofOne(tx, whole);
  // a ledger of its own, as a slice's, may be kept by the rules in force: by others it is made
  if (whole.derived)
    return ofOne(tx, await findLedgerSource(tx, settings, filter, { customerIds: null, derive: true }));
  const customerIds = await findConcerned(
    tx,
    { policies: [stored.policy, settings.policy], sourced: settings.sourced },
    mostConcerned,
  );
  if (customerIds?.length === 0) return ofOne(tx, whole);
  if (customerIds === null)
    return ofOne(tx, await findLedgerSource(tx, settings, filter, { customerIds, derive: true }));
  const before = await findLedgerSource(tx, stored, filter, { customerIds, derive: false });
  const after = await findLedgerSource(tx, settings, filter, { customerIds, derive: true });
  const unvalued = [
    ...(await listOthersUnvalued(tx, whole, customerIds)),
    ...(await listUnvalued(tx, after)),
  ];
  return {
    ledger: whole,
    async sum(request) {
      const [all, less, more] = [
        await sumPeriods(tx, whole, { ...request, unvalued }),
        await sumPeriods(tx, before, { ...request, unvalued }),
        await sumPeriods(tx, after, { ...request, unvalued }),
      ];
      return all.map((sums, i) => replaced(sums, less[i] ?? sums, more[i] ?? sums));
    },
  };
}

async function ofOne(tx: LedgerTx, ledger: LedgerSource): Promise<PeriodSource> {
  // asked along with the sums
  const unvalued = listUnvalued(tx, ledger);
  unvalued.catch(() => {});
  return { ledger, sum: (request) => sumPeriods(tx, ledger, { ...request, unvalued }) };
}

/** What lacks a rate for all but some customers: their stored spans hold. */
function listOthersUnvalued(
  tx: LedgerTx,
  { conditions: { customers } }: LedgerSource,
  ids: readonly string[],
): Promise<UnvaluedRange[]> {
  return tx.rows<UnvaluedRange>(sql`
    SELECT u.from_day::text AS from, u.to_day::text AS to FROM unvalued u
      ${customers === null ? sql`` : sql`JOIN customer c ON c.org_id = ${tx.orgId} AND c.id = u.customer_id AND ${customers}`}
    WHERE u.org_id = ${tx.orgId} AND u.customer_id <> ALL (${sql.param([...ids])}::bigint[])`);
}

/** Sums with some customers' contributions taken out and others put in. */
function replaced(all: PeriodSums, less: PeriodSums, more: PeriodSums): PeriodSums {
  const amount = (of: (sums: PeriodSums) => string): string =>
    fromUnits(toUnits(of(all)) - toUnits(of(less)) + toUnits(of(more)));
  const count = (of: (sums: PeriodSums) => number): number => of(all) - of(less) + of(more);
  const byKind = (of: (sums: PeriodSums) => KindSums): KindSums => {
    const entries = kinds.map((kind) => [kind, amount((sums) => of(sums)[kind])] as const);
    return { ...of(all), ...Object.fromEntries(entries) };
  };
  return {
    ...all,
    startAnnual: amount((sums) => sums.startAnnual),
    endAnnual: amount((sums) => sums.endAnnual),
    kinds: byKind((sums) => sums.kinds),
    startCustomers: count((sums) => sums.startCustomers),
    endCustomers: count((sums) => sums.endCustomers),
    newCustomers: count((sums) => sums.newCustomers),
    churnedCustomers: count((sums) => sums.churnedCustomers),
    lostCustomers: count((sums) => sums.lostCustomers),
    lostAnnual: amount((sums) => sums.lostAnnual),
    flashCustomers: count((sums) => sums.flashCustomers),
    flash: byKind((sums) => sums.flash),
    yearAgoCustomers: count((sums) => sums.yearAgoCustomers),
    yearAgoAnnual: amount((sums) => sums.yearAgoAnnual),
    keptAnnual: amount((sums) => sums.keptAnnual),
    floorAnnual: amount((sums) => sums.floorAnnual),
    committedAnnual: amount((sums) => sums.committedAnnual),
    scheduledChurnAnnual: amount((sums) => sums.scheduledChurnAnnual),
  };
}
