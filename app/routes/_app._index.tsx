import type { MetaFunction } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { DashboardPage } from "../features/dashboard/dashboard-page.tsx";
import { loadDashboard } from "../features/dashboard/load-dashboard.server.ts";
import { guarded } from "../lib/guard.server.ts";

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `${data?.dashboard?.title ?? "Dashboard"} · Jarvis360` },
];

/** The first dashboard. */
export const loader = guarded((args) => loadDashboard(args, null));

export default function Home() {
  return <DashboardPage data={useLoaderData<typeof loader>()} />;
}
