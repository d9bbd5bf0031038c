import { Link } from "@remix-run/react";
import { Inbox as InboxIcon } from "lucide-react";
import { cx } from "../../components/class-names.ts";
import { EmptyState } from "../../components/empty-state.tsx";
import type { InboxData, InboxView } from "./load-inbox.server.ts";
import { ThreadRow } from "./thread-row.tsx";

const viewNames: Record<InboxView, string> = { mine: "For you", all: "All open", resolved: "Resolved" };

export interface InboxPlace {
  view: InboxView;
  dashboard?: string | null;
  thread?: string | null;
  after?: string | null;
}

/** Where something of the inbox is: what is by default is left out. */
export function inboxPath({ view, ...rest }: InboxPlace): string {
  const search = new URLSearchParams(view === "mine" ? {} : { view });
  for (const [name, value] of Object.entries(rest)) if (value) search.set(name, value);
  return search.size > 0 ? `/inbox?${search}` : "/inbox";
}

const emptyWords: Record<InboxView, [title: string, text: string]> = {
  mine: [
    "Nothing waits for you",
    "Threads that you write in, and those that name you with @, come here. Point at a number on a dashboard and press C to begin one.",
  ],
  all: [
    "Nobody has said anything yet",
    "Point at a cohort cell, a point or a card and press C: what you write stays with that number.",
  ],
  resolved: ["Nothing is resolved yet", "A thread that is done is resolved, and found here again."],
};

/** The threads of the inbox, the last spoken in first. */
export function InboxList({
  data: { view, dashboard, threads, threadId, older, now },
  className,
}: {
  data: InboxData;
  className?: string;
}) {
  const [title, text] = emptyWords[view];
  return (
    <section aria-label="Threads" className={cx("min-w-0 content-start gap-3", className)}>
      <nav aria-label="Which threads" className="flex w-max gap-0.5 rounded-lg bg-sunken p-0.5">
        {(Object.keys(viewNames) as InboxView[]).map((name) => (
          <Link
            key={name}
            to={inboxPath({ view: name, dashboard })}
            preventScrollReset
            aria-current={name === view ? "true" : undefined}
            className={cx(
              "flex h-7 items-center rounded-md px-2.5 text-sm font-medium whitespace-nowrap",
              name === view ? "bg-surface text-ink ring-1 ring-line" : "text-ink-2 hover:text-ink",
            )}
          >
            {viewNames[name]}
          </Link>
        ))}
      </nav>
      {dashboard && threads[0]?.thread.anchor.dashboard_title ? (
        <p className="flex items-center gap-2 text-sm text-ink-3">
          On “{threads[0].thread.anchor.dashboard_title}” only.
          <Link to={inboxPath({ view })} className="link">
            Show all
          </Link>
        </p>
      ) : null}
      {threads.length === 0 ? (
        <div className="rounded-xl border border-line bg-surface">
          <EmptyState icon={<InboxIcon />} title={title}>
            {text}
          </EmptyState>
        </div>
      ) : (
        <ul className="divide-y divide-line overflow-hidden rounded-xl border border-line bg-surface">
          {threads.map((thread) => (
            <li key={thread.id}>
              <Link
                to={inboxPath({ view, dashboard, thread: thread.id })}
                preventScrollReset
                aria-current={thread.id === threadId ? "true" : undefined}
                className={cx(
                  "block px-4 py-3 -outline-offset-2",
                  thread.id === threadId ? "bg-hover" : "hover:bg-hover",
                )}
              >
                <ThreadRow thread={thread} now={now} />
              </Link>
            </li>
          ))}
        </ul>
      )}
      {older ? (
        <Link to={inboxPath({ view, dashboard, after: older })} className="link justify-self-end text-sm">
          Older threads
        </Link>
      ) : null}
    </section>
  );
}
