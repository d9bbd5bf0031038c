import type { MetaFunction } from "@remix-run/node";
import { Link, useLoaderData } from "@remix-run/react";
import { ChevronRight, Mail } from "lucide-react";
import { formatDateTime } from "#charts/format-dates.ts";
import { Badge, type Tone } from "../components/badge.tsx";
import { Callout } from "../components/callout.tsx";
import { Card } from "../components/card.tsx";
import { EmptyState } from "../components/empty-state.tsx";
import { LinkedText } from "../features/settings/linked-text.tsx";
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

const statuses: Record<string, { label: string; tone: Tone }> = {
  queued: { label: "Waiting", tone: "accent" },
  sending: { label: "Being sent", tone: "accent" },
  sent: { label: "Sent", tone: "positive" },
  outbox: { label: "Kept here", tone: "neutral" },
  failed: { label: "Failed", tone: "negative" },
  unknown: { label: "Sent or not: unknown", tone: "warning" },
};

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
      <Card title="Outbox" subtitle="Yours, and for admins the organisation's" flush>
        {mails.length === 0 ? (
          <EmptyState icon={<Mail />} title="No mail yet">
            Confirmations, invitations and reports appear here as they are sent.
          </EmptyState>
        ) : (
          <ul>
            {mails.map((mail) => {
              const status = statuses[mail.status] ?? { label: mail.status, tone: "neutral" as const };
              return (
                <li key={mail.id} className="border-t border-line">
                  <details className="group">
                    <summary className="flex items-center gap-3 px-5 py-3 text-sm -outline-offset-2 hover:bg-sunken">
                      <ChevronRight
                        aria-hidden="true"
                        className="size-4 shrink-0 text-ink-3 transition-transform duration-100 group-open:rotate-90"
                      />
                      <span className="min-w-0 flex-1">
                        <span className="block truncate font-medium">{mail.subject}</span>
                        <span className="block truncate text-xs text-ink-3">
                          to {mail.recipient} ·{" "}
                          {formatDateTime(mail.sent_at ?? mail.created_at, organisation.timezone)}
                        </span>
                      </span>
                      <Badge tone={status.tone}>{status.label}</Badge>
                    </summary>
                    <div className="grid gap-3 px-5 pb-4 sm:pl-12">
                      {mail.error ? <Callout tone="negative">{mail.error}</Callout> : null}
                      <LinkedText text={mail.body} baseUrl={baseUrl} />
                    </div>
                  </details>
                </li>
              );
            })}
          </ul>
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
