import { Link } from "@remix-run/react";
import { formatCount, formatMoney, formatPercent } from "#charts/format.ts";
import { cx } from "../../components/class-names.ts";
import { type BodyProps, fittingRows } from "./body.ts";

const rowHeight = 31;

export function TopCustomersBody({ title, view, size }: BodyProps<"top_customers">) {
  const rows = fittingRows(size.height - 24 - 28, rowHeight);
  const shown = view.items.slice(0, rows);
  return (
    <div className="flex h-full flex-col text-sm">
      <table className="w-full border-collapse">
        <caption className="sr-only">{title}</caption>
        <thead className="text-xs text-ink-3">
          <tr>
            <th scope="col" className="h-6 text-left font-normal">
              Customer
            </th>
            <th scope="col" className="pl-3 text-right font-normal whitespace-nowrap">
              {view.measure.toUpperCase()}
            </th>
            <th scope="col" className="pl-3 text-right font-normal whitespace-nowrap">
              Share
            </th>
            <th scope="col" className="pl-3 text-right font-normal whitespace-nowrap">
              90 days
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map((item) => (
            <tr
              key={item.customerId}
              className="border-t border-line"
              title={`${formatMoney(item.amount, view.currency)}, together ${formatPercent(item.cumulativeShare)} of the whole`}
            >
              <th scope="row" className="h-7.5 w-full max-w-0 truncate pr-2 text-left font-normal">
                <Link
                  to={`/customers/${encodeURIComponent(item.customerId)}`}
                  prefetch="intent"
                  className="rounded-sm hover:underline hover:decoration-line-control hover:underline-offset-2"
                >
                  {item.name || item.customerId}
                </Link>
              </th>
              <td className="tabular pl-3 text-right">
                {formatMoney(item.amount, view.currency, { style: "whole" })}
              </td>
              <td className="tabular pl-3 text-right text-ink-3">{formatPercent(item.share)}</td>
              <td
                className={cx("tabular pl-3 text-right", changeTone(item.change90d))}
                title={
                  item.change90d === null && item.amount !== null ? "Paid nothing 90 days ago" : undefined
                }
              >
                {formatPercent(item.change90d, { signed: true })}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="mt-auto pt-2 text-xs">
        <Link to="/customers" className="link">
          All {formatCount(view.total)} customers
        </Link>
      </p>
    </div>
  );
}

const changeTone = (rate: number | null): string =>
  rate === null || Math.abs(rate) < 0.0005 ? "text-ink-3" : rate > 0 ? "text-positive" : "text-negative";
