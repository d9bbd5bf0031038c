import { sql } from "drizzle-orm";
import type { Day } from "#metrics/day.ts";
import { type Decimal, fromUnits, toUnits } from "#metrics/decimal.ts";
import type { FinanceMonth } from "#metrics/finance.ts";
import { usageMonths } from "#metrics/metrics.ts";
import { findGrain, periodEnd, periodStart, shiftPeriod } from "#metrics/period.ts";
import type { PeriodSums } from "#metrics/period-sums.ts";
import type { AnalyticsSettings } from "./analytics-settings.ts";
import { rateSegments, valuedOn } from "./exchange.ts";
import { type LedgerTx, versionAmount, versionsFrom } from "./ledger.ts";
import type { LedgerSource } from "./ledger-source.ts";
import { trialKey } from "./settled-versions.ts";
import { dayArray } from "./timeline.ts";

/** What some metrics need besides the ledger: transactions, trials and spend, per period. */

type Span = Pick<PeriodSums, "period" | "fromDay" | "cutDay">;

const starts = (spans: readonly Span[]) => dayArray(spans.map(({ fromDay }) => fromDay));

/**
 * Transactions per period in the organisation's currency; null where there are none at all, or where a subscription filter
 * asks for a part that transactions cannot be told by.
 */
export async function findUsage(
  tx: LedgerTx,
  { conditions, scope }: LedgerSource,
  spans: readonly Span[],
): Promise<{ amount: Decimal; unvalued: boolean }[] | null> {
  const last = spans.at(-1);
  if (!last || conditions.versions !== null) return null;
  const { value, join } = valuedOn({
    amount: sql`t.amount`,
    currency: sql`t.currency`,
    day: sql`t.day`,
    base: scope.currency,
  });
  const rows = await tx.rows<{ p: number; amount: string | null; unvalued: boolean }>(sql`
    WITH rate AS MATERIALIZED (${rateSegments(tx.orgId, scope.currency)})
    SELECT CASE WHEN t.day > ${last.cutDay}::date THEN -1 ELSE width_bucket(t.day, ${starts(spans)}) END AS p,
      sum(${value})::text AS amount, bool_or(${value} IS NULL) AS unvalued
    FROM transaction t JOIN customer c ON c.org_id = ${tx.orgId} AND c.id = t.customer_id AND c.excluded_reason IS NULL
      ${conditions.customers === null ? sql`` : sql`AND ${conditions.customers}`}
    ${join} WHERE t.org_id = ${tx.orgId} AND t.amount IS NOT NULL GROUP BY 1`);
  if (rows.length === 0) return null;
  const byPlace = new Map(rows.map((row) => [row.p, row]));
  return spans.map((_, i) => {
    const row = byPlace.get(i + 1);
    return { amount: row?.amount ?? "0", unvalued: row?.unvalued ?? false };
  });
}

/** The same of the three calendar months that are over at each span's cut, added up: what `usage: trailing3` averages. */
export async function findTrailingUsage(
  tx: LedgerTx,
  source: LedgerSource,
  spans: readonly Span[],
): Promise<{ amount: Decimal; unvalued: boolean }[] | null> {
  const asked = spans.map(({ cutDay }) => usageMonths(cutDay));
  const [first, last] = [asked[0]?.[0], asked.at(-1)?.at(-1)];
  if (first === undefined || last === undefined) return null;
  const months: Span[] = [];
  for (let period = first; period <= last; period = shiftPeriod(period, 1))
    months.push({ period, fromDay: periodStart(period), cutDay: periodEnd(period) });
  const usage = await findUsage(tx, source, months);
  if (usage === null) return null;
  const byMonth = new Map(months.map(({ period }, i) => [period, usage[i]]));
  return asked.map((own) => {
    const held = own.flatMap((month) => byMonth.get(month) ?? []);
    return {
      amount: fromUnits(held.reduce((all, { amount }) => all + toUnits(amount), 0n)),
      unvalued: held.some(({ unvalued }) => unvalued),
    };
  });
}

/**
 * Subscriptions whose trial began in a period, and how many of them paid since, as known on the observation day; null where
 * nobody has had a trial.
 */
