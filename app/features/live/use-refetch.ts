import { useLocation, useMatches, useNavigation, useRevalidator } from "@remix-run/react";
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { FeedEvent, FeedTopic } from "#contracts/feed.ts";
import { whenWhole } from "../../lib/after-paint.ts";
import { isLiveHandle, setLiveAsked } from "../../lib/live-handle.ts";
import { approachAll } from "../widgets/approach.ts";
import { createAsking } from "./asking.ts";
import { markChanges } from "./mark-changes.ts";
import { type Change, changedNumbers, type ShownNumber, shownNumbers } from "./shown-numbers.ts";
import { createWaitingEvents } from "./waiting-events.ts";

/** What is to be asked for beside what the events concern. `everything`: more changed than can be told. */
interface Pending {
  everything: boolean;
  rights: boolean;
}

const nothing = (): Pending => ({ everything: false, rights: false });

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
 * @param onShown what was asked for is on the page, all of it: which numbers are others now. They are marked, each as it comes
 */
export function useRefetch(onShown: (changes: Change[], topics: ReadonlySet<FeedTopic>) => void): Refetch {
  const matches = useMatches();
  const navigation = useNavigation();
  const { revalidate, state } = useRevalidator();
  const { key: place } = useLocation();
  const pending = useRef(nothing());
  const [waiting] = useState(() => createWaitingEvents(() => performance.now()));
  const [asking] = useState(createAsking<Question>);
  const isFree = state === "idle" && navigation.state === "idle";

  /** Begins, if something waits that concerns this page. */
  const begin = useRef(() => {});
  useLayoutEffect(() => {
    begin.current = () => {
      if (!isFree || asking.isOpen || document.visibilityState === "hidden") return;
      const { everything, rights } = pending.current;
      const concerned = matches.flatMap(({ handle, params }) =>
        isLiveHandle(handle) ? [{ handle, params }] : [],
      );
      const mine = waiting.take((event) =>
        concerned.some(({ handle, params }) => handle.live(event, params)),
      );
      pending.current = nothing();
      const isConcerned = mine === null || everything ? concerned.length > 0 : mine.length > 0;
      if (!rights && !isConcerned) return;
      // what still waits to be drawn by scripts could not be changed
      approachAll();
      setLiveAsked(rights ? "rights" : "page");
      revalidate();
      const question = {
        href: location.href,
        topics: new Set(mine?.map(({ topic }) => topic)),
        before: shownNumbers(document),
      };
      asking.begin(question, matches);
    };
  });

  // the place is what it waits for
  useLayoutEffect(() => waiting.moved(), [place, waiting]);

  // at every commit, in that of the new data before it is painted
  useLayoutEffect(() => {
    const done = asking.committed(isFree, matches);
    if (done) {
      setLiveAsked(null);
      const changes = () =>
        done.href === location.href ? changedNumbers(done.before, shownNumbers(document)) : [];
      const first = changes();
      const elements = new Set(first.map(({ after }) => after.element));
      markChanges([...elements]);
      whenWhole((isLater) => {
        const all = isLater ? changes() : first;
        markChanges(all.map(({ after }) => after.element).filter((element) => !elements.has(element)));
        onShown(all, done.topics);
      });
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

  const events = useCallback(
    (came: readonly FeedEvent[]) => {
      waiting.add(came);
      begin.current();
    },
    [waiting],
  );
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
