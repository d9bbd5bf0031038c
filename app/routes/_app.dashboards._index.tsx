import { type MetaFunction, redirect } from "@remix-run/node";
import { useActionData, useLoaderData } from "@remix-run/react";
import { LayoutDashboard } from "lucide-react";
import { Card } from "../components/card.tsx";
import { EmptyState } from "../components/empty-state.tsx";
import { FormFailure } from "../components/form-failure.tsx";
import { ArchivedDashboards } from "../features/dashboards/archived-dashboards.tsx";
import { DashboardTable } from "../features/dashboards/dashboard-table.tsx";
import { NewDashboard } from "../features/dashboards/new-dashboard.tsx";
import { PageBody, TopBar } from "../features/shell/top-bar.tsx";
import { failureIn } from "../lib/failure.ts";
import { fieldText } from "../lib/form-fields.ts";
import { guarded, submitted } from "../lib/guard.server.ts";
import { liveOn } from "../lib/live-handle.ts";
import { useCan } from "../lib/me.ts";
import { useAnswerToast } from "../lib/use-answer-toast.ts";

export const meta: MetaFunction = () => [{ title: "Dashboards · Jarvis360" }];

export const handle = liveOn("dashboards");

export const loader = guarded(async ({ context }) => {
  const { dashboards } = context.trpc;
  const [live, archived] = await Promise.all([
    dashboards.list({ limit: 200 }),
    dashboards.list({ limit: 200, archived: "true" }),
  ]);
  return { dashboards: live.items, archived: archived.items };
});

export const action = submitted(
  async ({ request, context }) => {
    const form = await request.formData();
    const { dashboards } = context.trpc;
    const [id, title] = [fieldText(form, "id"), fieldText(form, "title").trim()];
    switch (fieldText(form, "intent")) {
      case "rename":
        await dashboards.rename({ id, title });
        return { saved: "The dashboard has its new title.", key: `${id} ${title}` };
      case "duplicate":
        throw redirect(`/dashboards/${(await dashboards.duplicate({ id })).id}`);
      case "archive":
        await dashboards.archive({ id });
        return { saved: "The dashboard is archived. It is kept below.", key: `archived ${id}` };
      case "restore":
        await dashboards.restore({ id });
        return { saved: "The dashboard is back.", key: `restored ${id}` };
      default: {
        const template = fieldText(form, "template") === "overview" ? ("overview" as const) : undefined;
        const made = await dashboards.create({ title: title || "New dashboard", template });
        throw redirect(`/dashboards/${made.id}?edit=1`);
      }
    }
  },
  ["id", "title", "template", "intent"],
);

export default function Dashboards() {
  const { dashboards, archived } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const failure = failureIn(answer);
  const mayEdit = useCan("dashboard.edit");
  useAnswerToast(answer);
  const done = answer && "key" in answer ? answer.key : "";
  return (
    <>
      <TopBar title="Dashboards" status="The first one is everybody's start page" />
      <PageBody narrow>
        <div className="grid gap-5">
          <FormFailure failure={failure} shown={["title"]} />
          {mayEdit ? <NewDashboard failure={failure?.typed.intent === "create" ? failure : null} /> : null}
          {dashboards.length === 0 ? (
            <div className="rounded-xl border border-line bg-surface">
              <EmptyState icon={<LayoutDashboard />} title="No dashboard yet">
                A dashboard holds the numbers that one meeting, team or question needs, side by side.
                Everybody in the organisation sees it, and editors shape it together.
              </EmptyState>
            </div>
          ) : (
            <Card title="All dashboards" flush>
              <DashboardTable
                key={done}
                dashboards={dashboards}
                mayEdit={mayEdit}
                failure={failure?.typed.intent === "rename" ? failure : null}
              />
            </Card>
          )}
          {archived.length > 0 ? (
            <Card title="Archived" subtitle="Nobody sees them; nothing of them is lost" flush>
              <ArchivedDashboards dashboards={archived} mayEdit={mayEdit} />
            </Card>
          ) : null}
        </div>
      </PageBody>
    </>
  );
}
