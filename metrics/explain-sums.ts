import type { ExplainPart, Explanation, PartOrigin, Sum } from "./explanation.ts";
import type { FormulaPolicy } from "./formula-parts.ts";
import type { MovementKind } from "./ledger.ts";
import type { MetricName, MetricUnit } from "./metric-names.ts";

/** The sums that several explanations share, and the parts that they are put together from. */

export const money = (
  name: string,
  label: string,
  origin: PartOrigin,
  opens?: ExplainPart["opens"],
): ExplainPart => ({
  ...{ name, label, unit: "money", origin },
  ...(opens && { opens }),
});
export const count = (
  name: string,
  label: string,
  origin: PartOrigin,
  opens?: ExplainPart["opens"],
): ExplainPart => ({
  ...money(name, label, origin, opens),
  unit: "count",
});
export const same = (metric: MetricName) => ({ metric, period: "same" }) as const;
const before = (metric: MetricName) => ({ metric, period: "before" }) as const;
const counted = (...parts: string[]): PartOrigin => ({ of: "rows", sum: "counted", parts });

export const kindMetrics: Record<MovementKind, MetricName> = {
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
export const ofKind = (kind: MovementKind): ExplainPart =>
  money(kind, kindLabels[kind], counted(kind), same(kindMetrics[kind]));
/** In a rate, losses are capped at what each customer paid at the start: they need not be the metric of the kind. */
const lossOf = (kind: "churn" | "contraction"): ExplainPart => money(kind, kindLabels[kind], counted(kind));

export const movements = (kind: MovementKind): Explanation => ({
  formula: `{${kind}}`,
  parts: [ofKind(kind)],
  rows: { list: "movements", kinds: [kind] },
});

export const netNewKinds: readonly MovementKind[] = [
  "new",
  "expansion",
  "reactivation",
  "contraction",
  "churn",
];
export const netNew: Sum = {
  formula: "{new} + {expansion} + {reactivation} − {contraction} − {churn}",
  parts: netNewKinds.map(ofKind),
};

/** MRR at the end, under `usage: trailing3` with the mean of three months' usage revenue. */
export function recurring({ usage }: FormulaPolicy): Sum {
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

export const startMrr = money(
  "start",
  "MRR at start",
  { of: "state", at: "start", sum: "mrr" },
  before("mrr"),
);

export function netLoss({
  net_churn_reactivation: reactivates,
}: FormulaPolicy): Sum & { kinds: MovementKind[] } {
  const gains: MovementKind[] = reactivates ? ["expansion", "reactivation"] : ["expansion"];
  return {
    formula: `({churn} + {contraction} − ${gains.map((kind) => `{${kind}}`).join(" − ")}) ÷ {start}`,
    parts: [lossOf("churn"), lossOf("contraction"), ...gains.map(ofKind), startMrr],
    kinds: ["churn", "contraction", ...gains],
  };
}
export const grossLoss: Sum = {
  formula: "({churn} + {contraction}) ÷ {start}",
  parts: [lossOf("churn"), lossOf("contraction"), startMrr],
};
export const lossKinds: MovementKind[] = ["churn", "contraction"];

export function customerChurn(policy: FormulaPolicy): Sum {
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

export function quickRatio(policy: FormulaPolicy): Explanation {
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

export const metricPart = (name: MetricName, label: string, unit: MetricUnit): ExplainPart => ({
  ...{ name, label, unit },
  origin: { of: "metric", metric: name },
  opens: same(name),
});
export const margin: ExplainPart = {
  ...{ name: "margin", label: "gross margin", unit: "rate" },
  origin: { of: "finance", input: "margin" },
};
export const arpaPart = metricPart("arpa", "ARPA", "money");
export const cacPart = metricPart("cac", "CAC", "money");

/** Who paid twelve months ago. */
export const retained = (floor: boolean): Explanation => ({
  formula: "{now} ÷ {then}",
  parts: [
    money("now", floor ? "MRR still there of it" : "their MRR now", { of: "rows", sum: "counted" }),
    money("then", "MRR twelve months ago", { of: "rows", sum: "before" }),
  ],
  rows: { list: "retained", floor },
});
