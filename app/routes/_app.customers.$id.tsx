import type { MetaFunction } from "@remix-run/node";
import { Link, useActionData, useLoaderData } from "@remix-run/react";
import { ChevronLeft } from "lucide-react";
import type { CustomerDetail } from "#contracts/analytics.ts";
import { Badge } from "../components/badge.tsx";
import { Card } from "../components/card.tsx";
import { FormFailure } from "../components/form-failure.tsx";
import { AboutCard } from "../features/customers/about-card.tsx";
import { changeCustomer } from "../features/customers/change-customer.server.ts";
import { CustomerNumbers } from "../features/customers/customer-numbers.tsx";
import { loadCustomer } from "../features/customers/load-customer.server.ts";
import { ManageMenu } from "../features/customers/manage-menu.tsx";
import { MergedList, StandingNotice } from "../features/customers/standing-notice.tsx";
import { Timeline } from "../features/customers/timeline.tsx";
import { PageBody, TopBar } from "../features/shell/top-bar.tsx";
import { failureIn } from "../lib/failure.ts";
import { guarded, submitted } from "../lib/guard.server.ts";
import { liveOn } from "../lib/live-handle.ts";
import { useAnswerToast } from "../lib/use-answer-toast.ts";

export const handle = liveOn("metrics");

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `${data ? data.customer.name || data.customer.customer_id : "Customer"} · Jarvis360` },
];

export const loader = guarded(loadCustomer);

export const action = submitted(changeCustomer);

export default function Customer() {
  const { customer, movements, hasMore, series, gridWidth } = useLoaderData<typeof loader>();
  const { currency } = customer;
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
        {customer.merged_into ? (
          <div className="max-w-xl">
            <AboutCard customer={customer} />
          </div>
        ) : (
          <div className="grid grid-cols-1 gap-4 xl:grid-cols-[minmax(0,2fr)_minmax(20rem,1fr)]">
            <div className="grid grid-cols-1 content-start gap-4">
              <CustomerNumbers customer={customer} series={series} gridWidth={gridWidth} />
            </div>
            <div className="grid grid-cols-1 content-start gap-4">
              {customer.merged.length > 0 ? (
                <Card title="Also counts as this customer">
                  <MergedList merged={customer.merged} />
                </Card>
              ) : null}
              <Card title="Movements" subtitle={`MRR, ${currency}, newest first`}>
                {movements.length > 0 ? (
                  <Timeline movements={movements} currency={currency} />
                ) : (
                  <p className="text-sm text-ink-3">
                    {customer.excluded
                      ? "None while the customer is excluded."
                      : customer.mrr === null
                        ? "None without an exchange rate."
                        : "Nothing has moved yet."}
                  </p>
                )}
                {hasMore ? <p className="pt-3 text-xs text-ink-3">The first 1,000 are shown.</p> : null}
              </Card>
              <AboutCard customer={customer} />
            </div>
          </div>
        )}
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
  if (mrr === null) return <Badge tone="warning">No exchange rate</Badge>;
  const pays = Number(mrr) > 0;
  return <Badge tone={pays ? "positive" : "neutral"}>{pays ? "Paying" : "Not paying"}</Badge>;
}
