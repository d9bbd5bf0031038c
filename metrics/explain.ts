import {
  arpaPart,
  cacPart,
  count,
  customerChurn,
  grossLoss,
  kindMetrics,
  lossKinds,
  margin,
  metricPart,
  money,
  movements,
  netLoss,
  netNew,
  netNewKinds,
  ofKind,
  quickRatio,
  recurring,
  retained,
  same,
  startMrr,
} from "./explain-sums.ts";
import type { Explanation, Sum } from "./explanation.ts";
import type { FormulaPolicy } from "./formula-parts.ts";
import type { MetricName } from "./metric-names.ts";

/** What each metric, cohort cell and part of a composition is made of. */

/** What is known beside the policy: where a margin is not, LTV does without. */
export interface Known {
  margin: boolean;
}
type Explain = (policy: FormulaPolicy, known: Known) => Explanation;

const explanations = {
  mrr: (policy) => ({ ...recurring(policy), rows: { list: "states" } }),
  arr: (policy) => {
    const month = recurring(policy);
    return { formula: `12 × ${month.formula}`, parts: month.parts, rows: { list: "states" } };
  },
  new_mrr: () => movements("new"),
  expansion_mrr: () => movements("expansion"),
  reactivation_mrr: () => movements("reactivation"),
  contraction_mrr: () => movements("contraction"),
  churned_mrr: () => movements("churn"),
  fx_mrr: () => movements("fx"),
  net_new_mrr: () => ({ ...netNew, rows: { list: "movements", kinds: netNewKinds } }),
  customers: () => ({
    formula: "{customers}",
    parts: [count("customers", "customers at the end", { of: "rows", sum: "customers" })],
    rows: { list: "states" },
  }),
  new_customers: () => ({
    formula: "{joined}",
    parts: [count("joined", "customers with a new movement", { of: "rows", sum: "customers" })],
    rows: { list: "movements", kinds: ["new"] },
  }),
  churned_customers: () => ({
    formula: "{left}",
    parts: [count("left", "customers with a churn movement", { of: "rows", sum: "customers" })],
    rows: { list: "movements", kinds: ["churn"] },
  }),
  customer_churn_rate: (policy) => ({ ...customerChurn(policy), rows: { list: "leavers" } }),
  gross_mrr_churn_rate: () => ({ ...grossLoss, rows: { list: "losses", kinds: lossKinds } }),
  net_mrr_churn_rate: (policy) => {
    const { kinds, ...loss } = netLoss(policy);
    return { ...loss, rows: { list: "losses", kinds } };
  },
  nrr: () => retained(false),
  grr: () => retained(true),
  nrr_flow: (policy) => {
    const { kinds, formula, parts } = netLoss(policy);
    return { formula: `1 − ${formula}`, parts, rows: { list: "losses", kinds } };
  },
  grr_flow: () => ({
    ...{ formula: `1 − ${grossLoss.formula}`, parts: grossLoss.parts },
    rows: { list: "losses", kinds: lossKinds },
  }),
  quick_ratio: quickRatio,
  arpa: (policy) => {
    const month = recurring(policy);
    const customers = count("customers", "customers", { of: "rows", sum: "customers" }, same("customers"));
    return {
      formula: `${month.formula} ÷ {customers}`,
      parts: [...month.parts, customers],
      rows: { list: "states" },
    };
  },
  asp: () => ({
    formula: "{new} ÷ {joined}",
    parts: [
      ofKind("new"),
      count("joined", "new customers", { of: "rows", sum: "customers" }, same("new_customers")),
    ],
    rows: { list: "movements", kinds: ["new"] },
  }),
  ltv: (_policy, known) => ({
    formula: known.margin ? "{arpa} × {margin} ÷ {churn}" : "{arpa} ÷ {churn}",
    parts: [
      arpaPart,
      ...(known.margin ? [margin] : []),
      { name: "churn", label: "mean customer churn rate", unit: "rate", origin: { of: "churn_months" } },
    ],
    rows: null,
  }),
  cac: () => ({
    formula: "{spend} ÷ {joined}",
    parts: [
      money("spend", "spend", { of: "rows", sum: "counted" }),
      count("joined", "new customers", { of: "metric", metric: "new_customers" }, same("new_customers")),
    ],
    rows: { list: "spend" },
  }),
  cac_payback: () => ({
    formula: "{cac} ÷ ({arpa} × {margin})",
    parts: [cacPart, arpaPart, margin],
    rows: null,
  }),
  ltv_cac: () => ({
    formula: "{ltv} ÷ {cac}",
    parts: [metricPart("ltv", "LTV", "money"), cacPart],
    rows: null,
  }),
  trial_conversion: () => ({
    formula: "{converted} ÷ {started}",
    parts: [
      count("converted", "trials that pay by now", { of: "rows", sum: "customers" }),
      count("started", "trials begun in the period", { of: "rows", sum: "rows" }),
    ],
    rows: { list: "trials" },
  }),
  committed_mrr: () => ({
    formula: "{mrr} + {later}",
    parts: [
      money("mrr", "MRR when observed", { of: "state", at: "end", sum: "mrr" }),
      money("later", "movements that are already known", { of: "rows", sum: "counted" }),
    ],
    rows: { list: "later", kinds: null },
  }),
  scheduled_churn_mrr: () => ({
    formula: "{churn}",
    parts: [money("churn", "churn that is already known", { of: "rows", sum: "counted" })],
    rows: { list: "later", kinds: ["churn"] },
  }),
  usage_revenue: () => ({
    formula: "{usage}",
    parts: [money("usage", "transactions of the period", { of: "rows", sum: "counted" })],
    rows: { list: "usage" },
  }),
  rule_of_40: () => ({
    formula: "({now} − {then}) ÷ {then} + {profit} ÷ {revenue}",
    parts: [
      money("now", "ARR", { of: "state", at: "end", sum: "arr" }),
      money("then", "ARR twelve months ago", { of: "state", at: "year_ago", sum: "arr" }),
      money("profit", "operating profit", { of: "finance", input: "profit" }),
      money("revenue", "revenue", { of: "finance", input: "revenue" }),
    ],
    rows: null,
  }),
  burn_multiple: () => ({
    formula: `{burn} ÷ (12 × (${netNew.formula}))`,
    parts: [money("burn", "net burn", { of: "finance", input: "net_burn" }), ...netNew.parts],
    rows: { list: "movements", kinds: netNewKinds },
  }),
  magic_number: () => ({
    formula: `12 × (${netNew.formula}) ÷ {spend}`,
    parts: [
      ...netNew.parts,
      money("spend", "spend of the period before", { of: "finance", input: "spend_before" }),
    ],
    rows: { list: "movements", kinds: netNewKinds },
  }),
} satisfies Record<MetricName, Explain>;

