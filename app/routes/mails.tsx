import { type MetaFunction, redirect } from "@remix-run/node";
import { Link, useLoaderData } from "@remix-run/react";
import { Entrance } from "../features/account/entrance.tsx";
import { MailList } from "../features/settings/mail-list.tsx";
import { guarded, signInPath } from "../lib/guard.server.ts";

export const meta: MetaFunction = () => [{ title: "Your mails · Jarvis360" }];

/** One's own mails where no mail server is set, for somebody who belongs to no organisation yet. */
export const loader = guarded(async ({ request, context }) => {
  if (!context.signedIn) throw redirect(signInPath(request));
  const { items } = await context.trpc.outbox.list({ limit: 20 });
  return {
    mails: items.filter(({ personal }) => personal).map(({ html: _, ...mail }) => mail),
    baseUrl: context.baseUrl,
  };
});

export default function Mails() {
  const { mails, baseUrl } = useLoaderData<typeof loader>();
  return (
    <Entrance
      title="Your mails"
      lead="No mail server is set here, so mails are kept instead of sent. Open one to follow its link."
      foot={
        <Link className="link" to="/">
          Back
        </Link>
      }
    >
      {mails.length > 0 ? (
        <div className="overflow-hidden rounded-xl border border-line">
          <MailList mails={mails} baseUrl={baseUrl} timezone="UTC" />
        </div>
      ) : (
        <p className="text-sm text-ink-2">No mail yet.</p>
      )}
    </Entrance>
  );
}
