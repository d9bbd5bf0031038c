import { Link } from "@remix-run/react";
import { formatRelative } from "#charts/format-dates.ts";
import type { SourceOutput } from "#contracts/sources.ts";
import { Progress } from "../../components/progress.tsx";
import { ModeBadge, SourceStatusBadge } from "./source-badges.tsx";
import { SourceMark } from "./source-mark.tsx";
import { countWords, errorWords, isMoving, kindLabels, progressWords, readSoFar } from "./source-words.ts";

/** One connected source among others: what it is, how it is, what it brought. */
export function SourceCard({ source, now }: { source: SourceOutput; now: number }) {
  const { id, kind, name, status, account, livemode, last_error: error, synced_at: syncedAt } = source;
  const moving = isMoving(source);
  const { done, of } = readSoFar(source);
  const counts = countWords(source);
  return (
    <li className="relative grid content-start gap-3 rounded-xl border border-line bg-surface p-5 hover:border-line-strong">
      <div className="flex items-start gap-3">
        <SourceMark kind={kind} />
        <div className="grid min-w-0 flex-1 gap-0.5">
          <h3 className="truncate text-base font-semibold">
            <Link
              to={`/sources/${id}`}
              prefetch="intent"
              className="after:absolute after:inset-0 after:rounded-xl"
            >
              {name}
            </Link>
          </h3>
          <p className="truncate text-sm text-ink-3">
            {kindLabels[kind]}
            {account ? ` · ${account.name ?? account.id}` : ""}
          </p>
        </div>
        <div className="flex shrink-0 flex-wrap justify-end gap-1.5">
          {livemode === false ? <ModeBadge livemode={livemode} /> : null}
          <SourceStatusBadge source={source} />
        </div>
      </div>
      {moving ? (
        <div className="grid gap-1.5">
          <Progress label={`Import of ${name}`} value={done} max={of || null} text={progressWords(source)} />
          <p className="tabular text-xs text-ink-2">{progressWords(source)}</p>
        </div>
      ) : null}
      {status === "error" && error ? (
        <p className="text-sm text-negative">
          <span className="font-medium">{errorWords(error, kindLabels[kind]).title}.</span> Open it to see
          what to do.
        </p>
      ) : null}
      <p className="tabular text-sm text-ink-2">
        {counts ||
          (moving ? "The first objects are on their way." : "Nothing was found in this account yet.")}
      </p>
      {syncedAt ? (
        <p className="text-xs text-ink-3">
          Up to date as of <time dateTime={syncedAt}>{formatRelative(syncedAt, now)}</time>
        </p>
      ) : null}
    </li>
  );
}
