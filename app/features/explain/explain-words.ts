import { formatCounted, formatMetric, formatMoney, formatPercent } from "#charts/format.ts";
import { formatDay, formatPeriod } from "#charts/format-dates.ts";
import { movementNames } from "#charts/movement-names.ts";
import { cohortBasisNames, partName } from "#charts/widget-words.ts";
import type { ExplainMovement, ExplainOutput } from "#contracts/explain.ts";

/** What the page of an explanation says, in words. */

/** "Net MRR churn rate in March 2026", "Cohort January 2024, month 3", "MRR of Pro on 31 Mar 2026" */
export function explainTitle({ label, period, cohort, composition, to }: ExplainOutput): string {
  if (cohort) return `Cohort ${formatPeriod(cohort.cohort, "long")}, ${cohort.grain} ${cohort.k}`;
  if (composition)
    return `${composition.whole ? "MRR" : `MRR of ${partName(composition.key)}`} on ${formatDay(to)}`;
  return period ? `${label} in ${formatPeriod(period, "long")}` : label;
}

/** Which customers and days the number is about. */
export function explainScope({ period, cohort, from, to, complete }: ExplainOutput): string {
  const days = from === to ? formatDay(to) : `${formatDay(from)} – ${formatDay(to)}`;
  const seen = complete ? days : `${days}, still running`;
  if (!cohort) return seen;
  return `${cohortBasisNames[cohort.basis]} in ${formatPeriod(cohort.cohort, "long")}, seen in ${formatPeriod(period ?? cohort.cohort, "long")} (${seen})`;
}

/** The number as the page shows it large, and what stands beside it. */
export function explainNumber({ value, rate, unit, currency, cohort, composition, total }: ExplainOutput) {
  const amount = formatMetric(value, unit, currency);
  if (composition) {
    // dashboards show compositions of ARR as well
    const year = value === null ? null : `${formatMoney(total.counted_annual ?? "0", currency)} ARR`;
    const share = rate === null ? null : `${formatPercent(rate)} of the whole`;
    return { main: amount, beside: [year, share].filter((text) => text !== null).join(" · ") };
  }
  if (rate === null) return { main: amount, beside: null };
  return cohort
    ? {
        main: formatPercent(rate),
        beside: unit === "count" ? formatCounted(Number(value), "customer") : amount,
      }
    : { main: amount, beside: formatPercent(rate) };
}

/** Whether the formula leads on to other numbers than itself; without that, and without rows, nothing happened. */
export const isMadeOfNumbers = ({
  metric,
  period,
  formula,
  value,
}: Pick<ExplainOutput, "metric" | "period" | "formula" | "value">): boolean =>
  value !== null &&
  formula.parts
    .flatMap(({ opens, of }) => [opens, ...of.map((one) => one.opens)])
    .some((link) => link !== null && (link.metric !== metric || link.period !== period));

const listNames: Record<ExplainMovement["type"], string> = {
  state: "Customers",
  movement: "Movements",
  comparison: "Customers of twelve months ago",
  member: "Members",
  trial: "Trials",
  spend: "Spend",
  transaction: "Transactions",
};
/** The name of the list of rows. */
export const listName = (type: ExplainMovement["type"]): string => listNames[type];

/** What a group of rows is called. */
export function groupName({ part, kind }: ExplainOutput["groups"][number]): string {
  const name = movementNames[kind as keyof typeof movementNames] ?? "Rows";
  return part === "not_counted"
    ? `${name}, not counted`
    : part === "flash"
      ? `${name}, came in the period`
      : name;
}

export const causeWords: Record<string, string> = {
  moved: "moved between filters",
  free: "free from here on",
  involuntary: "payment failed",
  paused: "paused",
};

/** Roles of source rows that are worth a word. */
const roles: ReadonlySet<string> = new Set(["begins", "ends", "then", "now", "joined", "first", "active"]);
export const roleName = (role: string): string =>
  [...new Set(role.split(" "))].filter((one) => roles.has(one)).join(", ");
