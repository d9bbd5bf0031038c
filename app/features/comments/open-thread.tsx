import { Link } from "@remix-run/react";
import { Check, Maximize2, RotateCcw } from "lucide-react";
import { useEffect } from "react";
import { anchorPlaceText, anchorTitle } from "#charts/comment-words.ts";
import { placeOf } from "#contracts/comment-anchors.ts";
import { Button } from "../../components/button.tsx";
import { Spinner } from "../../components/spinner.tsx";
import { useToast } from "../../components/toast.tsx";
import { useCan } from "../../lib/me.ts";
import { findAnchorElement } from "./anchor-element.ts";
import { type CommentAction, refusalText, runCommentAction } from "./comment-action.ts";
import { useCommentEvents } from "./comment-events.ts";
import type { CommentStore } from "./comment-store.ts";
import { refreshInboxCount } from "./inbox-count.ts";
import { PanelFrame } from "./panel-frame.tsx";
import { ThreadView } from "./thread-view.tsx";
import { useTarget } from "./use-target.ts";
import { useThread } from "./use-thread.ts";

/** A thread beside its number. Looking at it is reading it. */
export function OpenThread({ store, id }: { store: CommentStore; id: string }) {
  const { loaded, unread, failure, reload, more } = useThread(id);
  const toast = useToast();
  const mayWrite = useCan("comment.write");
  const head = loaded?.head ?? null;
  const target = useTarget(store, head);
  const last = loaded?.comments.at(-1)?.no ?? 0;
  const isUnread = (head?.thread.unread ?? 0) > 0;

  useEffect(() => {
    if (!isUnread || last === 0) return;
    const read = async () => {
      const { trpc } = await import("../../lib/trpc.ts");
      await trpc.comments.read.mutate({ id, no: last });
      await Promise.all([store.refresh(), refreshInboxCount()]);
    };
    // it stays unread then, and the next look tries again
    read().catch(() => {});
  }, [id, isUnread, last, store]);

  useCommentEvents((threadId) => {
    if (threadId === null || threadId === id) reload().catch(() => {});
  });

  const act = async (action: CommentAction) => {
    await runCommentAction(action);
    const isLast =
      action.intent === "delete" && loaded?.comments.every((one) => one.deleted || one.id === action.id);
    if (isLast) store.close();
    else await reload();
    await store.refresh();
  };

  if (!head || !loaded)
    return (
      <PanelFrame store={store} target={store.opener} title="Comment">
        <div className="grid min-h-24 place-items-center text-center text-sm text-ink-3">
          {failure ?? <Spinner />}
        </div>
      </PanelFrame>
    );

  const { anchor, resolved_at } = head.thread;
  const place = placeOf(anchor);
  const now = target?.dataset.shown ?? null;
  return (
    <PanelFrame
      store={store}
      target={target ?? store.opener}
      find={() =>
        findAnchorElement(placeOf({ ...anchor, dashboard_id: store.dashboardId ?? anchor.dashboard_id }))
      }
      title={anchorTitle(place, anchor.label)}
      subtitle={
        <>
          {anchorPlaceText(place, anchor.label)}
          <Then shown={anchor.shown} now={now} />
          {target || place.kind === "dashboard" ? null : (
            <span className="block">Not shown on this page with these filters.</span>
          )}
        </>
      }
      actions={
        <>
          {mayWrite ? (
            <Button
              size="sm"
              variant="ghost"
              icon={
                resolved_at ? (
                  <RotateCcw aria-hidden="true" className="size-3.5" />
                ) : (
                  <Check aria-hidden="true" className="size-3.5" />
                )
              }
              onClick={() => {
                act({ intent: resolved_at ? "reopen" : "resolve", id }).catch((error: unknown) =>
                  toast({ message: refusalText(error), tone: "negative" }),
                );
              }}
            >
              {resolved_at ? "Reopen" : "Resolve"}
            </Button>
          ) : null}
          <Link
            to={`/inbox?view=all&thread=${id}`}
            title="Open in the inbox"
            className="inline-grid size-6 shrink-0 place-items-center rounded-md text-ink-3 hover:bg-hover hover:text-ink"
          >
            <Maximize2 aria-hidden="true" className="size-3.5" />
            <span className="sr-only">Open in the inbox</span>
          </Link>
        </>
      }
    >
      {resolved_at ? (
        <p className="mt-3 rounded-lg bg-sunken px-3 py-1.5 text-xs text-ink-2">
          Resolved
          {head.thread.resolved_by
            ? ` by ${head.thread.resolved_by.name || head.thread.resolved_by.email}`
            : ""}
          . An answer opens it again.
        </p>
      ) : null}
      <ThreadView
        threadId={id}
        comments={loaded.comments}
        more={loaded.next !== null}
        onMore={() => void more()}
        unread={loaded.next === null ? unread : 0}
        now={loaded.now}
        action={`/inbox?view=all&thread=${id}`}
        // a field in focus brings up a phone's keyboard over what is to be read
        focus={window.matchMedia("(hover: hover)").matches}
        act={act}
      />
    </PanelFrame>
  );
}

/** What the number was when the thread began, and what it is now if that is another. */
const Then = ({ shown, now }: { shown: string | null; now: string | null }) =>
  shown === null ? null : (
    <span className="block">
      {now !== null && now !== shown ? (
        <>
          Was <span className="tabular font-medium text-ink-2">{shown}</span>, now{" "}
          <span className="tabular font-medium text-ink-2">{now}</span>
        </>
      ) : (
        <span className="tabular">{shown}</span>
      )}
    </span>
  );
