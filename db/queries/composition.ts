import { type SQL, sql } from "drizzle-orm";
import type { z } from "zod";
import type { CompositionOutput, compositionInput } from "#contracts/analytics.ts";
import { type CompositionKey, composeParts, type PartSum, sizeBands } from "#metrics/composition.ts";
import { getAnalyticsSettings } from "./analytics-settings.ts";
import { rateSegments, valuedOn } from "./exchange.ts";
import { filterConditions } from "./filters.ts";
import { anyShape, type LedgerTx, versionAmount, versionsFrom } from "./ledger.ts";
import { joinByHash } from "./ledger-source.ts";
import { requireDay } from "./ranges.ts";
import { findSliceSums } from "./slice-sums.ts";

export type CompositionQuery = z.output<typeof compositionInput>;

const columns: Record<string, SQL> = {
  plan: sql`v.plan`,
  currency: sql`v.currency`,
  interval: sql`v.interval`,
  source: sql`v.source`,
  country: sql`c.country`,
};
const attribute = "attr.";
/** Above 0 a customer's whole annual amount falls into one of these. */
const bandBounds = sql.raw(`ARRAY[${sizeBands.map(({ from }) => from * 12).join(", ")}]::numeric[]`);

/**
 * Who makes up the MRR at the end of a day, the parts of one key. Parts with an amount only, "not set" under null; they add
 * up to the total. Total null where an amount has no exchange rate.
 * @throws AppError BAD_REQUEST, reason `bad_period`
 */
export async function getComposition(tx: LedgerTx, query: CompositionQuery): Promise<CompositionOutput> {
  const settings = await getAnalyticsSettings(tx);
  const { currency, policy, today, sourced } = settings;
  const at = query.at === undefined ? settings.today : requireDay(query.at);
  const { by } = query;
  const answer = { by, at, currency, policy: { preset: policy.preset, version: settings.policyVersion } };
  const kept = Object.keys(query.filter).length === 0 ? await findSliceSums(tx, settings, by, at) : null;
  if (kept) return { ...answer, ...composeParts(by as CompositionKey, kept) };
  const { versions, customers } = filterConditions(query.filter);
  const ofCustomers = by === "country" || by.startsWith(attribute);
  const scope = {
    orgId: tx.orgId,
    ...{ currency, policy, today, sourced, versions },
    // the join brings country and attributes
    customers: customers ?? (ofCustomers ? sql`true` : null),
    shape: anyShape,
  };
  const key = by.startsWith(attribute)
    ? sql`c.attributes ->> ${by.slice(attribute.length)}`
    : (columns[by] ?? sql`NULL::text`);
  const { value, join } = valuedOn({
    amount: sql`amount`,
    currency: sql`l.currency`,
    day: sql`${at}::date`,
    base: currency,
  });
  const part =
    by === "size"
      ? sql`width_bucket(sum(sum(value)) OVER (PARTITION BY customer_id), ${bandBounds})::text`
      : sql`nullif(key, '')`;
  await joinByHash(tx);
  const rows = await tx.rows<{
    key: string | null;
    annual: string | null;
    customers: string;
    unvalued: boolean;
  }>(sql`
    WITH rate AS MATERIALIZED (${rateSegments(tx.orgId, currency)}),
    live AS (
      SELECT v.customer_id, v.currency, ${by === "size" ? sql`NULL::text` : key} AS key, ${versionAmount(scope)} AS amount
      ${versionsFrom(scope)} AND v.from_day <= ${at}::date AND (v.to_day IS NULL OR v.to_day > ${at}::date)
    ), valued AS (SELECT l.customer_id, l.key, ${value} AS value FROM live l ${join} WHERE amount <> 0),
    held AS (
      SELECT customer_id, ${part} AS key, sum(value) AS annual, bool_or(value IS NULL) AS unvalued
      FROM valued GROUP BY customer_id, valued.key
    )
    SELECT key, sum(annual)::text AS annual, count(*)::text AS customers, bool_or(unvalued) AS unvalued FROM held GROUP BY key`);
  if (rows.some(({ unvalued }) => unvalued))
    return { ...answer, total: null, reason: "fx_rate_missing", parts: [] };
  const sums = rows.map(
    ({ key: name, annual, customers: count }): PartSum => ({
      key: by === "size" ? (sizeBands[Number(name) - 1]?.key ?? null) : name,
      annual: annual ?? "0",
      customers: Number(count),
    }),
  );
  return { ...answer, ...composeParts(by as CompositionKey, sums) };
}
