import { Link } from "@remix-run/react";
import { useState } from "react";
import { formatCount, formatCounted, formatMoney } from "#charts/format.ts";
import { formatPeriod } from "#charts/format-dates.ts";
import { Card } from "../../components/card.tsx";
import { cx } from "../../components/class-names.ts";
import { Table, Td, Th } from "../../components/table.tsx";
import type { ImportEffect } from "./load-effect.server.ts";
import { RatesMissing } from "./rates-missing.tsx";

const shownMonths = 6;

/** Where the numbers stand after an import, and which closed months it moved. */
export function EffectCard({ effect }: { effect: ImportEffect }) {
  const [all, setAll] = useState(false);
  const { currency, months } = effect;
  const shown = all ? months : months.slice(0, shownMonths);
  // one column, one number of decimals
  const mixes = months.some((one) => [one.before, one.after, one.change].some((text) => text.includes(".")));
  const style = mixes ? "cents" : "exact";
  return (
    <Card title="Your numbers now" flush>
      <dl className="grid grid-cols-3 gap-4 px-5 pb-5">
        {effect.figures.map(({ metric, name, value }) => (
          <div key={metric} className="grid min-w-0 gap-0.5">
            <dt className="text-xs text-ink-3">{name}</dt>
            <dd
              data-metric={metric}
              data-value={value ?? ""}
              className="tabular truncate text-xl font-semibold tracking-tight"
            >
              {metric === "customers"
                ? formatCount(typeof value === "number" ? value : null)
                : formatMoney(value, currency, { style: "short" })}
            </dd>
          </div>
        ))}
      </dl>
      {effect.isUnvalued ? (
        <div className="px-5 pb-5">
          <RatesMissing />
        </div>
      ) : null}
      {months.length > 0 ? (
        <>
          <p className="flex flex-wrap justify-between gap-x-4 border-t border-line px-5 pt-4 pb-1 text-sm">
            <span className="font-medium">It moved {formatCounted(months.length, "closed month")}</span>
            <Link to="/restatements" className="link" prefetch="intent">
              See the log of restatements
            </Link>
          </p>
          <Table label="Months that moved">
            <thead>
              <tr>
                <Th>Month</Th>
                <Th numeric>MRR before</Th>
                <Th numeric>MRR after</Th>
                <Th numeric>Change</Th>
              </tr>
            </thead>
            <tbody>
              {shown.map(({ month, before, after, change }) => (
                <tr key={month}>
                  <Td>{formatPeriod(month)}</Td>
                  <Td numeric className="text-ink-2">
                    {formatMoney(before, currency, { style })}
                  </Td>
                  <Td numeric>{formatMoney(after, currency, { style })}</Td>
                  <Td numeric className={cx(change.startsWith("-") ? "text-negative" : "text-positive")}>
                    {formatMoney(change, currency, { style, signed: true })}
                  </Td>
                </tr>
              ))}
            </tbody>
          </Table>
          {months.length > shownMonths && !all ? (
            <p className="border-t border-line px-5 py-3 text-sm">
              <button type="button" className="link" onClick={() => setAll(true)}>
                Show all {months.length}
              </button>
            </p>
          ) : null}
        </>
      ) : null}
    </Card>
  );
}
