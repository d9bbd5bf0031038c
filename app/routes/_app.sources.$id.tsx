import type { MetaFunction } from "@remix-run/node";
import { Form, Link, useActionData, useLoaderData, useNavigation } from "@remix-run/react";
import { ChevronLeft, RefreshCw, Scale } from "lucide-react";
import { Button, ButtonLink } from "../components/button.tsx";
import { Card } from "../components/card.tsx";
import { FormFailure } from "../components/form-failure.tsx";
import { useLiveWhile } from "../features/live/use-live-while.ts";
import { PageBody, TopBar } from "../features/shell/top-bar.tsx";
import { BesideFilesCallout } from "../features/sources/beside-files-callout.tsx";
import { changeSource } from "../features/sources/change-source.server.ts";
import { DisconnectCard } from "../features/sources/disconnect-card.tsx";
import { HealthCard } from "../features/sources/health-card.tsx";
import { ProgressCard } from "../features/sources/progress-card.tsx";
import { SettingsCard } from "../features/sources/settings-card.tsx";
import { ModeBadge, SourceStatusBadge } from "../features/sources/source-badges.tsx";
import { isMoving } from "../features/sources/source-words.ts";
import { StreamTable } from "../features/sources/stream-table.tsx";
import { TroubleCallout } from "../features/sources/trouble-callout.tsx";
import { UnheardCallout } from "../features/sources/unheard-callout.tsx";
import { WarningsCard } from "../features/sources/warnings-card.tsx";
import { WebhookCard } from "../features/sources/webhook-card.tsx";
import { failureIn } from "../lib/failure.ts";
import { guarded, submitted } from "../lib/guard.server.ts";
import type { LiveHandle } from "../lib/live-handle.ts";
import { useCan, useMe } from "../lib/me.ts";
import { useAnswerToast } from "../lib/use-answer-toast.ts";

export const handle: LiveHandle = {
  live: ({ topic, keys }, params) => topic === "sources" && keys.id === params.id,
};

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `${data?.source.name ?? "Source"} · Jarvis360` },
];

export const loader = guarded(async ({ params, context }) => {
  const id = params.id ?? "";
  return {
    source: await context.trpc.sources.get({ id }),
    beside: await context.trpc.sourceObjects.besideFiles({ id }),
    now: Date.now(),
  };
});

export const action = submitted(
  async ({ params, request, context }) =>
    changeSource(context.trpc, params.id ?? "", await request.formData()),
  ["intent", "name"],
);

/** Forms that say themselves what is wrong with them. */
const spoken = ["rename", "key", "webhook"];

export default function SourcePage() {
  const { source, beside, now } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const failure = failureIn(answer);
  const mayManage = useCan("sources.manage");
  const { organisation } = useMe();
  const syncing = useNavigation().formData?.get("intent") === "sync";
  const moving = isMoving(source);
  useLiveWhile(moving);
  useAnswerToast(answer);

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
        title={source.name}
        status={
          <>
            <SourceStatusBadge source={source} />
            <ModeBadge livemode={source.livemode} />
          </>
        }
        actions={
          <>
            <ButtonLink
              to={`/sources/${source.id}/reconcile`}
              prefetch="intent"
              icon={<Scale aria-hidden="true" className="size-4 text-ink-3" />}
            >
              Reconcile
            </ButtonLink>
            {mayManage && source.status === "live" ? (
              <Form method="post" preventScrollReset className="flex gap-2">
                <Button type="submit" name="intent" value="pause" variant="ghost">
                  Pause
                </Button>
                <Button
                  type="submit"
                  name="intent"
                  value="sync"
                  pending={syncing}
                  icon={<RefreshCw aria-hidden="true" className="size-4 text-ink-3" />}
                >
                  Sync now
                </Button>
              </Form>
            ) : null}
          </>
        }
      />
      {moving ? (
        <noscript>
          <meta httpEquiv="refresh" content="3" />
        </noscript>
      ) : null}
      <PageBody>
        <div className="grid items-start gap-5 xl:grid-cols-[minmax(0,1fr)_21rem]">
          <div className="grid min-w-0 gap-5">
            {failure && !spoken.includes(failure.typed.intent ?? "") ? (
              <FormFailure failure={failure} />
            ) : null}
            <TroubleCallout source={source} mayManage={mayManage} timezone={organisation.timezone} />
            <UnheardCallout source={source} />
            <BesideFilesCallout {...beside} />
            {moving ? <ProgressCard source={source} mayManage={mayManage} /> : null}
            <Card title="What is read" subtitle="In this order" flush>
              <StreamTable source={source} />
            </Card>
            <WarningsCard warnings={source.warnings} />
            {mayManage ? (
              <>
                <WebhookCard source={source} failure={failure?.typed.intent === "webhook" ? failure : null} />
                <div id="key" className="scroll-mt-20">
                  <SettingsCard source={source} failure={failure} />
                </div>
                <div id="disconnect" className="scroll-mt-20">
                  <DisconnectCard source={source} />
                </div>
              </>
            ) : null}
          </div>
          <div className="grid gap-5 max-xl:order-first">
            <HealthCard source={source} timezone={organisation.timezone} now={now} />
          </div>
        </div>
      </PageBody>
    </>
  );
}
