import {
  add,
  compare,
  type Decimal,
  divide,
  type Exact,
  exact,
  formatDecimal,
  isPositive,
  isZero,
  multiply,
  one,
  parseDecimal,
  subtract,
  sum,
  toNumber,
  zero,
} from "./decimal.ts";
import type { FinanceSums } from "./finance.ts";
import type { MetricName, MetricValue, NullReason } from "./metric-names.ts";
import type { KindSums, PeriodSums } from "./period-sums.ts";
import type { PolicySettings } from "./policy.ts";

/** The formulas of metrics.md §4, from the sums of a period to its values. Pure arithmetic: SQL answers end here too. */

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
type Result = Exact | NullReason;
const isReason = (result: Result): result is NullReason => typeof result === "string";
const ratio = (part: Exact, whole: Exact, reason: NullReason): Result =>
  isZero(whole) ? reason : divide(part, whole);
const twelve = exact(12);
/** Over so many months usage revenue is averaged. */
export const trailingMonths = 3;
const monthly = (annual: Decimal): Exact => divide(parseDecimal(annual), twelve);

/** Monthly amounts by kind, without customers new and gone in the period where the policy drops them. */
function flowOf(sums: PeriodSums, policy: FormulaPolicy): Record<keyof KindSums, Exact> {
  const of = (kind: keyof KindSums): Exact =>
    policy.new_and_churn === "drop"
      ? subtract(monthly(sums.kinds[kind]), monthly(sums.flash[kind]))
      : monthly(sums.kinds[kind]);
  return {
    new: of("new"),
    expansion: of("expansion"),
    reactivation: of("reactivation"),
    contraction: of("contraction"),
    churn: of("churn"),
    fx: of("fx"),
  };
}

const visible = (count: number, sums: PeriodSums, policy: FormulaPolicy): number =>
  policy.new_and_churn === "drop" ? count - sums.flashCustomers : count;

const newCustomers = (sums: PeriodSums, policy: FormulaPolicy): number =>
  visible(sums.newCustomers, sums, policy);

function customerChurn(sums: PeriodSums, policy: FormulaPolicy): Result {
  const flash = policy.new_and_churn === "both" ? sums.flashCustomers : 0;
  const joined = policy.churn_denominator === "start_plus_new" ? newCustomers(sums, policy) : 0;
  return ratio(
    exact(sums.lostCustomers + flash),
    exact(sums.startCustomers + joined),
    "no_customers_at_start",
  );
}

/** Losses that the MRR rates count: of those who paid at the start; with `both`, of flashes as well. */
function countedLoss(sums: PeriodSums, policy: FormulaPolicy): Exact {
  const lost = monthly(sums.lostAnnual);
  return policy.new_and_churn === "both"
    ? sum([lost, monthly(sums.flash.churn), monthly(sums.flash.contraction)])
    : lost;
}

function netLoss(sums: PeriodSums, policy: FormulaPolicy): Exact {
  const flow = flowOf(sums, policy);
  const gained = add(flow.expansion, policy.net_churn_reactivation ? flow.reactivation : zero);
  return subtract(countedLoss(sums, policy), gained);
}

const ofStart = (part: Exact, sums: PeriodSums): Result =>
  ratio(part, monthly(sums.startAnnual), "no_mrr_at_start");
const complement = (result: Result): Result => (isReason(result) ? result : subtract(one, result));

function quickRatio(sums: PeriodSums, policy: FormulaPolicy): Result {
  const flow = flowOf(sums, policy);
  const gained = sum([flow.new, flow.expansion, policy.quick_ratio_reactivation ? flow.reactivation : zero]);
  return ratio(gained, add(flow.contraction, flow.churn), "no_losses");
}

/** MRR at the cut; under `usage: trailing3` with the mean usage revenue of three months (metrics.md §2). */
function recurring({ sums, trailingUsage }: PeriodFacts, policy: FormulaPolicy): Result {
  const subscriptions = monthly(sums.endAnnual);
  if (policy.usage === "out" || !trailingUsage) return subscriptions;
  if (trailingUsage.unvalued) return "fx_rate_missing";
  return add(subscriptions, divide(parseDecimal(trailingUsage.amount), exact(trailingMonths)));
}

function annualRecurring(facts: PeriodFacts, policy: FormulaPolicy): Result {
  const month = recurring(facts, policy);
  return isReason(month) ? month : multiply(month, twelve);
}

function arpa(facts: PeriodFacts, policy: FormulaPolicy): Result {
  const month = recurring(facts, policy);
  return isReason(month) ? month : ratio(month, exact(facts.sums.endCustomers), "no_customers");
}

function lifetimeValue(facts: PeriodFacts, policy: FormulaPolicy): Result {
  const { history, margin } = facts;
  const perAccount = arpa(facts, policy);
  if (isReason(perAccount)) return perAccount;
  if (history.some((month) => month.unvalued.within)) return "fx_rate_missing";
  const rates = history.flatMap((month) => {
    const rate = customerChurn(month, policy);
    return isReason(rate) ? [] : [rate];
  });
  if (rates.length === 0) return "no_history";
  const mean = divide(sum(rates), exact(rates.length));
  return ratio(margin === null ? perAccount : multiply(perAccount, parseDecimal(margin)), mean, "no_churn");
}

