import type { LoaderFunctionArgs } from "@remix-run/node";
import { readFilters } from "#collab/dashboard-filters.ts";
import { joinFilters } from "#collab/widgets/scope.ts";
import { gridWidthOf } from "../dashboard/grid-layout.ts";
import { loadScope } from "../dashboard/load-dashboard.server.ts";
import { placeStored } from "../dashboard/place-stored.server.ts";
import { titleOr } from "./dashboard-words.ts";

/** The versions of a dashboard, and the one in view with today's numbers. */
export async function loadVersions(args: LoaderFunctionArgs) {
  const { trpc } = args.context;
  const id = args.params.id ?? "";
  const search = new URL(args.request.url).searchParams;
  const wanted = search.get("version");
  const [dashboard, { items, next }, page] = await Promise.all([
    trpc.dashboards.get({ id }),
    trpc.dashboardVersions.list({ id, limit: 50, cursor: search.get("after") ?? undefined }),
    loadScope(args),
  ]);
  const shown = wanted ? await trpc.dashboardVersions.get({ id, version_id: wanted }) : null;
  const scope = shown && {
    ...page.scope,
    filter: joinFilters(readFilters(shown.filters), page.scope.filter),
  };
  const widgets = shown && scope ? await placeStored(shown.widgets, scope, page, args.context) : [];
  return {
    dashboard: { id, title: titleOr(dashboard.title) },
    versions: items,
    older: next,
    preview: shown && {
      id: shown.id,
      title: titleOr(shown.title),
      count: Object.keys(shown.widgets).length,
      widgets,
    },
    gridWidth: gridWidthOf(args.request.headers),
  };
}
export type VersionsData = Awaited<ReturnType<typeof loadVersions>>;
