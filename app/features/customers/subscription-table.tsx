import { formatMoney } from "#charts/format.ts";
import { formatDay } from "#charts/format-dates.ts";
import type { CustomerDetail } from "#contracts/analytics.ts";
import { Badge } from "../../components/badge.tsx";
import { Table, Td, Th } from "../../components/table.tsx";
import { SourceLink } from "./source-link.tsx";

/** Every version of every subscription, as it was read. */
export const SubscriptionTable = ({
  subscriptions,
  asOf,
}: {
  subscriptions: CustomerDetail["subscriptions"];
  asOf: string;
}) => (
  <Table label="Subscriptions">
    <thead>
      <tr>
        <Th>Plan</Th>
        <Th>Subscription</Th>
        <Th numeric>Price</Th>
        <Th numeric>MRR</Th>
        <Th>From</Th>
        <Th>Until</Th>
        <Th>Status</Th>
        <Th>Read from</Th>
      </tr>
    </thead>
    <tbody>
      {subscriptions.map((one) => (
        <tr
          key={`${one.subscription_id}${one.from}${one.to}${one.plan}${one.source.line}${one.unit_amount}${one.quantity}${one.status}`}
        >
          <Td className="font-medium whitespace-nowrap">
            {one.plan ?? "–"}
            {one.merged_from === null ? null : (
              <span className="block max-w-44 truncate text-xs font-normal text-ink-3">
                of {one.merged_from}
              </span>
            )}
          </Td>
          <Td className="max-w-44 truncate text-ink-3">{one.subscription_id ?? "–"}</Td>
          <Td numeric className="text-ink-2">
            {one.quantity === "1" ? "" : `${one.quantity} × `}
            {formatMoney(one.unit_amount, one.currency)} / {one.interval}
          </Td>
          <Td numeric className="font-medium" title={one.source.note ?? undefined}>
            {formatMoney(one.mrr, one.currency, { style: "cents" })}
          </Td>
          <Td className="tabular whitespace-nowrap">{formatDay(one.from)}</Td>
          <Td className="tabular whitespace-nowrap">{one.to ? formatDay(one.to) : "open"}</Td>
          <Td>
            {one.excluded ? (
              <Badge tone="warning">excluded</Badge>
            ) : (
              <Badge tone={isRunning(one, asOf) ? "positive" : "neutral"}>{one.status}</Badge>
            )}
          </Td>
          <Td>
            <SourceLink source={one.source} />
          </Td>
        </tr>
      ))}
    </tbody>
  </Table>
);

const isRunning = ({ from, to, mrr }: CustomerDetail["subscriptions"][number], asOf: string): boolean =>
  from <= asOf && (to === null || to > asOf) && Number(mrr) > 0;
