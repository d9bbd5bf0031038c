import { type MetaFunction, redirect } from "@remix-run/node";
import { Link, useActionData, useLoaderData } from "@remix-run/react";
import { ChevronLeft } from "lucide-react";
import { uploadKinds } from "#contracts/upload-kinds.ts";
import { EffectCard } from "../features/imports/effect-card.tsx";
import { FileFacts } from "../features/imports/file-facts.tsx";
import { importRequestOf } from "../features/imports/import-request.ts";
import { loadEffect } from "../features/imports/load-effect.server.ts";
import { MappingForm } from "../features/imports/mapping-form.tsx";
import { Outcome } from "../features/imports/outcome.tsx";
import { ProgressPanel } from "../features/imports/progress-panel.tsx";
import { RejectedTable } from "../features/imports/rejected-table.tsx";
import { StatusBadge } from "../features/imports/status-badge.tsx";
import { suggestKind } from "../features/imports/suggest-from-values.ts";
import { isRunning } from "../features/imports/upload-state.ts";
import { useLiveWhile } from "../features/live/use-live-while.ts";
import { PageBody, TopBar } from "../features/shell/top-bar.tsx";
import { failureIn } from "../lib/failure.ts";
import { fieldText } from "../lib/form-fields.ts";
import { guarded, submitted } from "../lib/guard.server.ts";
import type { LiveHandle } from "../lib/live-handle.ts";
import { useCan, useMe } from "../lib/me.ts";

/** This upload's steps, and what its import did to the numbers. */
export const handle: LiveHandle = {
  live: ({ topic, keys }, params) => topic === "metrics" || (topic === "uploads" && keys.id === params.id),
};

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `${data?.upload.file_name ?? "Upload"} · Jarvis360` },
];

export const loader = guarded(async ({ params, request, context }) => {
  const id = params.id ?? "";
  const query = new URL(request.url).searchParams;
  const upload = await context.trpc.uploads.get({ id });
  const mapping =
    upload.status === "needs_mapping" || (query.has("change") && !isRunning(upload))
      ? await context.trpc.uploads.preview({ id })
      : null;
  const rejected =
    !mapping && !isRunning(upload) && upload.rows.rejected > 0
      ? await context.trpc.uploads.errors({ id, limit: 100, cursor: query.get("after") ?? undefined })
      : null;
  const wanted = query.get("kind");
  const effect =
    mapping || isRunning(upload) || upload.rows.imported === 0
      ? null
      : await loadEffect(context.trpc, upload);
  return {
    upload,
    mapping,
    rejected,
    effect,
    kind:
      uploadKinds.find((kind) => kind === wanted) ??
      upload.kind ??
      suggestKind(mapping?.header ?? [], mapping?.rows ?? []),
  };
});

export const action = submitted(async ({ params, request, context }) => {
  const id = params.id ?? "";
  const form = await request.formData();
  switch (fieldText(form, "intent")) {
    case "cancel":
      await context.trpc.uploads.cancel({ id });
      break;
    case "undo":
      await context.trpc.uploads.undo({ id });
      break;
    case "again": {
      const { kind, mapping, options } = await context.trpc.uploads.get({ id });
      await context.trpc.uploads.import({ id, kind, mapping, options });
      break;
    }
    default: {
      const { columns } = await context.trpc.uploads.get({ id });
      await context.trpc.uploads.import({ id, ...importRequestOf(form, columns) });
    }
  }
  throw redirect(`/uploads/${id}`);
});

export default function UploadPage() {
  const { upload, mapping, rejected, effect, kind } = useLoaderData<typeof loader>();
  const failure = failureIn(useActionData<typeof action>());
  const mayImport = useCan("data.import");
  const { organisation } = useMe();
  const running = isRunning(upload);
  useLiveWhile(running);

  return (
    <>
      <TopBar
        before={
          <Link
            to="/sources"
            aria-label="Back to sources"
            className="-ml-2 grid size-8 place-items-center rounded-md text-ink-3 hover:bg-hover hover:text-ink"
          >
            <ChevronLeft aria-hidden="true" className="size-5" />
          </Link>
        }
        title={upload.file_name}
        status={<StatusBadge upload={upload} />}
      />
      {running ? (
        <noscript>
          <meta httpEquiv="refresh" content="2" />
        </noscript>
      ) : null}
      <PageBody>
        {mapping ? (
          mayImport ? (
            <MappingForm
              upload={upload}
              kind={kind}
              header={mapping.header}
              rows={mapping.rows}
              currency={organisation.currency}
              failure={failure}
            />
          ) : (
            <p className="text-ink-2">Somebody with the role editor has to say what this file holds.</p>
          )
        ) : (
          <div className="grid items-start gap-5 xl:grid-cols-[minmax(0,1fr)_20rem]">
            <div className="grid min-w-0 gap-5">
              {failure ? (
                <p role="alert" className="text-sm font-medium text-negative">
                  {failure.message}
                </p>
              ) : null}
              {running ? (
                <ProgressPanel upload={upload} mayCancel={mayImport} />
              ) : (
                <Outcome upload={upload} mayImport={mayImport} />
              )}
              {effect ? <EffectCard effect={effect} /> : null}
              {rejected ? (
                <RejectedTable
                  uploadId={upload.id}
                  errors={rejected.items}
                  total={upload.rows.rejected}
                  next={rejected.next}
                />
              ) : null}
            </div>
            <FileFacts upload={upload} timezone={organisation.timezone} />
          </div>
        )}
      </PageBody>
    </>
  );
}
