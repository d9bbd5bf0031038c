import type { MetaFunction } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { DashboardComments } from "../features/comments/dashboard-comments.tsx";
import { DashboardPage } from "../features/dashboard/dashboard-page.tsx";
import { loadDashboard } from "../features/dashboard/load-dashboard.server.ts";
import { guarded } from "../lib/guard.server.ts";
import { liveOn } from "../lib/live-handle.ts";

export const handle = liveOn("metrics", "segments", "annotations", "dashboards");

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `${data?.dashboard?.title ?? "Dashboard"} · Jarvis360` },
];

/** The first dashboard. */
export const loader = guarded((args) => loadDashboard(args, null));

export default function Home() {
  const data = useLoaderData<typeof loader>();
  return (
    <DashboardComments data={data}>
      <DashboardPage data={data} />
    </DashboardComments>
  );
}
