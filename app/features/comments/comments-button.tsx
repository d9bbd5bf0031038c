import { Link } from "@remix-run/react";
import { MessageSquare } from "lucide-react";
import { buttonClass } from "../../components/button.tsx";
import { useComments, useMarks } from "./comment-context.ts";

/** Opens the threads of the page; without scripts a page of their own. */
export function CommentsButton() {
  const store = useComments();
  const threads = [...useMarks().values()].flat();
  if (!store) return null;
  const unread = threads.filter((mark) => mark.unread).length;
  return (
    <Link
      to={`/inbox?view=all${store.dashboardId ? `&dashboard=${store.dashboardId}` : ""}`}
      aria-keyshortcuts="C"
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        store.open({ kind: "list", widgetId: null, key: null }, event.currentTarget);
      }}
      className={buttonClass("ghost", "md")}
    >
      <MessageSquare aria-hidden="true" className="size-4" strokeWidth={1.75} />
      <span className="max-sm:sr-only">Comments</span>
      {threads.length > 0 ? (
        <span className="tabular min-w-5 rounded-full bg-hover px-1.5 text-center text-xs leading-5 text-ink-2">
          {threads.length}
        </span>
      ) : null}
      {unread > 0 ? (
        <span className="absolute top-1 left-6 size-2 rounded-full bg-accent-fill ring-2 ring-surface">
          <span className="sr-only">, {unread} with something unread</span>
        </span>
      ) : null}
    </Link>
  );
}
