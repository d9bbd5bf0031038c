import { sql } from "drizzle-orm";
import type { MetricPoint } from "#contracts/analytics.ts";
import type { ExplainPartOutput } from "#contracts/explain.ts";
import { addDays, earlierDay } from "#metrics/day.ts";
import {
  divide,
  exact,
  formatDecimal,
  mrrFromAnnual,
  parseDecimal,
  sum,
  toNumber,
} from "#metrics/decimal.ts";
import type { ExplainPart, FinanceInput, PartOrigin } from "#metrics/explanation.ts";
import type { FormulaPolicy } from "#metrics/formula-parts.ts";
import type { MetricName } from "#metrics/metric-names.ts";
import { monthsBefore, usageMonths } from "#metrics/metrics.ts";
import type { ItemGroup, ItemList } from "./explain-items.ts";
import type { ListSpan } from "./explain-movements.ts";
import type { LedgerTx } from "./ledger.ts";
import type { LedgerSource } from "./ledger-source.ts";

/** The numbers in a formula: sums of the listed rows, states of the ledger, other metrics as `/metrics` answers them. */

export interface PartSources {
  tx: LedgerTx;
  source: LedgerSource;
  span: ListSpan;
  policy: FormulaPolicy;
  list: ItemList | null;
  groups: readonly ItemGroup[];
  /** A metric's points from one period to another of its grain, as `/metrics` answers them. */
  points: (name: MetricName, first: string, last: string) => Promise<MetricPoint[]>;
  finance: Record<FinanceInput, string | null> | null;
  period: string;
  periodBefore: string | null;
}

interface Amount {
  value: string | number | null;
  annual: string | null;
  of: ExplainPartOutput["of"];
}
const plain = (value: string | number | null): Amount => ({ value, annual: null, of: [] });
const total = (amounts: readonly string[]): string => formatDecimal(sum(amounts.map(parseDecimal)));
const monthly = (annual: string): Amount => ({ value: mrrFromAnnual(annual), annual, of: [] });

export async function partOf(part: ExplainPart, from: PartSources): Promise<ExplainPartOutput> {
  const { name, label, unit, opens } = part;
  const { value, annual, of } = await amountOf(part.origin, from);
  const period = opens?.period === "before" ? from.periodBefore : from.period;
  // with usage in it, MRR is more than what rates divide by
  const differs = opens?.period === "before" && opens.metric === "mrr" && from.policy.usage !== "out";
  return {
    ...{ name, label, unit, value, annual, of },
    opens: opens && period !== null && !differs ? { metric: opens.metric, period } : null,
  };
}

async function amountOf(origin: PartOrigin, from: PartSources): Promise<Amount> {
  switch (origin.of) {
    case "rows":
      return rowsAmount(origin, from);
    case "metric":
      return plain((await from.points(origin.metric, from.period, from.period))[0]?.value ?? null);
    case "state":
      return stateAmount(origin, from);
    case "usage_months":
      return usageAmount(from);
    case "churn_months":
      return churnAmount(from);
    case "finance":
      return plain(from.finance?.[origin.input] ?? null);
  }
}

function rowsAmount({ sum: of, parts }: Extract<PartOrigin, { of: "rows" }>, from: PartSources): Amount {
  const groups = from.groups.filter(({ part }) => !parts || parts.includes(part));
  if (of === "rows") return plain(groups.reduce((all, { rows }) => all + rows, 0));
  if (of === "customers") return plain(groups.reduce((all, { customers }) => all + customers, 0));
  const amount = total(groups.map((group) => group[of] ?? "0"));
  return from.list?.annual ? monthly(amount) : plain(amount);
}

/** The running sum of all movements up to a day is the MRR of that day. */
async function stateAmount(origin: Extract<PartOrigin, { of: "state" }>, from: PartSources): Promise<Amount> {
  const { span, source } = from;
  const day = {
    start: addDays(span.fromDay, -1),
    end: earlierDay(span.endDay, span.asOf),
    year_ago: span.thenDay,
  }[origin.at];
  const [found] = await from.tx.rows<{ annual: string | null; customers: string | null }>(sql`${source.with}
    SELECT sum(new_annual + expansion_annual + reactivation_annual + contraction_annual + churn_annual + fx_annual)::text AS annual,
      sum(new_customers + reactivated_customers - churned_customers)::text AS customers
    FROM ${source.days} d WHERE day <= ${day}::date`);
  if (origin.sum === "customers") return plain(Number(found?.customers ?? 0));
  const annual = total([found?.annual ?? "0"]);
  return origin.sum === "arr" ? plain(annual) : monthly(annual);
}

async function usageAmount({ points: read, span }: PartSources): Promise<Amount> {
  const [first = "", ...others] = usageMonths(span.cutDay);
  const points = await read("usage_revenue", first, others.at(-1) ?? first);
  const of = points.map(({ value, period }) => ({
    ...{ label: `usage revenue ${period}`, value, unit: "money" as const },
    opens: { metric: "usage_revenue", period },
  }));
  // no transaction at all adds nothing; one without an exchange rate makes the whole unknown
  if (points.some(({ reason }) => reason === "fx_rate_missing")) return { value: null, annual: null, of };
  return { value: total(points.map(({ value }) => String(value ?? 0))), annual: null, of };
}

/** Months without customers at their start are left out. */
async function churnAmount({ points: read, span }: PartSources): Promise<Amount> {
  const [first = "", ...others] = monthsBefore(span.cutDay);
  const points = await read("customer_churn_rate", first, others.at(-1) ?? first);
  const of = points.map(({ value, period }) => ({
    ...{ label: `customer churn rate ${period}`, value, unit: "rate" as const },
    opens: { metric: "customer_churn_rate", period },
  }));
  const rates = points.flatMap(({ value }) => (value === null ? [] : [fromNumber(Number(value))]));
  const mean = rates.length === 0 ? null : toNumber(divide(sum(rates), exact(rates.length)));
  return { value: mean, annual: null, of };
}

/** A double as the fraction that its shortest text says. */
function fromNumber(value: number) {
  const [digits = "0", power = "0"] = value.toExponential().split("e");
  const scale = exact(10n ** BigInt(Math.abs(Number(power))));
  const number = parseDecimal(digits);
  return Number(power) < 0 ? divide(number, scale) : { num: number.num * scale.num, den: number.den };
}