/** What a metric is made of under a policy. */
export const explanationOf = (metric: MetricName, policy: FormulaPolicy, known: Known): Explanation =>
  (explanations[metric] as Explain)(policy, known);

/** How the MRR of a period came about from that of the one before: the identity of every period (metrics.md §3). */
export const mrrBridge: Sum = {
  formula: "{start} + {new} + {expansion} + {reactivation} − {contraction} − {churn} + {fx}",
  parts: [
    startMrr,
    ...[...netNewKinds, "fx" as const].map((kind) => ({
      ...ofKind(kind),
      origin: { of: "metric" as const, metric: kindMetrics[kind] },
    })),
  ],
};
/** The metrics that it takes. */
export const bridgeMetrics: readonly MetricName[] = [...netNewKinds, "fx" as const].map(
  (kind) => kindMetrics[kind],
);

/** What a cohort cell's rate is made of; the cell's value is the first part. */
export function cohortExplanation(measure: "customers" | "mrr_net" | "mrr_gross", active: boolean): Sum {
  if (measure === "customers")
    return {
      formula: "{now} ÷ {size}",
      parts: [
        count("now", active ? "members active then" : "members paying then", {
          of: "rows",
          sum: "customers",
        }),
        count("size", "members of the cohort", { of: "rows", sum: "rows" }),
      ],
    };
  return {
    formula: "{now} ÷ {initial}",
    parts: [
      money("now", measure === "mrr_net" ? "their MRR then" : "what was left of their first MRR", {
        of: "rows",
        sum: "counted",
      }),
      money("initial", "their first MRR", { of: "rows", sum: "before" }),
    ],
  };
}

/** What a part of a composition is made of: its share is of the whole. */
export const compositionExplanation = (label: string): Sum => ({
  formula: "{part}",
  parts: [money("part", label, { of: "rows", sum: "counted" })],
});
