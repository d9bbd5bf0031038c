import { Link } from "@remix-run/react";
import { Inbox } from "lucide-react";
import { cx } from "../../components/class-names.ts";
import { useCommentEvents } from "./comment-events.ts";
import { refreshInboxCount, useInboxCount } from "./inbox-count.ts";

/** How many threads wait in the inbox; nothing where none do. */
export function InboxCount({ className }: { className?: string }) {
  const count = useInboxCount();
  // the number that stands there stays until it can be asked for
  useCommentEvents(() => void refreshInboxCount().catch(() => {}), ["comments", "notifications"]);
  if (count === 0) return null;
  return (
    <span
      data-inbox={count}
      className={cx(
        "tabular min-w-5 rounded-full bg-accent-fill px-1.5 text-center text-2xs leading-5 font-semibold text-white",
        className,
      )}
    >
      {count > 99 ? "99+" : count}
      <span className="sr-only"> unread</span>
    </span>
  );
}

/** The way to the inbox on narrow screens. */
export const InboxLink = () => (
  <Link to="/inbox" className="relative grid size-9 place-items-center rounded-lg text-ink-2 hover:bg-hover">
    <Inbox aria-hidden="true" className="size-5" strokeWidth={1.75} />
    <span className="sr-only">Inbox</span>
    <InboxCount className="absolute -top-0.5 -right-0.5" />
  </Link>
);
