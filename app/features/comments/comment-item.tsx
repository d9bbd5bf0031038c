import { Pencil, Trash2 } from "lucide-react";
import { useState } from "react";
import { formatDateTime, formatRelative } from "#charts/format-dates.ts";
import type { Comment } from "#contracts/comments.ts";
import { Avatar } from "../../components/avatar.tsx";
import { Button, IconButton } from "../../components/button.tsx";
import { useMe } from "../../lib/me.ts";
import { type CommentAction, refusalText } from "./comment-action.ts";
import { CommentText } from "./comment-text.tsx";
import { Composer } from "./composer.tsx";

/** What somebody said, with what its reader may do with it. */
export function CommentItem({
  comment,
  now,
  isNew,
  action,
  act,
}: {
  comment: Comment;
  /** Milliseconds: as seen when the thread was fetched. */
  now: number;
  /** Not read yet. */
  isNew: boolean;
  /** Where forms go without scripts. */
  action: string;
  act: (action: CommentAction) => Promise<void>;
}) {
  const { organisation } = useMe();
  const [doing, setDoing] = useState<"edit" | "delete" | null>(null);
  const { author, id } = comment;
  const name = author ? author.name || author.email : "Former member";
  if (comment.deleted)
    return <li className="py-2.5 pl-8.5 text-sm text-ink-3 italic">This comment was deleted.</li>;
  return (
    <li id={`comment-${id}`} className="group/comment grid grid-cols-[1.5rem_1fr] gap-x-2.5 py-2.5">
      <Avatar name={name} id={author?.email ?? ""} size="sm" />
      <div className="grid min-w-0 gap-0.5">
        <div className="flex min-h-6 items-center gap-2">
          <span className="min-w-0 truncate text-sm font-medium" title={author?.email}>
            {name}
          </span>
          <time
            dateTime={comment.created_at}
            title={formatDateTime(comment.created_at, organisation.timezone)}
            className="shrink-0 text-xs text-ink-3"
          >
            {formatRelative(comment.created_at, now)}
          </time>
          {comment.edited_at ? <span className="shrink-0 text-xs text-ink-3">edited</span> : null}
          {isNew ? (
            <span className="shrink-0 rounded-full bg-accent-soft px-1.5 text-2xs font-semibold text-accent">
              new
            </span>
          ) : null}
          {doing === null && (comment.can_edit || comment.can_delete) ? (
            <span className="needs-scripts ml-auto flex opacity-0 transition-opacity duration-100 group-focus-within/comment:opacity-100 group-hover/comment:opacity-100 pointer-coarse:opacity-100">
              {comment.can_edit ? (
                <IconButton label="Edit comment" size="sm" onClick={() => setDoing("edit")}>
                  <Pencil aria-hidden="true" className="size-3.5" />
                </IconButton>
              ) : null}
              {comment.can_delete ? (
                <IconButton label="Delete comment" size="sm" onClick={() => setDoing("delete")}>
                  <Trash2 aria-hidden="true" className="size-3.5" />
                </IconButton>
              ) : null}
            </span>
          ) : null}
        </div>
        {doing === "edit" ? (
          <Composer
            draftOf={null}
            label="Edit comment"
            placeholder=""
            submitLabel="Save"
            initial={comment.text}
            fields={{}}
            action={action}
            focus
            onSend={async (text) => {
              await act({ intent: "edit", id, text });
              setDoing(null);
            }}
            onCancel={() => setDoing(null)}
          />
        ) : (
          <CommentText text={comment.text} mentions={comment.mentions} />
        )}
        {doing === "delete" ? (
          <ConfirmDelete onCancel={() => setDoing(null)} onDelete={() => act({ intent: "delete", id })} />
        ) : null}
      </div>
    </li>
  );
}

function ConfirmDelete({ onCancel, onDelete }: { onCancel: () => void; onDelete: () => Promise<void> }) {
  const [pending, setPending] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const remove = async () => {
    setPending(true);
    try {
      await onDelete();
    } catch (error) {
      setFailure(refusalText(error));
      setPending(false);
    }
  };
  return (
    <div className="mt-1.5 grid gap-2 rounded-lg bg-sunken px-3 py-2 text-sm">
      <p>Delete this comment? Its text is erased for everybody.</p>
      {failure ? (
        <p role="alert" className="text-xs font-medium text-negative">
          {failure}
        </p>
      ) : null}
      <div className="flex justify-end gap-2">
        <Button size="sm" variant="ghost" onClick={onCancel} autoFocus>
          Cancel
        </Button>
        <Button size="sm" variant="danger" pending={pending} onClick={() => void remove()}>
          Delete comment
        </Button>
      </div>
    </div>
  );
}
