import type { ReactNode } from "react";
import { formatCounted, formatMoney, formatPercent } from "#charts/format.ts";
import { formatDay } from "#charts/format-dates.ts";
import type { CustomerDetail } from "#contracts/analytics.ts";
import type { SeriesView } from "#contracts/widgets.ts";
import { Card } from "../../components/card.tsx";
import { LazyBody } from "../widgets/lazy-body.tsx";
import { changeTone } from "./customer-table.tsx";
import { SubscriptionTable } from "./subscription-table.tsx";

/** What a customer pays and paid, and for what. */
export function CustomerNumbers({
  customer,
  series,
  gridWidth,
}: {
  customer: CustomerDetail;
  series: SeriesView | null;
  gridWidth: number;
}) {
  const { currency, as_of: asOf, change_90d: change, share } = customer;
  return (
    <>
      <dl className="grid grid-cols-2 gap-px overflow-hidden rounded-xl border border-line bg-line sm:grid-cols-4">
        <Fact name="MRR">
          <span
            data-metric="mrr"
            data-value={customer.mrr ?? ""}
            className="tabular text-xl font-semibold tracking-tight"
          >
            {formatMoney(customer.mrr, currency)}
          </span>
        </Fact>
        <Fact name="Change in 90 days">
          <span className={`tabular text-xl font-semibold tracking-tight ${changeTone(change)}`}>
            {formatPercent(change, { signed: true })}
          </span>
          {change === null && customer.mrr !== null ? (
            <span className="text-xs text-ink-3">paid nothing then</span>
          ) : null}
        </Fact>
        <Fact name="Share of MRR">
          <span className="tabular text-xl font-semibold tracking-tight">{formatPercent(share)}</span>
        </Fact>
        <Fact name="Customer since">
          <span className="text-xl font-semibold tracking-tight">{formatDay(customer.first_paid)}</span>
          {customer.tenure_months === null ? null : (
            <span className="text-xs text-ink-3">{formatCounted(customer.tenure_months, "month")}</span>
          )}
        </Fact>
      </dl>
      <Card title="MRR" subtitle={`at the end of each month, ${currency} · as of ${formatDay(asOf)}`}>
        {series ? (
          <LazyBody
            type="series"
            id="customer-mrr"
            title="MRR"
            view={series}
            size={{ width: Math.min(900, Math.max(280, Math.round(gridWidth * 0.62))), height: 220 }}
          />
        ) : (
          <p className="text-sm text-ink-3">
            {customer.excluded
              ? "Nothing counts while the customer is excluded."
              : customer.mrr === null
                ? `What it pays has no exchange rate to ${currency}.`
                : "No subscription has begun yet."}
          </p>
        )}
      </Card>
      <Card title="Subscriptions" subtitle={formatCounted(customer.subscriptions.length, "version")} flush>
        {customer.subscriptions.length > 0 ? (
          <SubscriptionTable subscriptions={customer.subscriptions} asOf={asOf} />
        ) : (
          <p className="px-5 pb-5 text-sm text-ink-3">None was imported.</p>
        )}
      </Card>
    </>
  );
}

const Fact = ({ name, children }: { name: string; children: ReactNode }) => (
  <div className="grid content-start gap-1 bg-surface px-5 py-4">
    <dt className="text-sm text-ink-2">{name}</dt>
    <dd className="grid">{children}</dd>
  </div>
);
