import type { MetaFunction } from "@remix-run/node";
import { Link, useActionData, useLoaderData } from "@remix-run/react";
import { ChevronLeft } from "lucide-react";
import type { ReactNode } from "react";
import { formatCounted, formatMoney, formatPercent } from "#charts/format.ts";
import { formatDay } from "#charts/format-dates.ts";
import type { CustomerDetail } from "#contracts/analytics.ts";
import { Badge } from "../components/badge.tsx";
import { Card } from "../components/card.tsx";
import { FormFailure } from "../components/form-failure.tsx";
import { changeCustomer } from "../features/customers/change-customer.server.ts";
import { changeTone } from "../features/customers/customer-table.tsx";
import { loadCustomer } from "../features/customers/load-customer.server.ts";
import { ManageMenu } from "../features/customers/manage-menu.tsx";
import { MergedList, StandingNotice } from "../features/customers/standing-notice.tsx";
import { SubscriptionTable } from "../features/customers/subscription-table.tsx";
import { Timeline } from "../features/customers/timeline.tsx";
import { PageBody, TopBar } from "../features/shell/top-bar.tsx";
import { LazyBody } from "../features/widgets/lazy-body.tsx";
import { failureIn } from "../lib/failure.ts";
import { guarded, submitted } from "../lib/guard.server.ts";
import { useAnswerToast } from "../lib/use-answer-toast.ts";

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `${data ? data.customer.name || data.customer.customer_id : "Customer"} · Jarvis360` },
];

export const loader = guarded(loadCustomer);

export const action = submitted(changeCustomer);

export default function Customer() {
  const { customer, movements, hasMore, series, gridWidth } = useLoaderData<typeof loader>();
  const { currency, as_of: asOf, attributes } = customer;
  const answer = useActionData<typeof action>();
  useAnswerToast(answer);
  return (
    <>
      <TopBar
        title={customer.name || customer.customer_id}
        before={
          <Link
            to="/customers"
            aria-label="All customers"
            className="-ml-1.5 grid size-7 place-items-center rounded-md text-ink-3 hover:bg-hover hover:text-ink"
          >
            <ChevronLeft aria-hidden="true" className="size-4" />
          </Link>
        }
        status={
          <>
            <span className="max-w-56 truncate">{customer.customer_id}</span>
            <StandingBadge customer={customer} />
          </>
        }
        actions={<ManageMenu key={customer.customer_id} customer={customer} />}
      />
      <PageBody>
        <div className="grid gap-4 pb-4 empty:hidden">
          <FormFailure failure={failureIn(answer)} />
          <StandingNotice customer={customer} />
        </div>
        <div className="grid grid-cols-1 gap-4 xl:grid-cols-[minmax(0,2fr)_minmax(20rem,1fr)]">
          <div className="grid grid-cols-1 content-start gap-4">
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
                <span
                  className={`tabular text-xl font-semibold tracking-tight ${changeTone(customer.change_90d)}`}
                >
                  {formatPercent(customer.change_90d, { signed: true })}
                </span>
              </Fact>
              <Fact name="Share of MRR">
                <span className="tabular text-xl font-semibold tracking-tight">
                  {formatPercent(customer.share)}
                </span>
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
                <p className="text-sm text-ink-3">No subscription has begun yet.</p>
              )}
            </Card>
            <Card
              title="Subscriptions"
              subtitle={formatCounted(customer.subscriptions.length, "version")}
              flush
            >
              {customer.subscriptions.length > 0 ? (
                <SubscriptionTable subscriptions={customer.subscriptions} asOf={asOf} />
              ) : (
                <p className="px-5 pb-5 text-sm text-ink-3">
                  {customer.merged_into ? "They count for the other customer." : "None was imported."}
                </p>
              )}
            </Card>
          </div>
          <div className="grid grid-cols-1 content-start gap-4">
            <Card title="Movements" subtitle={`MRR, ${currency}, newest first`}>
              {movements.length > 0 ? (
                <Timeline movements={movements} currency={currency} />
              ) : (
                <p className="text-sm text-ink-3">Nothing has moved yet.</p>
              )}
              {hasMore ? <p className="pt-3 text-xs text-ink-3">The first 1,000 are shown.</p> : null}
            </Card>
            {customer.merged.length > 0 ? (
              <Card title="Also counts as this customer">
                <MergedList merged={customer.merged} />
              </Card>
            ) : null}
            <Card title="About">
              <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-5 gap-y-2 text-sm">
                <Row name="Id">{customer.customer_id}</Row>
                <Row name="E-mail">{customer.email}</Row>
                <Row name="Country">{customer.country}</Row>
                <Row name="Signed up">{customer.signed_up ? formatDay(customer.signed_up) : null}</Row>
                {Object.entries(attributes).map(([name, value]) => (
                  <Row key={name} name={name}>
                    {value}
                  </Row>
                ))}
              </dl>
            </Card>
          </div>
        </div>
      </PageBody>
    </>
  );
}

function StandingBadge({
  customer: { mrr, merged_into: into, excluded },
}: {
  customer: Pick<CustomerDetail, "mrr" | "merged_into" | "excluded">;
}) {
  if (into) return <Badge>Merged</Badge>;
  if (excluded) return <Badge tone="warning">Excluded</Badge>;
  const pays = Number(mrr ?? 0) > 0;
  return <Badge tone={pays ? "positive" : "neutral"}>{pays ? "Paying" : "Not paying"}</Badge>;
}

const Fact = ({ name, children }: { name: string; children: ReactNode }) => (
  <div className="grid content-start gap-1 bg-surface px-5 py-4">
    <dt className="text-sm text-ink-2">{name}</dt>
    <dd className="grid">{children}</dd>
  </div>
);

const Row = ({ name, children }: { name: string; children: ReactNode }) => (
  <>
    <dt className="text-ink-3">{name}</dt>
    <dd className="min-w-0 wrap-anywhere">{children || "–"}</dd>
  </>
);
