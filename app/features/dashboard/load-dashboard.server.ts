import type { LoaderFunctionArgs } from "@remix-run/node";
import { readFilters } from "#collab/dashboard-filters.ts";
import { joinFilters, type PageScope, periodScope } from "#collab/widgets/scope.ts";
import { policyTitle } from "#contracts/policy-names.ts";
import { periodEnd, periodStart } from "#metrics/period.ts";
import { dayOfInstant } from "#metrics/time-zone.ts";
import { isUnvalued } from "../imports/is-unvalued.server.ts";
import { listArriving } from "../imports/list-arriving.server.ts";
import { restatedOf, shownDays } from "../restatements/restated-months.ts";
import { lacksRates } from "../widgets/lacks-rates.ts";
import { filterOptions } from "./filter-options.ts";
import { gridWidthOf } from "./grid-layout.ts";
import { parseFilters, scopeOf } from "./page-filters.ts";
import { placeStored } from "./place-stored.server.ts";

/** What every page of numbers knows first: whose they are, today there, and what can be filtered by. */
export async function loadScope(args: LoaderFunctionArgs) {
  const [page, { options }, unvalued] = await Promise.all([
    loadBounds(args),
    args.context.trpc.analytics.filterOptions(),
    isUnvalued(args.context),
  ]);
  return { ...page, options: filterOptions(options, page.scope.segments), isUnvalued: unvalued };
}

/** The same without what can be filtered by: numbers do not wait for that. */
async function loadBounds({ request, context }: LoaderFunctionArgs) {
  const [org, { first_day, last_day }, { items: segments }] = await Promise.all([
    context.trpc.org.get(),
    context.trpc.analytics.span(),
    context.trpc.segments.list({ limit: 200 }),
  ]);
  const named = segments.map(({ id, name, color }) => ({ id, name, color }));
  const { currency, timezone } = org;
  const title = policyTitle(org.policy, org.policy_version);
  const filters = parseFilters(new URL(request.url).searchParams);
  const scope = scopeOf(filters, {
    today: dayOfInstant(Date.now(), timezone),
    firstDay: first_day,
    lastDay: last_day,
    calendar: { fiscalYearStart: org.fiscal_year_start, weekStart: org.week_start },
    policy: org.policy,
    policyTitle: title,
  });
  return {
    filters,
    scope: { ...scope, segments: named },
    isEmpty: first_day === null,
    arriving: first_day === null ? await listArriving(context) : null,
    facts: { currency, timezone, policy: title },
  };
}

/** As many as the switcher beside the title lists; the rest is on the page of all. */
const mostListed = 50;

/** A dashboard with its numbers. @param id null: the first dashboard, or none */
export async function loadDashboard(args: LoaderFunctionArgs, id: string | null) {
  const { trpc } = args.context;
  const listed = trpc.dashboards.list({ limit: mostListed });
  const found =
    id === null
      ? listed.then(({ items: [first] }) => (first ? trpc.dashboards.get({ id: first.id }) : null))
      : trpc.dashboards.get({ id });
  const [
    { page, dashboard, filters, annotations, widgets },
    { options },
    { items: dashboards },
    discussed,
    moved,
    beside,
  ] = await Promise.all([
    placeFound(args, found),
    trpc.analytics.filterOptions(),
    listed,
    found.then((one) => (one ? trpc.comments.marks({ dashboard_id: one.id }) : { items: [] })),
    trpc.restatements.months({ days: shownDays }),
    trpc.sourceObjects.allBesideFiles(),
  ]);
  return {
    ...page,
    options: filterOptions(options, page.scope.segments),
    annotations,
    beside,
    // told from the cards: live pages wait for this answer, and each question more takes its time
    isUnvalued: widgets.some(lacksRates),
    dashboard: dashboard && { id: dashboard.id, title: dashboard.title, filters },
    dashboards: dashboards.map((one) => ({ id: one.id, title: one.title })),
    widgets,
    discussed: discussed.items,
    restated: restatedOf(moved, page.facts.timezone),
    gridWidth: gridWidthOf(args.request.headers),
  };
}
/** Each question is asked as soon as what it needs is known: of a page that follows live data, the whole is waited for. */
async function placeFound(args: LoaderFunctionArgs, found: Promise<Dashboard | null>) {
  const begun = loadBounds(args);
  const noted = begun.then(({ isEmpty, scope }) => (isEmpty ? [] : listNotes(args, scope)));
  // heard of where it is waited for
  noted.catch(() => {});
  const [dashboard, page] = await Promise.all([found, begun]);
  const filters = readFilters(dashboard?.filters ?? {});
  const scope = { ...page.scope, filter: joinFilters(filters, page.scope.filter) };
  const widgets = await placeStored(dashboard?.widgets ?? {}, scope, page, args.context, noted);
  return { page, dashboard, filters, annotations: await noted, widgets };
}
type Dashboard = Awaited<ReturnType<LoaderFunctionArgs["context"]["trpc"]["dashboards"]["get"]>>;

/** As many notes as charts and the list under them hold; of more the latest. */
const mostNotes = 200;

/** What was noted in the shown periods. */
async function listNotes({ context }: LoaderFunctionArgs, scope: PageScope) {
  const { from, to } = periodScope(scope);
  const { items } = await context.trpc.annotations.list({
    from: periodStart(from, scope.calendar),
    to: periodEnd(to, scope.calendar),
    limit: mostNotes,
  });
  return items.map(({ id, day, title, text }) => ({ id, day, title, text }));
}
export type DashboardData = Awaited<ReturnType<typeof loadDashboard>>;
