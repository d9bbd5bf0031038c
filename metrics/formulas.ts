import {
  add,
  compare,
  type Decimal,
  type Exact,
  exact,
  formatDecimal,
  multiply,
  one,
  parseDecimal,
  subtract,
  sum,
  toNumber,
  zero,
} from "./decimal.ts";
import {
  annualRecurring,
  arpa,
  customerChurn,
  type FormulaPolicy,
  flowOf,
  flowOfKind,
  isReason,
  monthly,
  newCustomers,
  type PeriodFacts,
  type Result,
  ratio,
  recurring,
  visible,
} from "./formula-parts.ts";
import type { MetricName, MetricValue } from "./metric-names.ts";
import type { KindSums, PeriodSums } from "./period-sums.ts";
import {
  acquisitionCost,
  burnMultiple,
  lifetimeValue,
  magicNumber,
  payback,
  ruleOf40,
  valueToCost,
} from "./unit-economics.ts";

/** The formulas of metrics.md §4, from the sums of a period to its values. Pure arithmetic: SQL answers end here too. */

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
  of: ({ sums }, policy) => flowOfKind(kind, sums, policy),
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
