import type { SegmentPreview } from "#contracts/segments.ts";
import { divide, isZero, parseDecimal, toNumber } from "#metrics/decimal.ts";
import type { Expression } from "#metrics/segments.ts";
import { getAnalyticsSettings } from "./analytics-settings.ts";
import { listCustomers } from "./customers.ts";
import { expressionKey } from "./filters.ts";
import type { LedgerTx } from "./ledger.ts";
import { getMetrics } from "./metrics.ts";

/** Who matches an expression today, and what they pay: what every other number says of the segment, asked of today alone. */
export async function previewSegment(tx: LedgerTx, expression: Expression): Promise<SegmentPreview> {
  const { today, currency } = await getAnalyticsSettings(tx);
  const filter = { [expressionKey]: [JSON.stringify(expression)] };
  const day = { names: ["mrr", "customers"], grain: "day" as const, from: today, to: today };
  const everyone = await getMetrics(tx, { ...day, filter: {} });
  const { metrics } = await getMetrics(tx, { ...day, filter });
  const { total } = await listCustomers(tx, { sort: "customer_id", limit: 1, filter });
  const [mrr, all] = [metrics.mrr?.[0], everyone.metrics.mrr?.[0]];
  return {
    customers: Number(metrics.customers?.[0]?.value ?? 0),
    matching: total,
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
