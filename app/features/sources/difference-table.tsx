import { Link } from "@remix-run/react";
import { formatMoney } from "#charts/format.ts";
import { formatPeriod } from "#charts/format-dates.ts";
import type { ReconcileRow } from "#contracts/sources.ts";
import { Badge } from "../../components/badge.tsx";
import { Table, Td, Th } from "../../components/table.tsx";
import { reasonLabels, reasonTone } from "./reason-words.ts";

const confidenceWords = { exact: "", invoice: "from invoices", inferred: "inferred" } as const;

/** Figure by figure: ours, theirs, and the rule that makes them differ. */
export const DifferenceTable = ({ rows }: { rows: readonly ReconcileRow[] }) => (
  <Table label="Differences">
    <thead>
      <tr>
        <Th>Customer</Th>
        <Th>Month</Th>
        <Th numeric>Here</Th>
        <Th numeric>In the report</Th>
        <Th numeric>Difference</Th>
        <Th>Why</Th>
      </tr>
    </thead>
    <tbody>
      {rows.map((row) => (
        <tr
          key={`${row.month} ${row.customer_id} ${row.currency}`}
          data-reason={row.reason}
          className="align-top"
        >
          <Td className="max-w-56">
            {row.reason === "not_in_ours" ? (
              <span className="block truncate font-mono text-xs">{row.customer_id}</span>
            ) : (
              <Link
                to={`/customers/${encodeURIComponent(row.customer_id)}`}
                prefetch="intent"
                className="block truncate font-medium hover:underline"
              >
                {row.name ?? row.customer_id}
              </Link>
            )}
            {row.name ? (
              <span className="block truncate font-mono text-xs text-ink-3">{row.customer_id}</span>
            ) : null}
          </Td>
          <Td className="whitespace-nowrap text-ink-2">{formatPeriod(row.month)}</Td>
          <Td numeric>{formatMoney(row.ours, row.currency, { style: "cents" })}</Td>
          <Td numeric>{formatMoney(row.theirs, row.currency, { style: "cents" })}</Td>
          <Td numeric className="font-medium">
            {formatMoney(row.difference, row.currency, { style: "cents", signed: true })}
          </Td>
          <Td className="min-w-72">
            <span className="grid gap-1">
              <span className="flex flex-wrap items-center gap-1.5">
                <Badge tone={reasonTone(row.reason)}>{reasonLabels[row.reason]}</Badge>
                {row.confidence && confidenceWords[row.confidence] ? (
                  <span className="text-xs text-ink-3">{confidenceWords[row.confidence]}</span>
                ) : null}
              </span>
              <span className="text-xs text-ink-2">{row.explanation}</span>
            </span>
          </Td>
        </tr>
      ))}
    </tbody>
  </Table>
);
