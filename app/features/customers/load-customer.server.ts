import type { LoaderFunctionArgs } from "@remix-run/node";
import type { CustomerDetail } from "#contracts/analytics.ts";
import type { SeriesView } from "#contracts/widgets.ts";
import { gridWidthOf } from "../dashboard/grid-layout.ts";

/** One customer: who, what they pay and paid, and every movement, newest first. */
export async function loadCustomer({ params, request, context }: LoaderFunctionArgs) {
  const id = params.id ?? "";
  const [customer, movements] = await Promise.all([
    context.trpc.analytics.customer({ id }),
    context.trpc.analytics.movements({ customer: id, limit: 1000 }),
  ]);
  return {
    customer,
    movements: movements.items.toReversed(),
    hasMore: movements.next !== null,
    series: seriesOf(customer),
    gridWidth: gridWidthOf(request.headers),
  };
}

const seriesOf = ({ series, currency }: CustomerDetail): SeriesView | null =>
  series.length === 0
    ? null
    : {
        type: "series",
        grain: "month",
        currency,
        lines: [
          {
            metric: "mrr",
            name: "MRR",
            unit: "money",
            points: series.map(({ period, mrr, complete }) => ({
              period,
              value: mrr,
              complete,
              reason: null,
            })),
          },
        ],
      };
