import { type MetaFunction, redirect } from "@remix-run/node";
import { useActionData, useLoaderData } from "@remix-run/react";
import { FormFailure } from "../components/form-failure.tsx";
import { BackToDashboard } from "../features/dashboards/back-to-dashboard.tsx";
import { loadVersions } from "../features/dashboards/load-versions.server.ts";
import { NameVersion } from "../features/dashboards/name-version.tsx";
import { VersionList } from "../features/dashboards/version-list.tsx";
import { VersionPreview } from "../features/dashboards/version-preview.tsx";
import { PageBody, TopBar } from "../features/shell/top-bar.tsx";
import { failureIn } from "../lib/failure.ts";
import { fieldText } from "../lib/form-fields.ts";
import { guarded, submitted } from "../lib/guard.server.ts";
import { liveOn } from "../lib/live-handle.ts";
import { useCan } from "../lib/me.ts";
import { useAnswerToast } from "../lib/use-answer-toast.ts";

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `History of ${data?.dashboard.title ?? "a dashboard"} · Jarvis360` },
];

export const handle = liveOn("metrics", "dashboards");

export const loader = guarded(loadVersions);

export const action = submitted(
  async ({ request, params, context }) => {
    const form = await request.formData();
    const id = params.id ?? "";
    const { dashboardVersions } = context.trpc;
    if (fieldText(form, "intent") === "restore") {
      await dashboardVersions.restore({ id, version_id: fieldText(form, "version") });
      throw redirect(`/dashboards/${id}`);
    }
    const label = fieldText(form, "label").trim();
    const made = await dashboardVersions.create({ id, label });
    return { saved: `“${label}” is kept.`, key: made.id };
  },
  ["label"],
);

export default function Versions() {
  const data = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const failure = failureIn(answer);
  const mayEdit = useCan("dashboard.edit");
  useAnswerToast(answer);
  return (
    <>
      <TopBar
        title={`History of ${data.dashboard.title}`}
        before={<BackToDashboard id={data.dashboard.id} />}
        status="As it was, and a way back"
      />
      <PageBody>
        <div className="grid grid-cols-1 items-start gap-5 min-[1700px]:grid-cols-[20rem_minmax(0,1fr)]">
          <div className="grid grid-cols-1 items-start gap-5 max-[1699px]:md:grid-cols-[minmax(0,1fr)_22rem]">
            <FormFailure failure={failure} shown={["label"]} />
            {mayEdit ? (
              <NameVersion key={answer && "key" in answer ? answer.key : ""} failure={failure} />
            ) : null}
            <VersionList versions={data.versions} older={data.older} current={data.preview?.id ?? null} />
          </div>
          <VersionPreview data={data} mayEdit={mayEdit} />
        </div>
      </PageBody>
    </>
  );
}
