import { Check, MessageSquare } from "lucide-react";
import { anchorPlaceText, anchorTitle } from "#charts/comment-words.ts";
import { formatRelative } from "#charts/format-dates.ts";
import { placeOf } from "#contracts/comment-anchors.ts";
import type { Comment, ThreadState } from "#contracts/comments.ts";
import { Avatar } from "../../components/avatar.tsx";

/** A comment that began a thread. */
export interface Thread extends Comment {
  thread: ThreadState;
}

export const isThread = (comment: Comment): comment is Thread => comment.thread !== null;

/** A thread in a list: what it is about, how it began, how far it got. */
export function ThreadRow({
  thread: item,
  now,
  place = true,
}: {
  thread: Thread;
  now: number;
  place?: boolean;
}) {
  const { thread, author, text, deleted } = item;
  const { label, dashboard_title } = thread.anchor;
  const anchor = placeOf(thread.anchor);
  const name = author ? author.name || author.email : "Former member";
  const where = [anchorPlaceText(anchor, label), place ? dashboard_title : null].filter(Boolean).join(" · ");
  return (
    <span className="grid grid-cols-[1.5rem_1fr_auto] gap-x-2.5 text-left">
      <Avatar name={name} id={author?.email ?? ""} size="sm" />
      <span className="grid min-w-0 gap-0.5">
        <span className="truncate text-sm font-medium">{anchorTitle(anchor, label)}</span>
        {where ? <span className="truncate text-xs text-ink-3">{where}</span> : null}
        <span className="line-clamp-2 text-sm text-ink-2 wrap-anywhere">
          <span className="sr-only">{name}: </span>
          {deleted ? <em className="text-ink-3">This comment was deleted.</em> : text}
        </span>
        <span className="flex items-center gap-3 text-xs text-ink-3">
          {formatRelative(thread.last_at, now)}
          {thread.replies > 0 ? (
            <span className="flex items-center gap-1">
              <MessageSquare aria-hidden="true" className="size-3" />
              {thread.replies} {thread.replies === 1 ? "reply" : "replies"}
            </span>
          ) : null}
          {thread.resolved_at ? (
            <span className="flex items-center gap-1 text-positive">
              <Check aria-hidden="true" className="size-3" />
              Resolved
            </span>
          ) : null}
        </span>
      </span>
      {thread.unread > 0 ? (
        <span className="mt-1.5 size-2 rounded-full bg-accent-fill" title={`${thread.unread} unread`}>
          <span className="sr-only">{thread.unread} unread</span>
        </span>
      ) : null}
    </span>
  );
}
