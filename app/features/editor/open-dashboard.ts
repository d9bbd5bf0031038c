import { trpc } from "../../lib/trpc.ts";
import { type DashboardSession, openSession } from "./session.ts";

/** Opens a dashboard of this server. @throws when the server does not answer, or has no such dashboard */
export async function openDashboard(options: {
  id: string;
  orgId: string;
  user: { id: string; name: string };
  mayEdit: boolean;
}): Promise<DashboardSession> {
  const { epoch } = await trpc.dashboards.document.query({ id: options.id });
  const url = `${window.location.origin.replace(/^http/, "ws")}/collab`;
  return openSession({ ...options, docId: options.id, epoch, url });
}
