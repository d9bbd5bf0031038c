import type { ExplainInput, ExplainOutput, ExplainPartOutput, ExplainSourceRow } from "#contracts/explain.ts";
import { type RuleKey, ruleLabel, ruleMeaning } from "#contracts/policy-rules.ts";
import type { Day } from "#metrics/day.ts";
import { formatDecimal, parseDecimal, sum } from "#metrics/decimal.ts";
import { formulaText, formulaWithNumbers } from "#metrics/formula-words.ts";
import type { MetricUnit } from "#metrics/metric-names.ts";
import type { PolicySettings } from "#metrics/policy.ts";
import type { AnalyticsSettings } from "./analytics-settings.ts";
import {
  type ItemList,
  type ItemPage,
  type ItemRow,
  movementOf,
  readItems,
  shownAmount,
} from "./explain-items.ts";
import { listSources, ownSources, type SourceAsk } from "./explain-sources.ts";
import type { LedgerScope, LedgerTx } from "./ledger.ts";
import type { LedgerSource } from "./ledger-source.ts";

/** What every explanation has in common, whatever the number is. */

export const nothingListed: ItemPage = { groups: [], items: [], next: null };

export const readList = (
  tx: LedgerTx,
  source: LedgerSource,
  list: ItemList | null,
  paging: ExplainInput,
): Promise<ItemPage> => (list ? readItems(tx, source, list, paging) : Promise.resolve(nothingListed));

/** The file rows of a page: by what `asks` of each listed row, or the rows themselves where they come from a file. */
export async function readSources(
  tx: LedgerTx,
  list: ItemList | null,
  items: readonly ItemRow[],
  {
    scope,
    asks,
    only = null,
  }: {
    scope: LedgerScope;
    asks: (item: ItemRow, n: number) => SourceAsk[];
    only?: Parameters<typeof listSources>[3];
  },
): Promise<ExplainSourceRow[]> {
  if (!list) return [];
  if (list.type === "spend" || list.type === "transaction") return ownSources(tx, items, list.type);
  return listSources(tx, scope, items.flatMap(asks), only);
}

/** The file rows behind a listed row, by its type. */
export function asksOf(
  type: ItemList["type"],
  seen: { end: Day; past: Day },
): (item: ItemRow, n: number) => SourceAsk[] {
  return ({ cust, day, kind, ref }, n) => {
    const held = (role: string, on: Day): SourceAsk => ({ n, cust, day: on, role, mode: "held" });
    if (type === "state") return [held("holds", seen.end)];
    if (type === "comparison") return [held("then", seen.past), held("now", seen.end)];
    if (type === "trial") return [{ n, cust, day, role: "trial", mode: "trial", ref }];
    return [{ n, cust, day, role: "drifts", mode: kind === "fx" ? "drift" : "changed" }];
  };
}

interface Answer {
  subject: Pick<
    ExplainOutput,
    "metric" | "label" | "definition" | "period" | "period_before" | "from" | "to"
  > &
    Partial<Pick<ExplainOutput, "cohort" | "composition">>;
  number: {
    value: ExplainOutput["value"];
    rate: number | null;
    reason: ExplainOutput["reason"];
    complete: boolean;
  };
  unit: MetricUnit;
  formula: {
    template: string;
    yields: "value" | "rate";
    parts: ExplainPartOutput[];
    bridge?: { template: string; parts: ExplainPartOutput[] } | null;
  };
  rules: readonly RuleKey[];
  settings: AnalyticsSettings;
  asOf: Day;
  list: ItemList | null;
  page: ItemPage;
  rows: ExplainSourceRow[];
}

const added = (amounts: readonly (string | null)[]): string | null =>
  amounts.every((amount) => amount === null)
    ? null
    : formatDecimal(sum(amounts.map((amount) => parseDecimal(amount ?? "0"))));

/** Rules of a policy by key. A grace period says something only where there is one. */
const togglesOf = (keys: readonly RuleKey[], policy: PolicySettings): ExplainOutput["policy"]["toggles"] =>
  keys
    .filter((key) => key !== "past_due_days" || policy.past_due === "grace")
    .map((key) => ({
      ...{ key, value: String(policy[key]) },
      ...{ label: ruleLabel(key), words: ruleMeaning(key, policy[key]) },
    }));

export function answerOf(given: Answer): ExplainOutput {
  const { subject, number, unit, formula, settings, list, page } = given;
  const annual = list?.annual ?? false;
  const { groups } = page;
  const counted = added(groups.map((group) => group.counted));
  const yields =
    formula.yields === "rate" ? { value: number.rate, unit: "rate" as const } : { value: number.value, unit };
  return {
    ...{ cohort: null, composition: null, ...subject },
    unit,
    currency: settings.currency,
    as_of: given.asOf,
    ...number,
    version: settings.version,
    formula: {
      text: formulaText(formula.template, formula.parts),
      expression: formulaWithNumbers(formula.template, formula.parts, yields),
      ...formula,
      bridge: formula.bridge
        ? {
            ...formula.bridge,
            expression: formulaWithNumbers(formula.bridge.template, formula.bridge.parts, yields),
          }
        : null,
    },
    policy: {
      preset: settings.policy.preset,
      version: settings.policyVersion,
      toggles: togglesOf(given.rules, settings.policy),
    },
    groups: groups.map(({ part, kind, rows, amount, counted: sums, customers }) => ({
      ...{ part, kind, rows, counted_customers: customers },
      amount: shownAmount(amount, annual),
      counted: shownAmount(sums, annual),
    })),
    total: {
      rows: groups.reduce((all, { rows }) => all + rows, 0),
      amount: shownAmount(added(groups.map(({ amount }) => amount)), annual),
      counted: shownAmount(counted, annual),
      counted_annual: annual ? counted : null,
      counted_customers: groups.reduce((all, { customers }) => all + customers, 0),
    },
    movements: list ? page.items.map((item) => movementOf(item, list)) : [],
    rows: given.rows,
    next: page.next,
  };
}
