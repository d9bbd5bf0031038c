import { useMatches, useNavigation, useRevalidator } from "@remix-run/react";
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { FeedEvent, FeedTopic } from "#contracts/feed.ts";
import { isLiveHandle, setLiveAsked } from "../../lib/live-handle.ts";
import { approachAll } from "../widgets/approach.ts";
import { createAsking } from "./asking.ts";
import { type Change, changedNumbers, type ShownNumber, shownNumbers } from "./shown-numbers.ts";

/** What has come and is not yet on the page. `everything`: more than can be told. */
interface Pending {
  events: FeedEvent[];
  everything: boolean;
  rights: boolean;
}

const mostPending = 500;

const nothing = (): Pending => ({ events: [], everything: false, rights: false });

export interface Refetch {
  events(events: readonly FeedEvent[]): void;
  everything(): void;
  /** Who the reader is may be another: the frame of the page is asked for too. */
  rights(): void;
}

/** What was asked for, until the answer is on the page. */
interface Question {
  /** Where the reader was: somewhere else, other numbers are no change. */
  href: string;
  topics: Set<FeedTopic>;
  before: Map<string, ShownNumber>;
}

/**
 * Asks again for the data of the page in view, when an event concerns it, and for nothing else; one question at a time, none
 * while the reader goes elsewhere or looks at another tab.
 * @param onShown what was asked for is on the page: which numbers are others now
 */
export function useRefetch(onShown: (changes: Change[], topics: ReadonlySet<FeedTopic>) => void): Refetch {
  const matches = useMatches();
  const navigation = useNavigation();
  const { revalidate, state } = useRevalidator();
  const pending = useRef(nothing());
  const [asking] = useState(createAsking<Question>);
  const isFree = state === "idle" && navigation.state === "idle";

  /** Begins, if something waits that concerns this page. */
  const begin = useRef(() => {});
  useLayoutEffect(() => {
    begin.current = () => {
      if (!isFree || asking.isOpen || document.visibilityState === "hidden") return;
      const { events, everything, rights } = pending.current;
      const concerned = matches.flatMap(({ handle, params }) =>
        isLiveHandle(handle) ? [{ handle, params }] : [],
      );
      const mine = events.filter((event) =>
        concerned.some(({ handle, params }) => handle.live(event, params)),
      );
      pending.current = nothing();
      if (!rights && mine.length === 0 && !(everything && concerned.length > 0)) return;
      // what still waits to be drawn by scripts could not be changed
      approachAll();
      setLiveAsked(rights ? "rights" : "page");
      revalidate();
      const question = {
        href: location.href,
        topics: new Set(mine.map(({ topic }) => topic)),
        before: shownNumbers(document),
      };
      asking.begin(question, matches);
    };
  });

  // at every commit, in that of the new data before it is painted
  useLayoutEffect(() => {
    const done = asking.committed(isFree, matches);
    if (done) {
      setLiveAsked(null);
      if (done.href === location.href)
        onShown(changedNumbers(done.before, shownNumbers(document)), done.topics);
    }
    if (isFree) begin.current();
  });

  useEffect(() => {
    const look = () => begin.current();
    document.addEventListener("visibilitychange", look);
    return () => {
      document.removeEventListener("visibilitychange", look);
      // what was asked for led elsewhere, as to the page of signing in
      setLiveAsked(null);
    };
  }, []);

  const events = useCallback((came: readonly FeedEvent[]) => {
    const { current } = pending;
    // a tab that is looked at again after hours looks at all of its page
    if (current.events.length > mostPending) current.everything = true;
    else current.events.push(...came);
    begin.current();
  }, []);
  const everything = useCallback(() => {
    pending.current.everything = true;
    begin.current();
  }, []);
  const rights = useCallback(() => {
    pending.current.rights = true;
    begin.current();
  }, []);
  return { events, everything, rights };
}
