import { formatCount, formatMoney, formatPercent } from "#charts/format.ts";
import { formatPeriod } from "#charts/format-dates.ts";
import { cohortMeasureNames, grainNames } from "#charts/widget-words.ts";
import { cx } from "../../components/class-names.ts";
import type { BodyProps } from "./body.ts";
import { ExplainNumber } from "./explain-scope.tsx";

const cell = "tabular h-6 border-t border-line text-right whitespace-nowrap";
const head = "sticky top-0 z-10 h-6 bg-surface text-right font-normal whitespace-nowrap";

/** What is left of each cohort after a few periods, with its size and its first MRR. */
export function RetentionTableBody({ title, view, size }: BodyProps<"retention_table">) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms
    <div
      role="group"
      aria-label={`${title}, table`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
      tabIndex={0}
      className="relative overflow-auto text-sm"
      style={{ maxHeight: size.height }}
    >
      <table className="w-full border-separate border-spacing-0">
        <caption className="sr-only">
          {title}: {cohortMeasureNames[view.measure].toLowerCase()} left after periods, per cohort
        </caption>
        <thead className="text-xs text-ink-3">
          <tr>
            <th scope="col" className="sticky top-0 left-0 z-20 h-6 bg-surface text-left font-normal">
              Cohort
            </th>
            <th scope="col" className={head}>
              Customers
            </th>
            <th scope="col" className={cx(head, "pl-4")}>
              First MRR
            </th>
            {view.milestones.map((k) => (
              <th key={k} scope="col" className={cx(head, "pl-4")}>
                {grainNames[view.grain]} {k}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {view.cohorts.map((cohort) => (
            <tr key={cohort.cohort}>
              <th
                scope="row"
                className="sticky left-0 z-10 h-6 border-t border-line bg-surface pr-3 text-left font-normal whitespace-nowrap"
              >
                {formatPeriod(cohort.cohort)}
              </th>
              <td className={cell}>{formatCount(cohort.size)}</td>
              <td className={cx(cell, "pl-4 text-ink-3")}>
                {formatMoney(cohort.initial, view.currency, { style: "whole" })}
              </td>
              {view.milestones.map((k) => {
                const at = cohort.cells[k];
                return (
                  <td key={k} className={cx(cell, "pl-4", at && !at.complete && "text-ink-3")}>
                    {at && at.rate === null ? (
                      formatPercent(null)
                    ) : at && view.grain !== "day" ? (
                      <ExplainNumber
                        target={{
                          ...{ metric: "cohort", cohort: cohort.cohort, k, grain: view.grain },
                          ...{ basis: view.basis, measure: view.measure },
                        }}
                        name={`${formatPeriod(cohort.cohort)}, ${view.grain} ${k}`}
                      >
                        {formatPercent(at.rate)}
                      </ExplainNumber>
                    ) : null}
                    {at && !at.complete ? <span className="sr-only"> so far</span> : null}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
        <tfoot className="font-semibold">
          <tr>
            <th
              scope="row"
              colSpan={3}
              className="sticky bottom-0 left-0 z-10 h-6 border-t border-line-strong bg-surface text-left font-semibold"
            >
              Average
            </th>
            {view.milestones.map((k) => (
              <td key={k} className={cx(cell, "sticky bottom-0 border-line-strong bg-surface pl-4")}>
                {formatPercent(view.average[k]?.rate ?? null)}
              </td>
            ))}
          </tr>
        </tfoot>
      </table>
    </div>
  );
}
