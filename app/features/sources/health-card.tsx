import { formatCount } from "#charts/format.ts";
import { formatDateTime, formatRelative } from "#charts/format-dates.ts";
import type { SourceOutput } from "#contracts/sources.ts";
import { Card } from "../../components/card.tsx";
import { ModeBadge } from "./source-badges.tsx";
import { kindLabels } from "./source-words.ts";

function newsWords({ webhook_secrets: secrets, changes }: SourceOutput): string {
  if (secrets > 0) return "at once, by webhook";
  return changes.state === "forbidden" ? "once a night" : "by asking now and then";
}

/** How fresh the numbers are, and what comes next. */
export function HealthCard({
  source,
  timezone,
  now,
}: {
  source: SourceOutput;
  timezone: string;
  now: number;
}) {
  const when = (instant: string | null, none: string) =>
    instant === null ? (
      none
    ) : (
      <time dateTime={instant} title={formatDateTime(instant, timezone)}>
        {formatRelative(instant, now)}
      </time>
    );
  const due = source.next_sync_at !== null && Date.parse(source.next_sync_at) <= now;
  const facts: [string, React.ReactNode][] = [
    ["Up to date as of", when(source.synced_at, "Not yet")],
    ["Last event", when(source.last_event_at, "None yet")],
    ["Next look", due ? "now" : when(source.next_sync_at, source.status === "paused" ? "When resumed" : "–")],
    ["News come", newsWords(source)],
    ["Could not be used", formatCount(source.warnings.length)],
    [
      "Account",
      <span key="account" className="wrap-anywhere">
        {source.account?.name ?? source.account?.id ?? "–"}
      </span>,
    ],
    ["Mode", <ModeBadge key="mode" livemode={source.livemode} />],
    ["Key", source.key_hint ? <code className="font-mono text-xs">…{source.key_hint}</code> : "OAuth"],
    ["Connected", formatDateTime(source.created_at, timezone)],
  ];
  return (
    <Card title="Health" subtitle={kindLabels[source.kind]}>
      <dl className="grid grid-cols-[auto_1fr] gap-x-6 gap-y-2 text-sm">
        {facts.map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-ink-3">{name}</dt>
            <dd className="tabular text-right">{value}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}
