import { formatCount, formatMetric, formatMoney, formatPercent, formatRatio } from "#charts/format.ts";
import { formatPeriod } from "#charts/format-dates.ts";
import { reasonWords } from "#charts/widget-words.ts";
import { cx } from "../../components/class-names.ts";
import { Table, Td, Th } from "../../components/table.tsx";
import type { ComparedRow, PolicyComparison } from "./load-policy.server.ts";

/** The metrics that two policies tell differently: now, then, and the change with its sign. */
export function DifferenceTable({ comparison }: { comparison: PolicyComparison }) {
  const { rows, period, currency } = comparison;
  const differing = rows.filter(({ months }) => months > 0);
  const same = rows.filter(({ months }) => months === 0);
  return (
    <>
      {differing.length > 0 ? (
        <Table
          label="The difference on your own numbers"
          className="max-sm:[&_td]:px-2 max-sm:[&_th]:px-2 max-sm:[&_td]:text-xs"
        >
          <thead>
            <tr>
              <Th>{formatPeriod(period, "long")}</Th>
              <Th numeric>Now</Th>
              <Th numeric>Then</Th>
              <Th numeric>Change</Th>
              <Th numeric className="max-sm:hidden">
                Differs in
              </Th>
            </tr>
          </thead>
          <tbody>
            {differing.map((row) => (
              <tr key={row.metric} data-difference={row.metric}>
                <Td className="font-medium whitespace-nowrap">{row.label}</Td>
                <Td numeric className="text-ink-2">
                  <Value row={row} side={row.now} currency={currency} />
                </Td>
                <Td numeric>
                  <Value row={row} side={row.proposed} currency={currency} />
                </Td>
                <Td numeric className={cx("font-medium", toneOf(row, currency))}>
                  {changeText(row, currency)}
                </Td>
                <Td numeric className="text-ink-3 max-sm:hidden">
                  {row.months} of {row.of} months
                </Td>
              </tr>
            ))}
          </tbody>
        </Table>
      ) : null}
      {same.length > 0 ? (
        <p className="border-t border-line px-5 py-3 text-sm text-ink-3">
          {differing.length === 0
            ? "No metric of these months differs."
            : `The same in all months: ${same.map(({ label }) => label).join(", ")}.`}
        </p>
      ) : null}
    </>
  );
}

function Value({ row, side, currency }: { row: ComparedRow; side: ComparedRow["now"]; currency: string }) {
  if (side.value === null)
    return (
      <span title={side.reason ? reasonWords[side.reason] : undefined}>
        –<span className="sr-only"> {side.reason ? reasonWords[side.reason] : null}</span>
      </span>
    );
  return <span data-value={String(side.value)}>{valueText(side.value, row.unit, currency)}</span>;
}

/** Two decimals throughout: policies often differ by little. */
const fine = { digits: 2 };

function valueText(value: string | number, unit: ComparedRow["unit"], currency: string): string {
  if (unit === "rate") return formatPercent(Number(value), fine);
  if (unit === "ratio") return formatRatio(Number(value), fine);
  return formatMetric(value, unit, currency, "cents");
}

function changeText({ change, unit, differs }: ComparedRow, currency: string): string {
  if (!differs) return "same";
  if (change === null) return "–";
  const signed = { ...fine, signed: true };
  switch (unit) {
    case "money":
      return formatMoney(change, currency, { style: "cents", signed: true });
    case "count":
      return formatCount(Number(change), { signed: true });
    case "rate":
      return `${formatRatio(Number(change) * 100, signed)} pt`;
    default:
      return formatRatio(Number(change), signed);
  }
}

/** What rounds to nothing is neither good nor bad. */
function toneOf(row: ComparedRow, currency: string): string {
  const { change, better, differs } = row;
  const isSmall = !/[1-9]/.test(changeText(row, currency));
  if (change === null || !differs || isSmall || better === "neutral") return "text-ink-3";
  return Number(change) > 0 === (better === "up") ? "text-positive" : "text-negative";
}
