import {
  add,
  type Decimal,
  divide,
  type Exact,
  exact,
  isZero,
  multiply,
  parseDecimal,
  subtract,
  sum,
  toUnits,
} from "./decimal.ts";
import type { FinanceSums } from "./finance.ts";
import type { NullReason } from "./metric-names.ts";
import type { KindSums, PeriodSums } from "./period-sums.ts";
import type { PolicySettings } from "./policy.ts";

/** What the formulas of metrics.md §4 are made of: the facts of a period, and the sums that several formulas share. */

export type FormulaPolicy = Pick<
  PolicySettings,
  "usage" | "new_and_churn" | "churn_denominator" | "net_churn_reactivation" | "quick_ratio_reactivation"
>;

/** Everything that the metrics of one period are made of. Amounts are in the organisation's currency. */
export interface PeriodFacts {
  sums: PeriodSums;
  /** The six calendar months before the one that holds the cut day: for LTV. */
  history: readonly PeriodSums[];
  /** Sales and marketing spend within the period; null: none was given. */
  spend: Decimal | null;
  /** Usage revenue within the period; null: no transactions were given at all. */
  usage: Decimal | null;
  /** A transaction of the period has no exchange rate. */
  usageUnvalued?: boolean;
  /**
   * Usage revenue of the last three calendar months that are over at the cut, added up; null: no transactions were given at
   * all, or the policy leaves usage out.
   */
  trailingUsage?: { amount: Decimal; unvalued: boolean } | null;
  /** Trials that began in the period and how many of them paid since, by the observation day; null: trials are not known. */
  trials: { started: number; converted: number } | null;
  /** Gross margin, '0.8' = 80 %; null: not known. */
  margin: Decimal | null;
  /** What finance gave for the months of the period; null: nothing. */
  finance?: FinanceSums | null;
  /** Sales and marketing spend of the period before; null: none was given. */
  spendBefore?: Decimal | null;
}

/** An exact result, or why there is none. */
export type Result = Exact | NullReason;
export const isReason = (result: Result): result is NullReason => typeof result === "string";
export const ratio = (part: Exact, whole: Exact, reason: NullReason): Result =>
  isZero(whole) ? reason : divide(part, whole);
const twelve = exact(12);
/** Of 10^-12 a year each, in a unit a month. */
const unitsAMonth = toUnits("12");
/** Over so many months usage revenue is averaged. */
export const trailingMonths = 3;
export const monthly = (annual: Decimal): Exact => exact(toUnits(annual), unitsAMonth);

/** The monthly amount of a kind, without customers new and gone in the period where the policy drops them. */
export const flowOfKind = (kind: keyof KindSums, sums: PeriodSums, policy: FormulaPolicy): Exact =>
  policy.new_and_churn === "drop"
    ? subtract(monthly(sums.kinds[kind]), monthly(sums.flash[kind]))
    : monthly(sums.kinds[kind]);

/** The same of every kind. */
export function flowOf(sums: PeriodSums, policy: FormulaPolicy): Record<keyof KindSums, Exact> {
  const of = (kind: keyof KindSums): Exact => flowOfKind(kind, sums, policy);
  return {
    new: of("new"),
    expansion: of("expansion"),
    reactivation: of("reactivation"),
    contraction: of("contraction"),
    churn: of("churn"),
    fx: of("fx"),
  };
}

export const visible = (count: number, sums: PeriodSums, policy: FormulaPolicy): number =>
  policy.new_and_churn === "drop" ? count - sums.flashCustomers : count;

export const newCustomers = (sums: PeriodSums, policy: FormulaPolicy): number =>
  visible(sums.newCustomers, sums, policy);

export function customerChurn(sums: PeriodSums, policy: FormulaPolicy): Result {
  const flash = policy.new_and_churn === "both" ? sums.flashCustomers : 0;
  const joined = policy.churn_denominator === "start_plus_new" ? newCustomers(sums, policy) : 0;
  return ratio(
    exact(sums.lostCustomers + flash),
    exact(sums.startCustomers + joined),
    "no_customers_at_start",
  );
}

/** MRR at the cut; under `usage: trailing3` with the mean usage revenue of three months (metrics.md §2). */
export function recurring({ sums, trailingUsage }: PeriodFacts, policy: FormulaPolicy): Result {
  const subscriptions = monthly(sums.endAnnual);
  if (policy.usage === "out" || !trailingUsage) return subscriptions;
  if (trailingUsage.unvalued) return "fx_rate_missing";
  return add(subscriptions, divide(parseDecimal(trailingUsage.amount), exact(trailingMonths)));
}

export function annualRecurring(facts: PeriodFacts, policy: FormulaPolicy): Result {
  const month = recurring(facts, policy);
  return isReason(month) ? month : multiply(month, twelve);
}

export function arpa(facts: PeriodFacts, policy: FormulaPolicy): Result {
  const month = recurring(facts, policy);
  return isReason(month) ? month : ratio(month, exact(facts.sums.endCustomers), "no_customers");
}

/** 12 × net new MRR: exchange-rate drift is nobody's sale. */
export function netNewArr(sums: PeriodSums, policy: FormulaPolicy): Exact {
  const flow = flowOf(sums, policy);
  const gained = sum([flow.new, flow.expansion, flow.reactivation]);
  return multiply(subtract(gained, add(flow.contraction, flow.churn)), twelve);
}
