import { redirect } from "@remix-run/node";
import {
  Outlet,
  type ShouldRevalidateFunctionArgs,
  useLoaderData,
  useRouteLoaderData,
} from "@remix-run/react";
import { useMemo } from "react";
import { LiveLoader } from "../features/live/live-loader.tsx";
import { DemoBanner } from "../features/shell/demo-banner.tsx";
import { ErrorPage } from "../features/shell/error-page.tsx";
import { Shell } from "../features/shell/shell.tsx";
import { ShellError } from "../features/shell/shell-error.tsx";
import { VerifyBanner } from "../features/shell/verify-banner.tsx";
import { guarded, signInPath } from "../lib/guard.server.ts";
import { liveAsked } from "../lib/live-handle.ts";
import { MeContext, type SignedIn } from "../lib/me.ts";

/** Everybody below is signed in and looks at an organisation; `useMe()` gives both, and what they may do. */
export const loader = guarded(async ({ request, context }) => {
  const { user, organisation, organisations, can, mail_is_sent } = await context.me();
  if (!user) throw redirect(signInPath(request));
  if (!organisation) throw redirect("/welcome");
  const [demo, { unread: inbox }] = await Promise.all([
    organisation.is_demo ? context.trpc.demo.progress() : null,
    context.trpc.comments.inboxCount(),
  ]);
  return {
    feedFrom: context.feedFrom,
    me: { user, organisation, organisations, can, mail_is_sent, demo, inbox } satisfies SignedIn,
  };
});

/** Who one is changes by doing something, not by moving about or by waiting for an import. */
export const shouldRevalidate = ({
  formMethod,
  defaultShouldRevalidate,
  ...args
}: ShouldRevalidateFunctionArgs) =>
  liveAsked() === "rights" ||
  (formMethod !== undefined && formMethod !== "GET" ? defaultShouldRevalidate : isOtherPlace(args));

const isOtherPlace = ({
  currentUrl,
  nextUrl,
}: Pick<ShouldRevalidateFunctionArgs, "currentUrl" | "nextUrl">) =>
  currentUrl.pathname.startsWith("/settings") !== nextUrl.pathname.startsWith("/settings");

export default function App() {
  const { feedFrom, me } = useLoaderData<typeof loader>();
  // Remix draws a route anew with every step of every request; the frame is the same until the reader is somebody else
  return useMemo(
    () => (
      <MeContext.Provider value={me}>
        <Shell>
          <LiveLoader key={me.organisation.id} from={feedFrom} />
          <DemoBanner />
          <VerifyBanner />
          <Outlet />
        </Shell>
      </MeContext.Provider>
    ),
    [feedFrom, me],
  );
}

export function ErrorBoundary() {
  const loaded = useRouteLoaderData<typeof loader>("routes/_app");
  if (!loaded) return <ErrorPage />;
  return (
    <MeContext.Provider value={loaded.me}>
      <Shell>
        <ShellError />
      </Shell>
    </MeContext.Provider>
  );
}
