import { add, divide, exact, isPositive, multiply, parseDecimal, subtract, sum } from "./decimal.ts";
import {
  arpa,
  customerChurn,
  type FormulaPolicy,
  isReason,
  netNewArr,
  newCustomers,
  type PeriodFacts,
  type Result,
  ratio,
} from "./formula-parts.ts";

/** What a customer is worth and costs, and how well growth is paid for: metrics.md §4, from spend and finance inputs. */

export function lifetimeValue(facts: PeriodFacts, policy: FormulaPolicy): Result {
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

export function acquisitionCost({ sums, spend }: PeriodFacts, policy: FormulaPolicy): Result {
  if (spend === null) return "no_spend";
  return ratio(parseDecimal(spend), exact(newCustomers(sums, policy)), "no_new_customers");
}

export function payback(facts: PeriodFacts, policy: FormulaPolicy): Result {
  const cost = acquisitionCost(facts, policy);
  if (isReason(cost)) return cost;
  if (facts.margin === null || !isPositive(parseDecimal(facts.margin))) return "no_margin";
  const perAccount = arpa(facts, policy);
  if (isReason(perAccount)) return perAccount;
  return ratio(cost, multiply(perAccount, parseDecimal(facts.margin)), "no_customers");
}

export function valueToCost(facts: PeriodFacts, policy: FormulaPolicy): Result {
  const cost = acquisitionCost(facts, policy);
  if (isReason(cost)) return cost;
  const value = lifetimeValue(facts, policy);
  return isReason(value) ? value : ratio(value, cost, "no_spend");
}

/** Growth of ARR over twelve months + operating profit ÷ revenue of the period (Brad Feld, "The Rule of 40%", 2015). */
export function ruleOf40({ sums, finance }: PeriodFacts): Result {
  if (finance?.unvalued) return "fx_rate_missing";
  if (!finance || finance.revenue === null || finance.profit === null) return "no_finance_inputs";
  const [now, then] = [parseDecimal(sums.endAnnual), parseDecimal(sums.yearAgoAnnual)];
  const growth = ratio(subtract(now, then), then, "no_customers_12_months_ago");
  const margin = ratio(parseDecimal(finance.profit), parseDecimal(finance.revenue), "no_finance_inputs");
  if (isReason(growth) || isReason(margin)) return isReason(growth) ? growth : margin;
  return add(growth, margin);
}

/** Net burn ÷ net new ARR (David Sacks, "The Burn Multiple", 2020); without growth there is nothing to divide by. */
export function burnMultiple({ sums, finance }: PeriodFacts, policy: FormulaPolicy): Result {
  if (finance?.unvalued) return "fx_rate_missing";
  if (!finance || finance.netBurn === null) return "no_finance_inputs";
  const gained = netNewArr(sums, policy);
  return isPositive(gained) ? divide(parseDecimal(finance.netBurn), gained) : "no_net_new_arr";
}

/**
 * Net new ARR ÷ sales and marketing spend of the period before: the magic number of Scale Venture Partners (2008), with ARR
 * in the place of four times a quarter's revenue.
 */
export function magicNumber({ sums, spendBefore }: PeriodFacts, policy: FormulaPolicy): Result {
  if (spendBefore === null || spendBefore === undefined) return "no_finance_inputs";
  return ratio(netNewArr(sums, policy), parseDecimal(spendBefore), "no_spend");
}
