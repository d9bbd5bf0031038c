import { ChevronRight } from "lucide-react";
import { formatDateTime } from "#charts/format-dates.ts";
import { Badge, type Tone } from "../../components/badge.tsx";
import { Callout } from "../../components/callout.tsx";
import { LinkedText } from "./linked-text.tsx";

/** A mail as the outbox shows it: text only, its HTML is never run. */
export interface ShownMail {
  id: string;
  recipient: string;
  subject: string;
  body: string;
  status: string;
  error: string | null;
  created_at: string;
  sent_at: string | null;
}

const statuses: Record<string, { label: string; tone: Tone }> = {
  queued: { label: "Waiting", tone: "accent" },
  sending: { label: "Being sent", tone: "accent" },
  sent: { label: "Sent", tone: "positive" },
  outbox: { label: "Kept here", tone: "neutral" },
  failed: { label: "Failed", tone: "negative" },
  unknown: { label: "Sent or not: unknown", tone: "warning" },
};

/** Mails by subject; each opens to its text, whose links can be followed. */
export const MailList = ({
  mails,
  baseUrl,
  timezone,
}: {
  mails: readonly ShownMail[];
  baseUrl: string;
  timezone: string;
}) => (
  <ul>
    {mails.map((mail) => {
      const status = statuses[mail.status] ?? { label: mail.status, tone: "neutral" as const };
      return (
        <li key={mail.id} className="border-t border-line first:border-t-0 [header+div_&]:first:border-t">
          <details className="group">
            <summary className="flex items-center gap-3 px-5 py-3 text-sm -outline-offset-2 hover:bg-sunken">
              <ChevronRight
                aria-hidden="true"
                className="size-4 shrink-0 text-ink-3 transition-transform duration-100 group-open:rotate-90"
              />
              <span className="min-w-0 flex-1">
                <span className="block truncate font-medium">{mail.subject}</span>
                <span className="block truncate text-xs text-ink-3">
                  to {mail.recipient} · {formatDateTime(mail.sent_at ?? mail.created_at, timezone)}
                </span>
              </span>
              <Badge tone={status.tone}>{status.label}</Badge>
            </summary>
            <div className="grid gap-3 px-5 pt-1 pb-4 sm:pl-12">
              {mail.error ? <Callout tone="negative">{mail.error}</Callout> : null}
              <LinkedText text={mail.body} baseUrl={baseUrl} />
            </div>
          </details>
        </li>
      );
    })}
  </ul>
);
