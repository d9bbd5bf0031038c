import type { MetaFunction } from "@remix-run/node";
import { Link, useLoaderData } from "@remix-run/react";
import { FileSpreadsheet, History, Plus } from "lucide-react";
import { ButtonLink } from "../components/button.tsx";
import { Card } from "../components/card.tsx";
import { EmptyState } from "../components/empty-state.tsx";
import { DropZone } from "../features/imports/drop-zone.tsx";
import { KindGuide } from "../features/imports/kind-guide.tsx";
import { UploadList } from "../features/imports/upload-list.tsx";
import { isRunning } from "../features/imports/upload-state.ts";
import { useUploads } from "../features/imports/use-uploads.ts";
import { useLiveWhile } from "../features/live/use-live-while.ts";
import { PageBody, TopBar } from "../features/shell/top-bar.tsx";
import { AllBesideFilesCallout } from "../features/sources/beside-files-callout.tsx";
import { ConnectInvitation } from "../features/sources/connect-invitation.tsx";
import { SourceList } from "../features/sources/source-list.tsx";
import { isMoving } from "../features/sources/source-words.ts";
import { guarded } from "../lib/guard.server.ts";
import { liveOn } from "../lib/live-handle.ts";
import { useCan, useMe } from "../lib/me.ts";

export const handle = liveOn("uploads", "sources");

export const meta: MetaFunction = () => [{ title: "Sources · Jarvis360" }];

export const loader = guarded(async ({ request, context }) => {
  const cursor = new URL(request.url).searchParams.get("after") ?? undefined;
  const [{ items, next }, connected, beside] = await Promise.all([
    context.trpc.uploads.list({ limit: 50, cursor }),
    context.trpc.sources.list({ limit: 100 }),
    context.trpc.sourceObjects.allBesideFiles(),
  ]);
  return {
    uploads: items,
    beside,
    next,
    later: cursor !== undefined,
    sources: connected.items,
    now: Date.now(),
  };
});

export default function Sources() {
  const { uploads, beside, next, later, sources, now } = useLoaderData<typeof loader>();
  const mayImport = useCan("data.import");
  const mayConnect = useCan("sources.manage");
  const { organisation } = useMe();
  const { sending, send, drop } = useUploads();
  useLiveWhile(uploads.some(isRunning) || sources.some(isMoving));

  return (
    <>
      <TopBar
        title="Sources"
        status="Where the numbers come from"
        actions={
          <>
            <ButtonLink
              to="/restatements"
              prefetch="intent"
              icon={<History aria-hidden="true" className="size-4 text-ink-3" />}
            >
              Restatements
            </ButtonLink>
            {mayConnect && sources.length > 0 ? (
              <ButtonLink
                to="/sources/new"
                prefetch="intent"
                icon={<Plus aria-hidden="true" className="size-4 text-ink-3" />}
              >
                Connect another
              </ButtonLink>
            ) : null}
          </>
        }
      />
      <PageBody>
        <div className="grid gap-6">
          <AllBesideFilesCallout {...beside} />
          {sources.length > 0 ? (
            <SourceList sources={sources} now={now} />
          ) : (
            <ConnectInvitation mayConnect={mayConnect} />
          )}
          {mayImport ? <DropZone sending={sending} send={send} drop={drop} /> : null}
          <Card id="uploads" className="scroll-mt-20" title="Uploads" flush>
            {uploads.length > 0 ? (
              <UploadList uploads={uploads} timezone={organisation.timezone} />
            ) : (
              <EmptyState icon={<FileSpreadsheet />} title="No file has come yet">
                {mayImport
                  ? "Drop a CSV above. Its columns are recognised by name; where something is unclear, you are asked before anything is imported."
                  : "Somebody with the role editor can upload files here."}
              </EmptyState>
            )}
            {next || later ? (
              <nav aria-label="More uploads" className="flex gap-4 border-t border-line px-5 py-3 text-sm">
                {later ? (
                  <Link className="link" to="/sources">
                    Newest
                  </Link>
                ) : null}
                {next ? (
                  <Link className="link" to={`?after=${encodeURIComponent(next)}`}>
                    Older
                  </Link>
                ) : null}
              </nav>
            ) : null}
          </Card>
          <section aria-labelledby="kinds" className="grid gap-3">
            <h2 id="kinds" className="text-base font-semibold">
              What a file may hold
            </h2>
            <KindGuide />
          </section>
        </div>
      </PageBody>
    </>
  );
}
