import { MessageSquare } from "lucide-react";
import { useContext } from "react";
import { cellKey, pointKey } from "#contracts/comment-anchors.ts";
import type { CommentMark } from "#contracts/comments.ts";
import { cx } from "../../components/class-names.ts";
import { CommentWidget, marksOfWidget, useMarks } from "./comment-context.ts";
import type { MarkMap } from "./comment-store.ts";
import "./comments.css";

/** What a mark says: `3 comments, not all read`. */
export const markSentence = (marks: readonly CommentMark[]): string => {
  const count = marks.reduce((sum, { comments }) => sum + comments, 0);
  return `${count} ${count === 1 ? "comment" : "comments"}${isUnread(marks) ? ", not all read" : ""}`;
};
const isUnread = (marks: readonly CommentMark[]): boolean => marks.some(({ unread }) => unread);

/** In the corner of a cell that is discussed: a fold, or a dot where something is unread. The page's listener opens it. */
export function CellMark({ marks, ...path }: Parameters<typeof cellKey>[0] & { marks: MarkMap }) {
  const here = marks.size > 0 ? marks.get(cellKey(path)) : undefined;
  if (!here) return null;
  return (
    <span data-discussion={cellKey(path)} className="cell-mark">
      <span className={isUnread(here) ? "cell-mark-dot" : "cell-mark-fold"} />
      <span className="sr-only">, {markSentence(here)}</span>
    </span>
  );
}

type Target = { metric: string; period?: string } | undefined;

/** The threads on the points of the chart that one stands in. */
export function usePointMarks(): (target: Target) => readonly CommentMark[] {
  const marks = useMarks();
  const widget = useContext(CommentWidget);
  return (target) =>
    marks.size === 0 || widget === null || !target?.period
      ? []
      : (marks.get(pointKey(widget, target as Parameters<typeof pointKey>[1])) ?? []);
}

/** Over a point of a chart that is discussed; the point itself says so in words. */
export function PointMark({ target }: { target: Target }) {
  const widget = useContext(CommentWidget);
  const here = usePointMarks()(target);
  if (here.length === 0 || widget === null) return null;
  const key = pointKey(widget, target as Parameters<typeof pointKey>[1]);
  return (
    <span
      data-discussion={key}
      className={cx(
        "absolute top-0 left-1/2 grid size-5 -translate-x-1/2 cursor-pointer place-items-center",
        isUnread(here) ? "text-accent" : "text-ink-3",
      )}
    >
      <MessageSquare
        aria-hidden="true"
        className="size-3.5"
        strokeWidth={2}
        fill={isUnread(here) ? "currentColor" : "var(--surface)"}
      />
    </span>
  );
}

/** How many threads a card has: opens them. */
export function WidgetMark({ id, title, className }: { id: string; title: string; className?: string }) {
  const here = marksOfWidget(useMarks(), id);
  if (here.length === 0) return null;
  return (
    <button
      type="button"
      data-discussions={id}
      title={markSentence(here)}
      className={cx(
        "needs-scripts absolute z-10 flex h-6 min-w-6 items-center justify-center gap-1 rounded-md bg-surface px-1 text-xs font-medium hover:bg-hover",
        isUnread(here) ? "text-accent" : "text-ink-3",
        className,
      )}
    >
      <MessageSquare
        aria-hidden="true"
        className="size-3.5"
        strokeWidth={2}
        fill={isUnread(here) ? "currentColor" : "none"}
      />
      <span aria-hidden="true" className="tabular">
        {here.length}
      </span>
      <span className="sr-only">
        {here.length} {here.length === 1 ? "thread" : "threads"} on {title}
        {isUnread(here) ? ", something is unread" : ""}
      </span>
    </button>
  );
}
