import type { ReactNode } from "react";
import type { DashboardData } from "../dashboard/load-dashboard.server.ts";
import { CommentsProvider } from "./comments-provider.tsx";

/** The threads of a dashboard around its page; nothing where there is no dashboard. */
export const DashboardComments = ({
  data: { dashboard, discussed },
  children,
}: {
  data: DashboardData;
  children: ReactNode;
}) =>
  dashboard ? (
    <CommentsProvider dashboardId={dashboard.id} marks={discussed}>
      {children}
    </CommentsProvider>
  ) : (
    children
  );
