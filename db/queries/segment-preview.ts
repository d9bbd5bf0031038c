import { sql } from "drizzle-orm";
import type { SegmentPreview } from "#contracts/segments.ts";
import { divide, isZero, parseDecimal, toNumber } from "#metrics/decimal.ts";
import type { Expression } from "#metrics/segments.ts";
import { getAnalyticsSettings } from "./analytics-settings.ts";
import { expressionKey, type FilterValues, filterConditions } from "./filters.ts";
import type { LedgerTx } from "./ledger.ts";
import { getMetrics } from "./metrics.ts";

/** Who matches an expression today, and what they pay: what every other number says of the segment, asked of today alone. */
export async function previewSegment(tx: LedgerTx, expression: Expression): Promise<SegmentPreview> {
  const { today, currency } = await getAnalyticsSettings(tx);
  const filter = { [expressionKey]: [JSON.stringify(expression)] };
  const day = { names: ["mrr", "customers"], grain: "day" as const, from: today, to: today };
  const everyone = await getMetrics(tx, { ...day, filter: {} });
  const { metrics } = await getMetrics(tx, { ...day, filter });
  const [mrr, all] = [metrics.mrr?.[0], everyone.metrics.mrr?.[0]];
  return {
    customers: Number(metrics.customers?.[0]?.value ?? 0),
    matching: await countMatching(tx, filter),
    mrr: mrr?.value == null ? null : String(mrr.value),
    share: shareOf(mrr?.value, all?.value),
    currency,
    reason: mrr?.reason ?? null,
  };
}

function shareOf(part: string | number | null | undefined, whole: string | number | null | undefined) {
  if (part == null || whole == null) return null;
  const all = parseDecimal(String(whole));
  return isZero(all) ? null : toNumber(divide(parseDecimal(String(part)), all));
}

/** Customers that a filter chooses, or that have a version that it keeps, whether or not they pay now. */
async function countMatching(tx: LedgerTx, filter: FilterValues): Promise<number> {
  const { customers, versions } = filterConditions(filter);
  const [found] = await tx.rows<{ count: string }>(sql`
    SELECT count(*)::text AS count FROM customer c WHERE c.org_id = ${tx.orgId} AND c.excluded_reason IS NULL
      ${customers === null ? sql`` : sql`AND ${customers}`}
      ${
        versions === null
          ? sql``
          : sql`AND EXISTS (SELECT FROM subscription_version v WHERE v.org_id = c.org_id AND v.customer_id = c.id
              AND v.superseded_by IS NULL AND ${versions})`
      }`);
  return Number(found?.count ?? 0);
}
