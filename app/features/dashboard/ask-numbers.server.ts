import type { AppLoadContext } from "@remix-run/node";
import type { Asker } from "#collab/widgets/place.ts";
import { failureOf } from "../../lib/guard.server.ts";

/** Asks the analytics procedures as whoever looks. */
export const askNumbers = ({ trpc, log, requestId }: AppLoadContext): Asker => ({
  ask: {
    metrics: ({ names, grain, from, to, asOf, filter }) =>
      trpc.analytics.metrics({ names: [...names], grain, from, to, as_of: asOf ?? undefined, filter }),
    composition: ({ by, at, filter }) => trpc.analytics.composition({ by, at: at ?? undefined, filter }),
    customers: ({ limit, asOf, filter }) =>
      trpc.analytics.customers({ sort: "-mrr", limit, as_of: asOf ?? undefined, filter }),
    cohorts: ({ grain, basis, measure, from, to, asOf, filter }) =>
      trpc.analytics.cohorts({
        grain,
        basis: basis ?? undefined,
        measure,
        from,
        to,
        as_of: asOf ?? undefined,
        filter,
      }),
  },
  explain(error, kind) {
    const failure = failureOf(error);
    if (!failure) log.error({ err: error, query: kind }, "a widget's query failed");
    // as short as the smallest card; the filter bar says which, and offers others
    if (failure?.reason === "unknown_segment") return { message: "This segment was deleted.", missing: true };
    return {
      message: failure?.message ?? `It has been logged (request ${requestId}).`,
      missing: false,
    };
  },
});
