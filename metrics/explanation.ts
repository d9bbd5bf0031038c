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

/** A formula and what it takes, whatever rows are listed under it. */
export type Sum = Pick<Explanation, "formula" | "parts">;
