import { Form, Link, useRevalidator } from "@remix-run/react";
import { ArrowLeft, ArrowUpRight, Check, RotateCcw } from "lucide-react";
import { useCallback, useEffect, useRef, useState } from "react";
import { anchorPlaceText, anchorTitle } from "#charts/comment-words.ts";
import { type AnchorKind, placeOf, threadLink } from "#contracts/comment-anchors.ts";
import type { Comment } from "#contracts/comments.ts";
import { Button, ButtonLink } from "../../components/button.tsx";
import { useToast } from "../../components/toast.tsx";
import { useLiveState } from "../../lib/live-state.ts";
import { useCan } from "../../lib/me.ts";
import { type CommentAction, refusalText, runCommentAction } from "./comment-action.ts";
import { refreshInboxCount } from "./inbox-count.ts";
import type { InboxData } from "./load-inbox.server.ts";
import { ThreadView } from "./thread-view.tsx";

const goLabels: Record<AnchorKind, string> = {
  cohort_cell: "Show the number",
  point: "Show the number",
  widget: "Show the card",
  dashboard: "Show the dashboard",
};

/** The open thread of the inbox; the way to its number above it. */
export function InboxThread({
  open: { head, comments, next },
  now,
  address,
  back,
}: {
  open: NonNullable<InboxData["open"]>;
  now: number;
  /** Of this thread in the inbox: where forms go. */
  address: string;
  /** Of the list alone. */
  back: string;
}) {
  const toast = useToast();
  const mayWrite = useCan("comment.write");
  const refresh = useRefresh();
  const { thread, id } = head;
  const place = placeOf(thread.anchor);
  const [unread] = useState(thread.unread);
  const [later, setLater] = useState<{ comments: Comment[]; next: string | null }>({ comments: [], next });
  const last = (later.comments.at(-1) ?? comments.at(-1))?.no ?? 0;
  const isUnread = thread.unread > 0;

  useEffect(() => {
    if (!isUnread || last === 0) return;
    const read = async () => {
      const { trpc } = await import("../../lib/trpc.ts");
      await trpc.comments.read.mutate({ id, no: last });
      await refreshInboxCount();
      refresh();
    };
    // it stays unread then, and the next look tries again
    read().catch(() => {});
  }, [id, isUnread, last, refresh]);

  const act = async (action: CommentAction) => {
    await runCommentAction(action);
    setLater({ comments: [], next });
    refresh();
  };
  const more = async () => {
    if (later.next === null) return;
    const { trpc } = await import("../../lib/trpc.ts");
    const found = await trpc.comments.list.query({ thread_id: id, cursor: later.next });
    setLater({ comments: [...later.comments, ...found.items], next: found.next });
  };
  const where = [
    anchorPlaceText(place, thread.anchor.label),
    thread.anchor.dashboard_title,
    thread.anchor.shown,
  ];

  return (
    <section aria-label="Thread" className="min-w-0 rounded-xl border border-line bg-surface">
      <header className="flex flex-wrap items-start gap-x-3 gap-y-2 border-b border-line px-4 py-3">
        <Link
          to={back}
          aria-label="Back to all threads"
          className="grid size-8 place-items-center rounded-md text-ink-3 hover:bg-hover hover:text-ink lg:hidden"
        >
          <ArrowLeft aria-hidden="true" className="size-4" />
        </Link>
        <div className="min-w-0 flex-[1_1_12rem]">
          <h2 className="font-semibold wrap-anywhere">{anchorTitle(place, thread.anchor.label)}</h2>
          <p className="text-xs text-ink-3 wrap-anywhere">{where.filter(Boolean).join(" · ")}</p>
        </div>
        <div className="flex gap-2">
          {mayWrite ? (
            <Form
              method="post"
              action={address}
              onSubmit={(event) => {
                event.preventDefault();
                act({ intent: thread.resolved_at ? "reopen" : "resolve", id }).catch((error: unknown) =>
                  toast({ message: refusalText(error), tone: "negative" }),
                );
              }}
            >
              <input type="hidden" name="id" value={id} />
              <Button
                type="submit"
                size="sm"
                name="intent"
                value={thread.resolved_at ? "reopen" : "resolve"}
                icon={
                  thread.resolved_at ? (
                    <RotateCcw aria-hidden="true" className="size-3.5" />
                  ) : (
                    <Check aria-hidden="true" className="size-3.5" />
                  )
                }
              >
                {thread.resolved_at ? "Reopen" : "Resolve"}
              </Button>
            </Form>
          ) : null}
          <ButtonLink
            to={threadLink(place, id)}
            size="sm"
            icon={<ArrowUpRight aria-hidden="true" className="size-3.5" />}
          >
            {goLabels[place.kind]}
          </ButtonLink>
        </div>
      </header>
      <div className="px-4 pt-1 pb-4">
        <ThreadView
          threadId={id}
          comments={[...comments, ...later.comments]}
          more={later.next !== null}
          onMore={() => void more()}
          unread={later.next === null ? unread : 0}
          now={now}
          action={address}
          act={act}
        />
      </div>
    </section>
  );
}

/** Asks for the inbox again, where the feed does not: two questions at once would cut each other off. */
function useRefresh(): () => void {
  const { revalidate } = useRevalidator();
  const live = useLiveState();
  const latest = useRef({ revalidate, live });
  latest.current = { revalidate, live };
  return useCallback(() => {
    if (latest.current.live !== "live") latest.current.revalidate();
  }, []);
}
