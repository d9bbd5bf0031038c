import type { MetaFunction } from "@remix-run/node";
import { useActionData, useLoaderData } from "@remix-run/react";
import { MessageSquare } from "lucide-react";
import { cx } from "../components/class-names.ts";
import { EmptyState } from "../components/empty-state.tsx";
import { FormFailure } from "../components/form-failure.tsx";
import { changeComment } from "../features/comments/change-comment.server.ts";
import { InboxList, inboxPath } from "../features/comments/inbox-list.tsx";
import { InboxThread } from "../features/comments/inbox-thread.tsx";
import { loadInbox } from "../features/comments/load-inbox.server.ts";
import { PageBody, TopBar } from "../features/shell/top-bar.tsx";
import { failureIn } from "../lib/failure.ts";
import { guarded, submitted } from "../lib/guard.server.ts";
import { liveOn } from "../lib/live-handle.ts";

export const meta: MetaFunction = () => [{ title: "Inbox · Jarvis360" }];
export const handle = liveOn("comments", "notifications");

export const loader = guarded(loadInbox);
export const action = submitted(changeComment, ["text"]);

/** Threads on the left, the open one on the right; on narrow screens one or the other. */
export default function Inbox() {
  const data = useLoaderData<typeof loader>();
  const failure = failureIn(useActionData<typeof action>());
  const { view, dashboard, threadId, open, now } = data;
  return (
    <>
      <TopBar title="Inbox" status="What is said about your numbers" />
      <PageBody>
        <FormFailure failure={failure} />
        <div className="grid items-start gap-5 lg:grid-cols-[24rem_minmax(0,44rem)]">
          <InboxList data={data} className={cx("lg:grid", threadId ? "hidden" : "grid")} />
          {threadId && open ? (
            <InboxThread
              key={threadId}
              open={open}
              now={now}
              address={inboxPath({ view, dashboard, thread: threadId })}
              back={inboxPath({ view, dashboard })}
            />
          ) : (
            <div
              className={cx(
                "rounded-xl border border-dashed border-line-strong",
                threadId ? "block" : "hidden lg:block",
              )}
            >
              <EmptyState
                icon={<MessageSquare />}
                title={threadId ? "This thread is gone" : "Choose a thread"}
              >
                {threadId ? "It was deleted, or it belongs to another organisation." : "It opens here."}
              </EmptyState>
            </div>
          )}
        </div>
      </PageBody>
    </>
  );
}
