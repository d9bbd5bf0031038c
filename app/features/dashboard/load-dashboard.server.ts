import type { LoaderFunctionArgs } from "@remix-run/node";
import { placeWidgets } from "#collab/widgets/place.ts";
import { dayOfInstant } from "#metrics/time-zone.ts";
import { askNumbers } from "./ask-numbers.server.ts";
import { gridWidthOf } from "./grid-layout.ts";
import { parseFilters, scopeOf } from "./page-filters.ts";

/** What every page of numbers knows first: whose they are, today there, and what can be filtered by. */
export async function loadScope({ request, context }: LoaderFunctionArgs) {
  const [org, { options, first_day, last_day }] = await Promise.all([
    context.trpc.org.get(),
    context.trpc.analytics.filterOptions(),
  ]);
  const { currency, timezone } = org;
  const filters = parseFilters(new URL(request.url).searchParams);
  const scope = scopeOf(filters, {
    today: dayOfInstant(Date.now(), timezone),
    firstDay: first_day,
    lastDay: last_day,
    calendar: { fiscalYearStart: org.fiscal_year_start, weekStart: org.week_start },
    policy: org.policy,
  });
  return {
    filters,
    scope,
    options,
    isEmpty: first_day === null,
    facts: { currency, timezone, preset: org.policy.preset },
  };
}

/** A dashboard with its numbers. @param id null: the first dashboard, or none */
export async function loadDashboard(args: LoaderFunctionArgs, id: string | null) {
  const { trpc } = args.context;
  const [dashboard, page] = await Promise.all([
    id === null
      ? trpc.dashboards
          .list({ limit: 1 })
          .then(({ items: [first] }) => (first ? trpc.dashboards.get({ id: first.id }) : null))
      : trpc.dashboards.get({ id }),
    loadScope(args),
  ]);
  const widgets =
    dashboard && !page.isEmpty
      ? await placeWidgets(dashboard.widgets, page.scope, askNumbers(args.context))
      : [];
  return {
    ...page,
    dashboard: dashboard && { id: dashboard.id, title: dashboard.title },
    widgets,
    gridWidth: gridWidthOf(args.request.headers),
  };
}
export type DashboardData = Awaited<ReturnType<typeof loadDashboard>>;
