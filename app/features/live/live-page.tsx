import { useCallback, useEffect, useRef, useState } from "react";
import type { FeedTopic } from "#contracts/feed.ts";
import { setLiveState, tellLiveEvents, useLiveState } from "../../lib/live-state.ts";
import { approachAll } from "../widgets/approach.ts";
import { changeWords } from "./change-words.ts";
import { LiveHint } from "./live-hint.tsx";
import { openFeed } from "./open-feed.ts";
import type { Change } from "./shown-numbers.ts";
import { useRefetch } from "./use-refetch.ts";

/** Without the feed, what is shown is looked at again this often. */
const withoutMs = 60_000;
/** A page that is still open after so long is watched: everything on it is made ready to change. */
const watchedMs = 4_000;

/**
 * Keeps the page in view as the data is: hears the feed, asks again for what changed, and says so quietly. One per tab, loaded
 * after the page itself.
 * @param from the event up to which the page's first data is whole
 */
export default function LivePage({ from }: { from: string | null }) {
  const [said, setSaid] = useState<{ text: string; key: number } | null>(null);
  const state = useLiveState();
  const start = useRef(from);

  const onShown = useCallback((changes: Change[], topics: ReadonlySet<FeedTopic>) => {
    const text = changeWords(changes, topics);
    if (text) setSaid((last) => ({ text, key: (last?.key ?? 0) + 1 }));
  }, []);
  const { events, everything, rights } = useRefetch(onShown);

  useEffect(() => {
    let wasOpen = false;
    const waiting = new Set<ReturnType<typeof setTimeout>>();
    const soon = (spread: number | undefined, look: () => void) => {
      if (!spread) return look();
      const timer = setTimeout(() => {
        waiting.delete(timer);
        look();
      }, Math.random() * spread);
      waiting.add(timer);
    };
    const feed = openFeed(start.current, {
      onMessage(message) {
        if (message.type === "reset") soon(message.spread, everything);
        else if (message.events.length > 0)
          soon(message.spread, () => {
            tellLiveEvents(message.events);
            events(message.events);
          });
      },
      onState(now) {
        wasOpen ||= now === "open";
        setLiveState(now === "open" ? "live" : wasOpen ? "lost" : "connecting");
      },
      onRights: rights,
    });
    return () => {
      feed.close();
      for (const timer of waiting) clearTimeout(timer);
      setLiveState("off");
    };
  }, [events, everything, rights]);

  useEffect(() => {
    if (state === "live") return;
    const timer = setInterval(everything, withoutMs);
    return () => clearInterval(timer);
  }, [state, everything]);

  useEffect(() => {
    const timer = setTimeout(approachAll, watchedMs);
    return () => clearTimeout(timer);
  }, []);

  return <LiveHint said={said} />;
}
