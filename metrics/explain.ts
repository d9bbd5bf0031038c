import type { FormulaPolicy } from "./formula-parts.ts";
import type { MovementKind } from "./ledger.ts";
import type { MetricName, MetricUnit } from "./metric-names.ts";

/**
 * What every number is made of: a formula over named parts, where each part comes from, and which rows are listed under it.
 * The sums of the listed rows reproduce the parts, the parts the value (db/queries/explain.test.ts proves it).
 */

/** Which rows stand under a number. Of movements, those of the period; of states, those at its end. */
export type RowList =
  | { list: "states" }
  | { list: "movements"; kinds: readonly MovementKind[] }
  /** Movements of a rate: of losses, what counts against those who paid at the start. */
  | { list: "losses"; kinds: readonly MovementKind[] }
  | { list: "leavers" }
  /** Who paid twelve months ago: then and now. `floor`: growth left out. */
  | { list: "retained"; floor: boolean }
  /** What is dated after the observation day. */
  | { list: "later"; kinds: readonly MovementKind[] | null }
  | { list: "trials" }
  | { list: "spend" }
  | { list: "usage" };

/** What is added up of the listed rows: what they count for, what was there before, customers, or the rows themselves. */
export type RowSum = "counted" | "before" | "customers" | "rows";

export type PartOrigin =
  /** `parts`: only rows that count for one of these; absent: all. */
  | { of: "rows"; sum: RowSum; parts?: readonly string[] }
  /** The metric of this name in the same period. */
  | { of: "metric"; metric: MetricName }
  /** The state on the day before the period (`start`), on its last observed day (`end`), or twelve months before that. */
  | { of: "state"; at: "start" | "end" | "year_ago"; sum: "mrr" | "arr" | "customers" }
  /** Usage revenue of the three months that `usage: trailing3` averages, added up. */
  | { of: "usage_months" }
  /** Mean customer churn rate of the six months before. */
  | { of: "churn_months" }
  | { of: "finance"; input: FinanceInput };

/** What only an organisation's books know; spend: of the period before. */
export type FinanceInput = "margin" | "revenue" | "profit" | "net_burn" | "spend_before";

export interface ExplainPart {
  /** As the formula names it. */
  name: string;
  label: string;
  unit: MetricUnit;
  origin: PartOrigin;
  /** A metric whose own explanation leads further, in the period itself or the one before. */
  opens?: { metric: MetricName; period: "same" | "before" };
}

export interface Explanation {
  /** Arithmetic with part names in braces: `({churn} + {contraction}) ÷ {start}`. */
  formula: string;
  parts: readonly ExplainPart[];
  rows: RowList | null;
}

type Sum = Pick<Explanation, "formula" | "parts">;

const money = (
  name: string,
  label: string,
  origin: PartOrigin,
  opens?: ExplainPart["opens"],
): ExplainPart => ({
  ...{ name, label, unit: "money", origin },
  ...(opens && { opens }),
});
const count = (
  name: string,
  label: string,
  origin: PartOrigin,
  opens?: ExplainPart["opens"],
): ExplainPart => ({
  ...money(name, label, origin, opens),
  unit: "count",
});
const same = (metric: MetricName) => ({ metric, period: "same" }) as const;
const before = (metric: MetricName) => ({ metric, period: "before" }) as const;
const counted = (...parts: string[]): PartOrigin => ({ of: "rows", sum: "counted", parts });

const kindMetrics: Record<MovementKind, MetricName> = {
  new: "new_mrr",
  expansion: "expansion_mrr",
  reactivation: "reactivation_mrr",
  contraction: "contraction_mrr",
  churn: "churned_mrr",
  fx: "fx_mrr",
};
const kindLabels: Record<MovementKind, string> = {
  new: "new",
  expansion: "expansion",
  reactivation: "reactivation",
  contraction: "contraction",
  churn: "churn",
  fx: "exchange-rate drift",
};
/** What movements of a kind count for. */
const ofKind = (kind: MovementKind): ExplainPart =>
  money(kind, kindLabels[kind], counted(kind), same(kindMetrics[kind]));
/** In a rate, losses are capped at what each customer paid at the start: they need not be the metric of the kind. */
const lossOf = (kind: "churn" | "contraction"): ExplainPart => money(kind, kindLabels[kind], counted(kind));

