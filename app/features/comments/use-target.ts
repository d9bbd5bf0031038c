import { useEffect, useState } from "react";
import { placeOf } from "#contracts/comment-anchors.ts";
import { findAnchorElement } from "./anchor-element.ts";
import type { CommentStore } from "./comment-store.ts";
import type { Thread } from "./thread-row.tsx";

/**
 * The number on the page that a thread is about; null while it is not there. Cards draw themselves late and again, so it is looked for
 * whenever the page changes. A thread that was opened by a link scrolls to it.
 */
export function useTarget(store: CommentStore, head: Thread | null): HTMLElement | null {
  const [target, setTarget] = useState<HTMLElement | null>(null);
  const anchor = head?.thread.anchor ?? null;

  useEffect(() => {
    if (!anchor) return;
    // one heatmap stands for another: what counts is the page that one looks at
    const place = placeOf({ ...anchor, dashboard_id: store.dashboardId ?? anchor.dashboard_id });
    let frame = 0;
    const look = () => {
      frame = 0;
      setTarget((last) => (last?.isConnected ? last : findAnchorElement(place)));
    };
    look();
    const observer = new MutationObserver(() => {
      frame ||= requestAnimationFrame(look);
    });
    observer.observe(document.body, { childList: true, subtree: true });
    return () => {
      observer.disconnect();
      cancelAnimationFrame(frame);
    };
  }, [anchor, store]);

  useEffect(() => {
    if (!target || store.opener) return;
    target.scrollIntoView({ block: "center", inline: "center" });
    store.opener = target;
  }, [target, store]);

  return target;
}
