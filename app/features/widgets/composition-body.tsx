import { Link, useLocation } from "@remix-run/react";
import { CompositionBar } from "#charts/composition-bar.tsx";
import { filterValueName } from "#charts/filter-words.ts";
import { formatCount, formatMoney, formatPercent } from "#charts/format.ts";
import { cssPalette } from "#charts/palette.ts";
import { leadingParts, partColor } from "#charts/part-colors.ts";
import { partName, reasonWords } from "#charts/widget-words.ts";
import type { CompositionView } from "#contracts/widgets.ts";
import { type BodyProps, fittingRows } from "./body.ts";
import { ExplainNumber } from "./explain-scope.tsx";

const barWidth = 400;
const rowHeight = 29;

/** A bar of the parts, and the same parts as a table; what does not fit is one row, nothing is left out of the sum. */
export function CompositionBody({ title, view, size }: BodyProps<"composition">) {
  const rows = fittingRows(size.height - 24 - 26 - rowHeight, rowHeight);
  const { shown, rest } = leadingParts(view.parts, view.others ? Math.max(1, rows - 1) : rows);
  const hidden = summed(rest, view.others);
  const money = (amount: string | null) => formatMoney(amount, view.currency, { style: "whole" });
  return (
    <div className="text-sm">
      <svg
        viewBox={`0 0 ${barWidth} 10`}
        width="100%"
        height={10}
        preserveAspectRatio="none"
        aria-hidden="true"
        className="mb-2.5 block"
      >
        <CompositionBar parts={view.parts} width={barWidth} height={10} palette={cssPalette} />
      </svg>
      <table className="w-full border-collapse">
        <caption className="sr-only">{title}</caption>
        <thead className="text-xs text-ink-3">
          <tr>
            <th scope="col" className="h-6 text-left font-normal">
              {view.byName}
            </th>
            <th scope="col" className="pl-3 text-right font-normal whitespace-nowrap">
              {view.measure.toUpperCase()}
            </th>
            <th scope="col" className="pl-3 text-right font-normal whitespace-nowrap">
              Share
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map((part, index) => (
            <tr
              key={part.key ?? "\u0000"}
              className="border-t border-line"
              title={`${partName(part.key)}: ${formatMoney(part.amount, view.currency)}, ${formatCount(part.customers)} customers`}
            >
              <th scope="row" className="h-7 w-full max-w-0 truncate pr-2 text-left font-normal">
                <span
                  aria-hidden="true"
                  className="mr-2 inline-block size-2.5 rounded-[3px]"
                  style={{ background: partColor(cssPalette, view.parts, index) }}
                />
                <PartLink by={view.by} value={part.key} />
              </th>
              <td className="tabular pl-3 text-right">
                <ExplainNumber
                  target={{ metric: "composition", by: view.by, key: part.key, at: view.at }}
                  name={partName(part.key)}
                >
                  {money(part.amount)}
                </ExplainNumber>
              </td>
              <td className="tabular pl-3 text-right text-ink-3">
                {formatPercent(part.share, { digits: shareDigits(part.share) })}
              </td>
            </tr>
          ))}
          {hidden ? (
            <tr className="border-t border-line text-ink-2">
              <th scope="row" className="h-7 w-full max-w-0 truncate pr-2 text-left font-normal">
                <span
                  aria-hidden="true"
                  className="mr-2 inline-block size-2.5 rounded-[3px] border border-line-strong"
                />
                {formatCount(hidden.count)} more
              </th>
              <td className="tabular pl-3 text-right">
                {formatMoney(hidden.amount, view.currency, { style: "whole" })}
              </td>
              <td className="tabular pl-3 text-right text-ink-3">{formatPercent(hidden.share)}</td>
            </tr>
          ) : null}
        </tbody>
        <tfoot>
          <tr className="border-t border-line-strong font-semibold">
            <th scope="row" className="h-7 text-left font-semibold">
              Total
            </th>
            <td className="tabular pl-3 text-right">
              {view.reason ? (
                <span title={reasonWords[view.reason]}>–</span>
              ) : (
                <ExplainNumber target={{ metric: "composition", by: view.by, at: view.at }} name="the total">
                  {money(view.total)}
                </ExplainNumber>
              )}
            </td>
            <td className="tabular pl-3 text-right font-normal text-ink-3">100%</td>
          </tr>
        </tfoot>
      </table>
    </div>
  );
}

const shareDigits = (share: number | null): number =>
  share !== null && share !== 0 && Math.abs(share) < 0.001 ? 2 : 1;

function summed(rest: CompositionView["parts"], others: CompositionView["others"]) {
  if (rest.length === 0 && !others) return null;
  return {
    count: rest.length + (others?.count ?? 0),
    // Shown without minor units: a float holds that exactly enough.
    amount: rest.reduce((sum, { amount }) => sum + Number(amount), Number(others?.amount ?? 0)),
    share: rest.reduce((sum, { share }) => sum + (share ?? 0), others?.share ?? 0),
  };
}

/** A part that the page can be filtered by is a link to that. */
function PartLink({ by, value }: { by: string; value: string | null }) {
  const location = useLocation();
  if (value === null || value === "") return <>{partName(value)}</>;
  const name = filterValueName(by, value);
  const search = new URLSearchParams(location.search);
  const key = `filter.${by}`;
  if (search.getAll(key).length === 1 && search.get(key) === value) return <>{name}</>;
  search.delete(key);
  search.append(key, value);
  return (
    <Link
      to={{ search: `?${search}` }}
      preventScrollReset
      className="rounded-sm hover:underline hover:decoration-line-control hover:underline-offset-2"
    >
      {name}
    </Link>
  );
}
