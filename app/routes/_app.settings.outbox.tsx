import type { MetaFunction } from "@remix-run/node";
import { Link, useLoaderData } from "@remix-run/react";
import { Mail } from "lucide-react";
import { Callout } from "../components/callout.tsx";
import { Card } from "../components/card.tsx";
import { EmptyState } from "../components/empty-state.tsx";
import { MailList } from "../features/settings/mail-list.tsx";
import { guarded } from "../lib/guard.server.ts";
import { useMe } from "../lib/me.ts";

export const meta: MetaFunction = () => [{ title: "Outbox · Jarvis360" }];

export const loader = guarded(async ({ request, context }) => {
  const cursor = new URL(request.url).searchParams.get("after") ?? undefined;
  const { items, next } = await context.trpc.outbox.list({ limit: 50, cursor });
  return {
    mails: items.map(({ html: _, ...mail }) => mail),
    next,
    later: cursor !== undefined,
    baseUrl: context.baseUrl,
  };
});

export default function Outbox() {
  const { mails, next, later, baseUrl } = useLoaderData<typeof loader>();
  const { organisation, mail_is_sent } = useMe();
  return (
    <div className="grid gap-5">
      {mail_is_sent ? null : (
        <Callout title="No mail server is set">
          Mails are kept here instead of being sent; open one to follow its link. Set SMTP_URL to send them.
        </Callout>
      )}
      <Card title="Outbox" subtitle="Yours, and for admins the organisation’s" flush>
        {mails.length === 0 ? (
          <EmptyState icon={<Mail />} title="No mail yet">
            Confirmations, invitations and reports appear here as they are sent.
          </EmptyState>
        ) : (
          <MailList mails={mails} baseUrl={baseUrl} timezone={organisation.timezone} />
        )}
        {next || later ? (
          <nav aria-label="More mails" className="flex gap-4 border-t border-line px-5 py-3 text-sm">
            {later ? (
              <Link className="link" to="/settings/outbox">
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
    </div>
  );
}
