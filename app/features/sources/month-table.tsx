import { Link } from "@remix-run/react";
import { formatCount, formatMoney, formatPercent } from "#charts/format.ts";
import { formatPeriod } from "#charts/format-dates.ts";
import type { ReconcileOutput } from "#contracts/sources.ts";
import { cx } from "../../components/class-names.ts";
import { Table, Td, Th } from "../../components/table.tsx";

type Month = ReconcileOutput["months"][number];

const differenceOf = ({ ours, theirs }: Month): string => {
  const difference = Number(ours) - Number(theirs);
  return Math.abs(difference) < 0.005 ? "0" : difference.toFixed(2);
};

/** Each month's MRR, ours beside theirs, and how many customers' figures are equal, explained, or neither. */
export const MonthTable = ({ months, chosen }: { months: readonly Month[]; chosen: string | null }) => {
  const mixed = new Set(months.map(({ currency }) => currency)).size > 1;
  return (
    <Table label="Months compared" className="max-h-105 overflow-y-auto">
      <thead>
        <tr>
          <Th>Month</Th>
          <Th numeric>MRR here</Th>
          <Th numeric>In Stripe’s report</Th>
          <Th numeric>Difference</Th>
          <Th numeric>Equal</Th>
          <Th numeric>Explained</Th>
          <Th numeric>Unexplained</Th>
        </tr>
      </thead>
      <tbody>
        {months.map((one) => {
          const difference = differenceOf(one);
          const all = one.equal + one.explained + one.unexplained;
          return (
            <tr
              key={`${one.month} ${one.currency}`}
              data-month={one.month}
              className={one.month === chosen ? "bg-accent-soft" : "hover:bg-sunken"}
            >
              <Td className="whitespace-nowrap">
                <Link
                  to={one.month === chosen ? "?" : `?month=${one.month}`}
                  preventScrollReset
                  className="font-medium hover:underline"
                  aria-current={one.month === chosen ? "true" : undefined}
                >
                  {formatPeriod(one.month, "long")}
                </Link>
                {mixed ? <span className="ml-2 text-xs text-ink-3">{one.currency}</span> : null}
              </Td>
              <Td numeric>{formatMoney(one.ours, one.currency, { style: "cents" })}</Td>
              <Td numeric>{formatMoney(one.theirs, one.currency, { style: "cents" })}</Td>
              <Td numeric className={difference === "0" ? "text-ink-3" : "font-medium"}>
                {formatMoney(difference, one.currency, { style: "cents", signed: true })}
              </Td>
              <Td numeric className="text-ink-2">
                {formatCount(one.equal)}
                <span className="ml-1.5 text-xs text-ink-3">
                  {all > 0 ? formatPercent(one.equal / all, { digits: 0 }) : ""}
                </span>
              </Td>
              <Td numeric className="text-ink-2">
                {formatCount(one.explained)}
              </Td>
              <Td numeric className={cx(one.unexplained > 0 ? "font-semibold text-negative" : "text-ink-3")}>
                {formatCount(one.unexplained)}
              </Td>
            </tr>
          );
        })}
      </tbody>
    </Table>
  );
};
