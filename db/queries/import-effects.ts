import { type SQL, sql } from "drizzle-orm";
import type { UploadKind } from "#contracts/upload-kinds.ts";
import { AppError } from "#root/errors.ts";
import type { LedgerTx } from "./ledger.ts";
import { redateFacts } from "./redate.ts";
import { bumpVersion, type RefreshRequest, refreshCustomers, refreshTags } from "./refresh.ts";

/** What every import and undo does around its facts. */

export interface OrganisationSettings {
  currency: string;
  /** In which the facts are dated now; after a change of zone the old one until the rebuild has moved them. */
  timezone: string;
}

/** As they are now. @throws AppError NOT_FOUND when the organisation is gone */
export const getFactSettings = (tx: LedgerTx): Promise<OrganisationSettings> => settingsOf(tx, sql``);

/**
 * Holds every other change of the organisation's facts back until this transaction ends, and reads what facts depend on.
 * @throws AppError NOT_FOUND when the organisation is gone
 */
export async function lockFacts(tx: LedgerTx): Promise<OrganisationSettings> {
  // facts of two zones would never be told apart again
  await redateFacts(tx);
  return settingsOf(tx, sql`FOR NO KEY UPDATE`);
}

async function settingsOf(tx: LedgerTx, lock: SQL): Promise<OrganisationSettings> {
  const [found] = await tx.rows<{ currency: string; timezone: string }>(
    sql`SELECT currency, coalesce(facts_timezone, timezone) AS timezone FROM organisation WHERE id = ${tx.orgId} ${lock}`,
  );
  if (!found) throw new AppError("NOT_FOUND", "This organisation does not exist any more.");
  return found;
}

/**
 * Brings the numbers in line with changed facts of a kind. TEMP table stage_touched names the customers whose subscriptions,
 * or of whom what is known, changed.
 */
export async function refreshAfter(
  tx: LedgerTx,
  kind: UploadKind,
  request: Omit<RefreshRequest, "touched">,
): Promise<void> {
  switch (kind) {
    case "subscriptions":
    case "mrr_by_month":
      await refreshCustomers(tx, { ...request, touched: sql`stage_touched` });
      return;
    case "fx_rates":
      await refreshCustomers(tx, {
        ...request,
        touched: sql`(SELECT v.customer_id FROM subscription_version v JOIN organisation o ON o.id = v.org_id
          WHERE v.org_id = ${tx.orgId} AND v.currency <> o.currency)`,
      });
      return;
    case "customers":
    case "transactions":
      await refreshTags(tx, sql`stage_touched`);
      return;
    case "spend":
      await bumpVersion(tx);
  }
}