function acquisitionCost({ sums, spend }: PeriodFacts, policy: FormulaPolicy): Result {
  if (spend === null) return "no_spend";
  return ratio(parseDecimal(spend), exact(newCustomers(sums, policy)), "no_new_customers");
}

function payback(facts: PeriodFacts, policy: FormulaPolicy): Result {
  const cost = acquisitionCost(facts, policy);
  if (isReason(cost)) return cost;
  if (facts.margin === null || !isPositive(parseDecimal(facts.margin))) return "no_margin";
  const perAccount = arpa(facts, policy);
  if (isReason(perAccount)) return perAccount;
  return ratio(cost, multiply(perAccount, parseDecimal(facts.margin)), "no_customers");
}

function valueToCost(facts: PeriodFacts, policy: FormulaPolicy): Result {
  const cost = acquisitionCost(facts, policy);
  if (isReason(cost)) return cost;
  const value = lifetimeValue(facts, policy);
  return isReason(value) ? value : ratio(value, cost, "no_spend");
}

/** 12 × net new MRR: exchange-rate drift is nobody's sale. */
function netNewArr(sums: PeriodSums, policy: FormulaPolicy): Exact {
  const flow = flowOf(sums, policy);
  const gained = sum([flow.new, flow.expansion, flow.reactivation]);
  return multiply(subtract(gained, add(flow.contraction, flow.churn)), twelve);
}

/** Growth of ARR over twelve months + operating profit ÷ revenue of the period (Brad Feld, "The Rule of 40%", 2015). */
function ruleOf40({ sums, finance }: PeriodFacts): Result {
  if (finance?.unvalued) return "fx_rate_missing";
  if (!finance || finance.revenue === null || finance.profit === null) return "no_finance_inputs";
  const [now, then] = [parseDecimal(sums.endAnnual), parseDecimal(sums.yearAgoAnnual)];
  const growth = ratio(subtract(now, then), then, "no_customers_12_months_ago");
  const margin = ratio(parseDecimal(finance.profit), parseDecimal(finance.revenue), "no_finance_inputs");
  if (isReason(growth) || isReason(margin)) return isReason(growth) ? growth : margin;
  return add(growth, margin);
}

/** Net burn ÷ net new ARR (David Sacks, "The Burn Multiple", 2020); without growth there is nothing to divide by. */
function burnMultiple({ sums, finance }: PeriodFacts, policy: FormulaPolicy): Result {
  if (finance?.unvalued) return "fx_rate_missing";
  if (!finance || finance.netBurn === null) return "no_finance_inputs";
  const gained = netNewArr(sums, policy);
  return isPositive(gained) ? divide(parseDecimal(finance.netBurn), gained) : "no_net_new_arr";
}

/**
 * Net new ARR ÷ sales and marketing spend of the period before: the magic number of Scale Venture Partners (2008), with ARR
 * in the place of four times a quarter's revenue.
 */
function magicNumber({ sums, spendBefore }: PeriodFacts, policy: FormulaPolicy): Result {
  if (spendBefore === null || spendBefore === undefined) return "no_finance_inputs";
  return ratio(netNewArr(sums, policy), parseDecimal(spendBefore), "no_spend");
}

type Touch = keyof PeriodSums["unvalued"];
interface Formula {
  as: "money" | "number";
  /** Where a missing exchange rate makes the value unknown. */
  touches: readonly Touch[];
  of: (facts: PeriodFacts, policy: FormulaPolicy) => Result;
}

const flowMoney = (kind: keyof KindSums): Formula => ({
  as: "money",
  touches: ["within"],
  of: ({ sums }, policy) => flowOf(sums, policy)[kind],
});

