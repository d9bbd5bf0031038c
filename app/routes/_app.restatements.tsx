import type { MetaFunction } from "@remix-run/node";
import { Link, useLoaderData } from "@remix-run/react";
import { ChevronLeft } from "lucide-react";
import { formatPeriod } from "#charts/format-dates.ts";
import { ChangeEntry } from "../features/restatements/change-entry.tsx";
import { MonthFilter } from "../features/restatements/month-filter.tsx";
import { NoRestatements } from "../features/restatements/no-restatements.tsx";
import { PageBody, TopBar } from "../features/shell/top-bar.tsx";
import { guarded } from "../lib/guard.server.ts";
import { liveOn } from "../lib/live-handle.ts";
import { useCan, useMe } from "../lib/me.ts";

export const handle = liveOn("metrics");

export const meta: MetaFunction = () => [{ title: "Restatements · Jarvis360" }];

const monthText = /^\d{4}-(0[1-9]|1[0-2])$/;

export const loader = guarded(async ({ request, context }) => {
  const search = new URL(request.url).searchParams;
  const asked = search.get("month") ?? "";
  const month = monthText.test(asked) ? asked : null;
  const cursor = search.get("after") ?? undefined;
  const [log, moved] = await Promise.all([
    context.trpc.restatements.events({ month: month ?? undefined, limit: 20, cursor }),
    context.trpc.restatements.months({}),
  ]);
  return {
    events: log.items,
    next: log.next,
    later: cursor !== undefined,
    month,
    months: moved.months.map((one) => one.month),
  };
});

export default function Restatements() {
  const { events, next, later, month, months } = useLoaderData<typeof loader>();
  const { organisation } = useMe();
  const mayImport = useCan("data.import");
  const isEmpty = events.length === 0 && month === null && !later;
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
        title="Restatements"
        status={isEmpty ? null : "What changed in months that were closed"}
      />
      <PageBody narrow>
        {isEmpty ? (
          <NoRestatements mayImport={mayImport} />
        ) : (
          <div className="grid grid-cols-1 gap-4">
            <MonthFilter months={months} month={month} />
            {events.length > 0 ? (
              <ol className="grid grid-cols-1 gap-3" aria-label="Changes, newest first">
                {events.map((event, index) => (
                  <ChangeEntry
                    key={event.id}
                    event={event}
                    timezone={organisation.timezone}
                    month={month}
                    open={index === 0 && !later}
                  />
                ))}
              </ol>
            ) : (
              <p className="text-sm text-ink-2">
                {month
                  ? `${formatPeriod(month, "long")} has not moved since it was closed.`
                  : "There are no older changes."}
              </p>
            )}
            <More next={next} later={later} month={month} />
          </div>
        )}
      </PageBody>
    </>
  );
}

function More({ next, later, month }: { next: string | null; later: boolean; month: string | null }) {
  if (!next && !later) return null;
  const at = (cursor: string | null) =>
    `?${new URLSearchParams({ ...(month ? { month } : {}), ...(cursor ? { after: cursor } : {}) })}`;
  return (
    <nav aria-label="More changes" className="flex gap-4 text-sm">
      {later ? (
        <Link className="link" to={at(null)}>
          Newest
        </Link>
      ) : null}
      {next ? (
        <Link className="link" to={at(next)}>
          Older
        </Link>
      ) : null}
    </nav>
  );
}