const movements = (kind: MovementKind): Explanation => ({
  formula: `{${kind}}`,
  parts: [ofKind(kind)],
  rows: { list: "movements", kinds: [kind] },
});

const netNewKinds: readonly MovementKind[] = ["new", "expansion", "reactivation", "contraction", "churn"];
const netNew: Sum = {
  formula: "{new} + {expansion} + {reactivation} − {contraction} − {churn}",
  parts: netNewKinds.map(ofKind),
};

/** MRR at the end, under `usage: trailing3` with the mean of three months' usage revenue. */
function recurring({ usage }: FormulaPolicy): Sum {
  const held = money("held", "MRR of all customers", { of: "rows", sum: "counted" });
  return usage === "out"
    ? { formula: "{held}", parts: [held] }
    : {
        formula: "({held} + {usage} ÷ 3)",
        parts: [
          { ...held, label: "MRR of all subscriptions" },
          money("usage", "usage revenue of three months", { of: "usage_months" }),
        ],
      };
}

const startMrr = money("start", "MRR at start", { of: "state", at: "start", sum: "mrr" }, before("mrr"));

function netLoss({ net_churn_reactivation: reactivates }: FormulaPolicy): Sum & { kinds: MovementKind[] } {
  const gains: MovementKind[] = reactivates ? ["expansion", "reactivation"] : ["expansion"];
  return {
    formula: `({churn} + {contraction} − ${gains.map((kind) => `{${kind}}`).join(" − ")}) ÷ {start}`,
    parts: [lossOf("churn"), lossOf("contraction"), ...gains.map(ofKind), startMrr],
    kinds: ["churn", "contraction", ...gains],
  };
}
const grossLoss: Sum = {
  formula: "({churn} + {contraction}) ÷ {start}",
  parts: [lossOf("churn"), lossOf("contraction"), startMrr],
};
const lossKinds: MovementKind[] = ["churn", "contraction"];

function customerChurn(policy: FormulaPolicy): Sum {
  const start = count(
    "start",
    "customers at start",
    { of: "state", at: "start", sum: "customers" },
    before("customers"),
  );
  const joined = count(
    "joined",
    "new customers",
    { of: "metric", metric: "new_customers" },
    same("new_customers"),
  );
  const lost = count("lost", "customers at start who left", {
    of: "rows",
    sum: "customers",
    parts: ["lost"],
  });
  const flash = count("flash", "came and left", { of: "rows", sum: "customers", parts: ["flash"] });
  const both = policy.new_and_churn === "both";
  const plusNew = policy.churn_denominator === "start_plus_new";
  return {
    formula: `${both ? "({lost} + {flash})" : "{lost}"} ÷ ${plusNew ? "({start} + {joined})" : "{start}"}`,
    parts: [lost, ...(both ? [flash] : []), start, ...(plusNew ? [joined] : [])],
  };
}

function quickRatio(policy: FormulaPolicy): Explanation {
  const gains: MovementKind[] = policy.quick_ratio_reactivation
    ? ["new", "expansion", "reactivation"]
    : ["new", "expansion"];
  const losses: MovementKind[] = ["contraction", "churn"];
  const added = (kinds: readonly MovementKind[]) => kinds.map((kind) => `{${kind}}`).join(" + ");
  return {
    formula: `(${added(gains)}) ÷ (${added(losses)})`,
    parts: [...gains, ...losses].map(ofKind),
    rows: { list: "movements", kinds: [...gains, ...losses] },
  };
}

const metricPart = (name: MetricName, label: string, unit: MetricUnit): ExplainPart => ({
  ...{ name, label, unit },
  origin: { of: "metric", metric: name },
  opens: same(name),
});
const margin: ExplainPart = {
  ...{ name: "margin", label: "gross margin", unit: "rate" },
  origin: { of: "finance", input: "margin" },
};
const arpaPart = metricPart("arpa", "ARPA", "money");
const cacPart = metricPart("cac", "CAC", "money");

/** Who paid twelve months ago. */
const retained = (floor: boolean): Explanation => ({
  formula: "{now} ÷ {then}",
  parts: [
    money("now", floor ? "MRR still there of it" : "their MRR now", { of: "rows", sum: "counted" }),
    money("then", "MRR twelve months ago", { of: "rows", sum: "before" }),
  ],
  rows: { list: "retained", floor },
});

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
