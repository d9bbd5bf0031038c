import { Link } from "@remix-run/react";
import { formatDay } from "#charts/format-dates.ts";
import type { SourceObjectOutput } from "#contracts/source-objects.ts";
import { Table, Td, Th } from "../../components/table.tsx";
import { confidenceWords } from "./confidence-words.ts";

/** Versions of subscriptions that an object is evidence of, with how their amounts came about. */
export const ObjectFacts = ({ facts }: { facts: SourceObjectOutput["facts"] }) => (
  <Table label="What was read from it">
    <thead>
      <tr>
        <Th>Customer</Th>
        <Th>Plan</Th>
        <Th>From</Th>
        <Th>Until</Th>
        <Th>Status</Th>
        <Th>Known</Th>
        <Th>Amount</Th>
      </tr>
    </thead>
    <tbody>
      {facts.map((one) => (
        <tr key={`${one.customer_id} ${one.subscription_id} ${one.plan} ${one.from} ${one.to} ${one.note}`}>
          <Td className="max-w-44 truncate">
            <Link to={`/customers/${encodeURIComponent(one.customer_id)}`} className="link">
              {one.customer_id}
            </Link>
          </Td>
          <Td className="whitespace-nowrap">{one.plan ?? "–"}</Td>
          <Td className="tabular whitespace-nowrap">{formatDay(one.from)}</Td>
          <Td className="tabular whitespace-nowrap">{one.to ? formatDay(one.to) : "open"}</Td>
          <Td>{one.status.replaceAll("_", " ")}</Td>
          <Td title={one.confidence ? confidenceWords[one.confidence].meaning : undefined}>
            {one.confidence ? confidenceWords[one.confidence].label : "–"}
          </Td>
          <Td className="min-w-48 text-ink-2">{one.note ?? "–"}</Td>
        </tr>
      ))}
    </tbody>
  </Table>
);
