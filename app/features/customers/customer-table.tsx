import { Link, useLocation } from "@remix-run/react";
import { ArrowDown, ArrowUp } from "lucide-react";
import type { ReactNode } from "react";
import { formatMoney, formatPercent } from "#charts/format.ts";
import { formatDay } from "#charts/format-dates.ts";
import type { CustomerItem } from "#contracts/analytics.ts";
import { cx } from "../../components/class-names.ts";
import { Table, Td, Th } from "../../components/table.tsx";
import { type CustomerSort, nextSort, sortDirection } from "./customer-list.ts";

/** On a phone what they pay stands beside who they are; the rest of who they are is on their own page. */
const wide = "max-sm:hidden";

/** Customers as a dense table; the heads of four columns sort it. */
export const CustomerTable = ({
  items,
  currency,
  sort,
}: {
  items: readonly CustomerItem[];
  currency: string;
  sort: CustomerSort;
}) => (
  <Table label="Customers">
    <thead>
      <tr>
        <SortHead sort={sort} first="name">
          Customer
        </SortHead>
        <SortHead sort={sort} first="customer_id" className={wide}>
          Id
        </SortHead>
        <Th className={wide}>Country</Th>
        <SortHead sort={sort} first="-mrr" numeric>
          MRR
        </SortHead>
        <Th numeric>Share</Th>
        <Th numeric>90 days</Th>
        <SortHead sort={sort} first="-first_paid" numeric>
          Customer since
        </SortHead>
      </tr>
    </thead>
    <tbody>
      {items.map((item) => (
        <tr key={item.customer_id} className="hover:bg-hover">
          <Td className="max-w-72 max-sm:max-w-48">
            <Link
              to={`/customers/${encodeURIComponent(item.customer_id)}`}
              prefetch="intent"
              className="block truncate rounded-sm font-medium hover:underline hover:decoration-line-control hover:underline-offset-2"
            >
              {item.name || item.customer_id}
            </Link>
            {item.email ? <span className="block truncate text-xs text-ink-3">{item.email}</span> : null}
          </Td>
          <Td className={cx(wide, "max-w-48 truncate text-ink-3")}>{item.customer_id}</Td>
          <Td className={cx(wide, "text-ink-2")}>{item.country || "–"}</Td>
          <Td numeric className="font-medium">
            {formatMoney(item.mrr, currency, { style: "cents" })}
          </Td>
          <Td numeric className="text-ink-3">
            {formatPercent(item.share)}
          </Td>
          <Td
            numeric
            className={changeTone(item.change_90d)}
            title={item.change_90d === null && item.mrr !== null ? "Paid nothing 90 days ago" : undefined}
          >
            {formatPercent(item.change_90d, { signed: true })}
          </Td>
          <Td numeric className="text-ink-2">
            {formatDay(item.first_paid)}
          </Td>
        </tr>
      ))}
    </tbody>
  </Table>
);

export const changeTone = (rate: number | null): string =>
  rate === null || Math.abs(rate) < 0.0005 ? "text-ink-3" : rate > 0 ? "text-positive" : "text-negative";

function SortHead({
  sort,
  first,
  numeric,
  className,
  children,
}: {
  sort: CustomerSort;
  first: CustomerSort;
  numeric?: boolean;
  className?: string;
  children: ReactNode;
}) {
  const location = useLocation();
  const direction = sortDirection(sort, first);
  const search = new URLSearchParams(location.search);
  search.set("sort", nextSort(sort, first));
  search.delete("after");
  const Arrow = direction === "ascending" ? ArrowUp : ArrowDown;
  return (
    <Th numeric={numeric} className={className} aria-sort={direction ?? undefined}>
      <Link
        to={{ search: `?${search}` }}
        preventScrollReset
        className={cx(
          "inline-flex items-center gap-1 rounded-sm hover:text-ink",
          direction && "text-ink",
          numeric && "flex-row-reverse",
        )}
      >
        {children}
        <Arrow aria-hidden="true" className={cx("size-3", !direction && "invisible")} />
      </Link>
    </Th>
  );
}
