import { type SQL, sql } from "drizzle-orm";
import type { UploadKind } from "#contracts/upload-kinds.ts";
import { AppError } from "#root/errors.ts";
import type { LedgerTx } from "./ledger.ts";
import { redateFacts } from "./redate.ts";
import { type RefreshRequest, refreshCustomers } from "./refresh.ts";

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

/** Brings the numbers in line with changed facts of a kind; stage_touched names the customers where the kind has any. */
export async function refreshAfter(
  tx: LedgerTx,
  kind: UploadKind,
  request: Omit<RefreshRequest, "touched">,
): Promise<void> {
  const touched = touchedBy(tx, kind);
  if (touched) await refreshCustomers(tx, { ...request, touched });
  else
    await tx.rows(sql`UPDATE organisation SET metrics_version = metrics_version + 1 WHERE id = ${tx.orgId}`);
}

/** The customers whose ledger a kind of upload moves; null: none. */
function touchedBy(tx: LedgerTx, kind: UploadKind): SQL | null {
  switch (kind) {
    case "subscriptions":
    case "mrr_by_month":
      return sql`stage_touched`;
    case "fx_rates":
      return sql`(SELECT v.customer_id FROM subscription_version v JOIN organisation o ON o.id = v.org_id
        WHERE v.org_id = ${tx.orgId} AND v.currency <> o.currency)`;
    case "customers":
    case "transactions":
    case "spend":
      return null;
  }
}
