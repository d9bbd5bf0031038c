import type { Comment } from "#contracts/comments.ts";
import { Button } from "../../components/button.tsx";
import { useCan } from "../../lib/me.ts";
import type { CommentAction } from "./comment-action.ts";
import { CommentItem } from "./comment-item.tsx";
import { Composer } from "./composer.tsx";

/** A thread: what was said, and where one answers. */
export function ThreadView({
  threadId,
  comments,
  more,
  onMore,
  unread,
  now,
  action,
  focus = false,
  act,
}: {
  threadId: string;
  /** Oldest first. */
  comments: readonly Comment[];
  /** Whether later ones are not shown yet. */
  more: boolean;
  onMore?: (() => void) | undefined;
  /** How many were not read when the thread was opened. */
  unread: number;
  now: number;
  action: string;
  /** Begins in the field for an answer. */
  focus?: boolean;
  act: (action: CommentAction) => Promise<void>;
}) {
  const mayWrite = useCan("comment.write");
  const fresh = new Set(
    unread === 0
      ? []
      : comments
          .filter(({ can_edit, deleted }) => !can_edit && !deleted)
          .slice(-unread)
          .map(({ id }) => id),
  );
  return (
    <>
      <ul className="divide-y divide-line">
        {comments.map((comment) => (
          <CommentItem
            key={comment.id}
            comment={comment}
            now={now}
            isNew={fresh.has(comment.id)}
            action={action}
            act={act}
          />
        ))}
      </ul>
      {more ? (
        <Button size="sm" variant="ghost" onClick={onMore} className="my-1">
          Show later comments
        </Button>
      ) : null}
      {mayWrite ? (
        <div className="pt-2">
          <Composer
            key={threadId}
            draftOf={threadId}
            label="Reply"
            placeholder="Reply… @ names somebody"
            submitLabel="Reply"
            fields={{ intent: "reply", id: threadId }}
            action={action}
            focus={focus}
            onSend={(text) => act({ intent: "reply", parentId: threadId, text })}
          />
        </div>
      ) : (
        <p className="pt-2 text-xs text-ink-3">
          You can read this. To answer, ask an admin for the role commenter.
        </p>
      )}
    </>
  );
}
