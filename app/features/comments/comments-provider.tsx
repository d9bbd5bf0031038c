import { useSearchParams } from "@remix-run/react";
import { type ReactNode, Suspense, useEffect, useMemo, useRef } from "react";
import type { CommentMark } from "#contracts/comments.ts";
import { lazyPart, SayMissingOver } from "../../components/lazy-part.tsx";
import { useCan } from "../../lib/me.ts";
import { anchorOfElement } from "./anchor-element.ts";
import { CommentsContext, useCommentState } from "./comment-context.ts";
import { useCommentEvents } from "./comment-events.ts";
import { CommentStore } from "./comment-store.ts";
import { PickingHint } from "./picking-hint.tsx";

const CommentPanel = lazyPart(() => import("./comment-panel.tsx"), SayMissingOver);

/**
 * Makes the numbers of a page discussable: its threads are marked, a mark opens them, `C` or the comment button lets one choose a
 * number. Listens on the page itself, because cards wake up late and have links of their own.
 */
export function CommentsProvider({
  dashboardId,
  marks,
  children,
}: {
  /** Null: the page of cohorts. */
  dashboardId: string | null;
  marks: readonly CommentMark[];
  children: ReactNode;
}) {
  const store = useMemo(() => new CommentStore(dashboardId, marks), [dashboardId]);
  const place = useRef<HTMLDivElement>(null);
  const mayWrite = useCan("comment.write");
  const { opened, picking } = useCommentState(store);
  const [search] = useSearchParams();
  const linked = search.get("thread");

  useEffect(() => store.setMarks(marks), [marks, store]);

  // a link to a thread opens it, and following another does too
  useEffect(() => {
    if (linked) store.open({ kind: "thread", id: linked }, null);
  }, [linked, store]);

  // the marks that stand there stay until they can be asked for
  useCommentEvents(() => void store.refresh().catch(() => {}));

  useEffect(() => {
    const target = place.current;
    if (!target) return;
    const onClick = (event: MouseEvent) => {
      if (!(event.target instanceof Element) || !target.contains(event.target) || event.button !== 0) return;
      if (openMark(store, event.target) || pick(store, event.target, mayWrite)) {
        event.preventDefault();
        event.stopPropagation();
      }
    };
    const onKey = (event: KeyboardEvent) => {
      if (!(event.target instanceof Element)) return;
      if (event.key === "Escape" && store.state.picking) store.setPicking(false);
      if (event.key === "Enter" && target.contains(event.target) && pick(store, event.target, mayWrite)) {
        event.preventDefault();
        event.stopPropagation();
      }
      if (event.key.toLowerCase() !== "c" || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.target.closest(typing)) return;
      const focused = target.contains(event.target) ? anchorOfElement(event.target, dashboardId) : null;
      const opener = focused ? event.target : findPointedNumber(target);
      const anchor = focused ?? (opener && anchorOfElement(opener, dashboardId));
      event.preventDefault();
      if (anchor && opener instanceof HTMLElement) store.openAt(anchor, opener, mayWrite);
      else if (mayWrite) store.setPicking(!store.state.picking);
    };
    // before React, which swallows what is pressed on a card whose code has not come
    window.addEventListener("click", onClick, true);
    window.addEventListener("keydown", onKey, true);
    return () => {
      window.removeEventListener("click", onClick, true);
      window.removeEventListener("keydown", onKey, true);
    };
  }, [store, dashboardId, mayWrite]);

  return (
    <CommentsContext.Provider value={store}>
      <div ref={place} data-picking={picking ? "" : undefined}>
        {children}
      </div>
      {picking ? <PickingHint onStop={() => store.setPicking(false)} /> : null}
      {opened ? (
        <Suspense fallback={null}>
          <CommentPanel store={store} opened={opened} />
        </Suspense>
      ) : null}
    </CommentsContext.Provider>
  );
}

/** Where `C` is a letter. */
const typing = "input, textarea, select, [contenteditable], dialog, [role='dialog']";

/** The cell or the point under the mouse: its tooltip says that `C` comments on it. */
const findPointedNumber = (place: HTMLElement): HTMLElement | null =>
  place.querySelector<HTMLElement>("td[data-cohort]:hover, [data-point]:hover");

/** A click on a mark. @returns whether it was one */
function openMark(store: CommentStore, target: Element): boolean {
  const card = target.closest<HTMLElement>("[data-discussions]");
  if (card) {
    store.open({ kind: "list", widgetId: card.dataset.discussions ?? null, key: null }, card);
    return true;
  }
  const mark = target.closest<HTMLElement>("[data-discussion]");
  const key = mark?.dataset.discussion;
  const [first, second] = key ? (store.marks.get(key) ?? []) : [];
  if (!mark || !key || !first) return false;
  const opener = mark.closest<HTMLElement>("td, [data-point]");
  store.open(second ? { kind: "list", widgetId: null, key } : { kind: "thread", id: first.id }, opener);
  return true;
}

/** While one chooses what to comment on, a click on a number does not lead on. @returns whether it was taken */
function pick(store: CommentStore, target: Element, mayWrite: boolean): boolean {
  if (!store.state.picking || !target.closest("[data-widget]")) return false;
  const anchor = anchorOfElement(target, store.dashboardId);
  const opener = target.closest<HTMLElement>("td[data-cohort], [data-point], [data-widget]");
  if (anchor) store.openAt(anchor, opener, mayWrite);
  return true;
}
