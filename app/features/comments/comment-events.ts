import { useEffect, useRef } from "react";
import type { FeedTopic } from "#contracts/feed.ts";
import { onLiveEvents } from "../../lib/live-state.ts";

/** Something was said, here or elsewhere: with the thread, where one is named. */
export function useCommentEvents(
  onEvent: (threadId: string | null) => void,
  topics: readonly FeedTopic[] = ["comments"],
): void {
  const latest = useRef({ onEvent, topics });
  latest.current = { onEvent, topics };
  useEffect(
    () =>
      onLiveEvents((events) => {
        const mine = events.filter(({ topic }) => latest.current.topics.includes(topic));
        const threads = new Set(mine.map(({ keys }) => (keys.thread_id ? String(keys.thread_id) : null)));
        for (const thread of threads) latest.current.onEvent(thread);
      }),
    [],
  );
}