export async function findTrials(
  tx: LedgerTx,
  { scope }: LedgerSource,
  spans: readonly Span[],
  { timezone, asOf }: Pick<AnalyticsSettings, "timezone"> & { asOf: Day },
): Promise<{ started: number; converted: number }[] | null> {
  const amount = versionAmount(scope);
  const rows = await tx.rows<{ p: number; started: string; converted: string }>(sql`
    SELECT p, count(*)::text AS started,
      count(*) FILTER (WHERE converted <= ${asOf}::date)::text AS converted
    FROM (
      SELECT width_bucket(min((v.started_at AT TIME ZONE ${timezone})::date), ${starts(spans)}) AS p,
        min((v.started_at AT TIME ZONE ${timezone})::date) AS started,
        min(v.from_day) FILTER (WHERE ${amount} > 0 AND (v.to_day IS NULL OR v.to_day > v.from_day)) AS converted
      ${versionsFrom({ ...scope, empty: true })} GROUP BY v.customer_id, ${trialKey}
      HAVING bool_or(v.trial_end > v.started_at)
    ) trial WHERE p = 0 OR started <= (${dayArray(spans.map(({ cutDay }) => cutDay))})[p] GROUP BY p`);
  if (rows.length === 0) return null;
  const byPlace = new Map(rows.map((row) => [row.p, row]));
  return spans.map((_, i) => ({
    started: Number(byPlace.get(i + 1)?.started ?? 0),
    converted: Number(byPlace.get(i + 1)?.converted ?? 0),
  }));
}

/**
 * Spend per period, at the exchange rate of each month's end; null without any. A month belongs to the periods that hold
 * the whole of it: days and weeks have none.
 */
export async function findSpend(
  tx: LedgerTx,
  { scope }: LedgerSource,
  spans: readonly (Span & { endDay: Day })[],
): Promise<({ amount: Decimal; unvalued: boolean } | null)[]> {
  const first = spans[0];
  const last = spans.at(-1);
  const grain = first && findGrain(first.period);
  if (!first || !last || grain === "day" || grain === "week") return spans.map(() => null);
  const { value, join } = valuedOn({
    amount: sql`s.amount`,
    currency: sql`s.currency`,
    day: sql`s.last_day`,
    base: scope.currency,
  });
  const rows = await tx.rows<{ month: Day; amount: string | null; unvalued: boolean }>(sql`
    WITH rate AS MATERIALIZED (${rateSegments(tx.orgId, scope.currency)})
    SELECT s.month::text AS month, sum(${value})::text AS amount, bool_or(${value} IS NULL) AS unvalued
    FROM (SELECT month, amount, currency, (month + interval '1 month')::date - 1 AS last_day FROM spend
      WHERE org_id = ${tx.orgId} AND month BETWEEN ${first.fromDay}::date AND ${last.endDay}::date) s ${join}
    GROUP BY s.month`);
  return spans.map(({ fromDay, endDay }) => {
    const held = rows.filter(({ month }) => month >= fromDay && month <= endDay);
    if (held.length === 0) return null;
    const units = held.reduce((all, { amount }) => all + toUnits(amount ?? "0"), 0n);
    return { amount: fromUnits(units), unvalued: held.some(({ unvalued }) => unvalued) };
  });
}

/**
 * Every month that finance gave, in the organisation's currency at the exchange rate of the month's end; nothing under a
 * filter, of whose part finance knows nothing, but the margin.
 */
export async function findFinance(
  tx: LedgerTx,
  { scope, conditions }: LedgerSource,
): Promise<FinanceMonth[]> {
  const { value, join } = valuedOn({
    amount: sql`1::numeric`,
    currency: sql`f.currency`,
    day: sql`f.last_day`,
    base: scope.currency,
  });
  const rows = await tx.rows<FinanceRow>(sql`
    WITH rate AS MATERIALIZED (${rateSegments(tx.orgId, scope.currency)})
    SELECT to_char(f.month, 'YYYY-MM') AS month, gross_margin::text AS gross_margin,
      num_nonnulls(f.revenue, f.profit, f.net_burn) > 0 AND ${value} IS NULL AS unvalued,
      ${sql.join(
        ["revenue", "profit", "net_burn"].map((name) => {
          const amount = sql`f.${sql.identifier(name)}`;
          return sql`(${valuedOn({ amount, currency: sql`f.currency`, day: sql`f.last_day`, base: scope.currency }).value})::text AS ${sql.identifier(name)}`;
        }),
        sql`, `,
      )}
    FROM (SELECT *, (month + interval '1 month')::date - 1 AS last_day FROM finance_month WHERE org_id = ${tx.orgId}) f ${join}
    ORDER BY f.month`);
  const whole = conditions.versions === null && conditions.customers === null;
  return rows.map(({ month, revenue, profit, net_burn, gross_margin, unvalued }) => ({
    month,
    revenue: whole ? revenue : null,
    profit: whole ? profit : null,
    netBurn: whole ? net_burn : null,
    grossMargin: gross_margin,
    unvalued: whole && unvalued,
  }));
}

interface FinanceRow extends Record<string, unknown> {
  month: string;
  revenue: Decimal | null;
  profit: Decimal | null;
  net_burn: Decimal | null;
  gross_margin: Decimal | null;
  unvalued: boolean;
}