const formulas: Record<MetricName, Formula> = {
  mrr: { as: "money", touches: ["atEnd"], of: recurring },
  arr: { as: "money", touches: ["atEnd"], of: annualRecurring },
  new_mrr: flowMoney("new"),
  expansion_mrr: flowMoney("expansion"),
  reactivation_mrr: flowMoney("reactivation"),
  contraction_mrr: flowMoney("contraction"),
  churned_mrr: flowMoney("churn"),
  fx_mrr: flowMoney("fx"),
  net_new_mrr: {
    as: "money",
    touches: ["within"],
    of: ({ sums }, policy) => {
      const flow = flowOf(sums, policy);
      return subtract(sum([flow.new, flow.expansion, flow.reactivation]), add(flow.contraction, flow.churn));
    },
  },
  customers: { as: "number", touches: ["atEnd"], of: ({ sums }) => exact(sums.endCustomers) },
  new_customers: {
    as: "number",
    touches: ["within"],
    of: ({ sums }, policy) => exact(newCustomers(sums, policy)),
  },
  churned_customers: {
    as: "number",
    touches: ["within"],
    of: ({ sums }, policy) => exact(visible(sums.churnedCustomers, sums, policy)),
  },
  customer_churn_rate: {
    as: "number",
    touches: ["within"],
    of: ({ sums }, policy) => customerChurn(sums, policy),
  },
  gross_mrr_churn_rate: {
    as: "number",
    touches: ["within"],
    of: ({ sums }, policy) => ofStart(countedLoss(sums, policy), sums),
  },
  net_mrr_churn_rate: {
    as: "number",
    touches: ["within"],
    of: ({ sums }, policy) => ofStart(netLoss(sums, policy), sums),
  },
  nrr: {
    as: "number",
    touches: ["atEnd", "yearAgo"],
    of: ({ sums }) =>
      ratio(parseDecimal(sums.keptAnnual), parseDecimal(sums.yearAgoAnnual), "no_customers_12_months_ago"),
  },
  grr: {
    as: "number",
    touches: ["atEnd", "yearAgo"],
    of: ({ sums }) =>
      ratio(parseDecimal(sums.floorAnnual), parseDecimal(sums.yearAgoAnnual), "no_customers_12_months_ago"),
  },
  nrr_flow: {
    as: "number",
    touches: ["within"],
    of: ({ sums }, policy) => complement(ofStart(netLoss(sums, policy), sums)),
  },
  grr_flow: {
    as: "number",
    touches: ["within"],
    of: ({ sums }, policy) => complement(ofStart(countedLoss(sums, policy), sums)),
  },
  quick_ratio: { as: "number", touches: ["within"], of: ({ sums }, policy) => quickRatio(sums, policy) },
  arpa: { as: "money", touches: ["atEnd"], of: arpa },
  asp: {
    as: "money",
    touches: ["within"],
    of: ({ sums }, policy) =>
      ratio(flowOf(sums, policy).new, exact(newCustomers(sums, policy)), "no_new_customers"),
  },
  ltv: { as: "money", touches: ["atEnd"], of: lifetimeValue },
  cac: { as: "money", touches: ["within"], of: acquisitionCost },
  cac_payback: { as: "number", touches: ["within"], of: payback },
  ltv_cac: { as: "number", touches: ["within"], of: valueToCost },
  trial_conversion: {
    as: "number",
    touches: [],
    of: ({ trials }) =>
      trials ? ratio(exact(trials.converted), exact(trials.started), "no_trials") : "no_trials",
  },
  committed_mrr: {
    as: "money",
    touches: ["later"],
    of: ({ sums }) => monthly(sums.committedAnnual),
  },
  scheduled_churn_mrr: {
    as: "money",
    touches: ["later"],
    of: ({ sums }) => monthly(sums.scheduledChurnAnnual),
  },
  usage_revenue: {
    as: "money",
    touches: [],
    of: ({ usage, usageUnvalued }) =>
      usage === null ? "no_data" : usageUnvalued ? "fx_rate_missing" : parseDecimal(usage),
  },
  rule_of_40: { as: "number", touches: ["atEnd", "yearAgo"], of: ruleOf40 },
  burn_multiple: { as: "number", touches: ["within"], of: burnMultiple },
  magic_number: { as: "number", touches: ["within"], of: magicNumber },
};

const seenAhead: ReadonlySet<MetricName> = new Set(["committed_mrr", "scheduled_churn_mrr"]);

/** The value of one metric in one period: money as wire text, everything else as a number, or null with a reason. */
export function metricValue(name: MetricName, facts: PeriodFacts, policy: FormulaPolicy): MetricValue {
  const formula = formulas[name];
  const { sums } = facts;
  const result =
    sums.phase === "future" && !seenAhead.has(name)
      ? "no_data"
      : formula.touches.some((touch) => sums.unvalued[touch])
        ? "fx_rate_missing"
        : formula.of(facts, policy);
  if (isReason(result)) return { value: null, reason: result };
  return { value: formula.as === "money" ? formatDecimal(result) : toNumber(result), reason: null };
}

/** A rate per month as a rate per year, compounded: 5 % a month → 45.96 % a year. */
export function compoundAnnually(monthlyRate: Decimal): number {
  const kept = subtract(one, parseDecimal(monthlyRate));
  let left = one;
  for (let month = 0; month < 12; month++) left = multiply(left, kept);
  return toNumber(subtract(one, left));
}

/** start + new + expansion + reactivation − contraction − churn + fx = end: the identity of every period. */
export const isBalanced = ({ startAnnual, endAnnual, kinds }: PeriodSums): boolean =>
  compare(
    parseDecimal(endAnnual),
    subtract(
      sum([startAnnual, kinds.new, kinds.expansion, kinds.reactivation, kinds.fx].map(parseDecimal)),
      add(parseDecimal(kinds.contraction), parseDecimal(kinds.churn)),
    ),
  ) === 0;
