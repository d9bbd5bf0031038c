import { useCallback, useEffect, useState } from "react";
import type { Comment } from "#contracts/comments.ts";
import { refusalText } from "./comment-action.ts";
import { isThread, type Thread } from "./thread-row.tsx";

export interface LoadedThread {
  head: Thread;
  /** Oldest first; the head is the first of them. */
  comments: Comment[];
  next: string | null;
  /** When it was fetched, in milliseconds. */
  now: number;
}

/** A thread as it is now. Asked for again with `reload`, further with `more`; what was unread stays marked until another opens. */
export function useThread(id: string | null) {
  const [loaded, setLoaded] = useState<LoadedThread | null>(null);
  const [unread, setUnread] = useState(0);
  const [failure, setFailure] = useState<string | null>(null);

  const ask = useCallback(async (threadId: string, cursor: string | null): Promise<LoadedThread | null> => {
    const { trpc } = await import("../../lib/trpc.ts");
    const { items, next } = await trpc.comments.list.query({
      thread_id: threadId,
      ...(cursor === null ? {} : { cursor }),
    });
    const head = items.find(isThread) ?? null;
    return head && { head, comments: items, next, now: Date.now() };
  }, []);

  const reload = useCallback(async () => {
    if (id === null) return;
    setLoaded(await ask(id, null));
  }, [id, ask]);

  useEffect(() => {
    let gone = false;
    setLoaded(null);
    setFailure(null);
    setUnread(0);
    if (id === null) return;
    ask(id, null).then(
      (thread) => {
        if (gone) return;
        setLoaded(thread);
        setUnread(thread?.head.thread.unread ?? 0);
      },
      (error: unknown) => {
        if (!gone) setFailure(refusalText(error));
      },
    );
    return () => {
      gone = true;
    };
  }, [id, ask]);

  const more = useCallback(async () => {
    if (!loaded?.next || id === null) return;
    const { trpc } = await import("../../lib/trpc.ts");
    const { items, next } = await trpc.comments.list.query({ thread_id: id, cursor: loaded.next });
    setLoaded({ ...loaded, comments: [...loaded.comments, ...items], next });
  }, [loaded, id]);

  return { loaded, unread, failure, reload, more };
}
