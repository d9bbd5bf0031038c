import type { FeedEvent } from "#contracts/feed.ts";

/** So long an event that did not concern the page is kept for the next one: longer than a page takes to come. */
const keptMs = 5_000;
/** A tab that is looked at again after hours looks at all of its page. */
const mostWaiting = 500;

export interface WaitingEvents {
  add(events: readonly FeedEvent[]): void;
  /** All that wait, divided: what concerns the page is handed out, the rest is put aside. Null: too many to tell. */
  take(concerns: (event: FeedEvent) => boolean): FeedEvent[] | null;
  /** Another page is in view: what was put aside a moment ago waits again. */
  moved(): void;
}

/**
 * Events that came and are not yet on the page. An event can come after the next page's data was read and before that page is in
 * view: held only against the page before, it would be lost, and the next one show what is no longer so.
 * @param now milliseconds of a clock that does not go back
 */
export function createWaitingEvents(now: () => number): WaitingEvents {
  let waiting: FeedEvent[] = [];
  let isTooMany = false;
  let aside: { event: FeedEvent; at: number }[] = [];
  return {
    add(events) {
      isTooMany ||= waiting.length + events.length > mostWaiting;
      waiting = isTooMany ? [] : [...waiting, ...events];
    },
    take(concerns) {
      const at = now();
      const taken = isTooMany ? null : waiting.filter(concerns);
      const passed = waiting.filter((event) => !concerns(event)).map((event) => ({ event, at }));
      aside = [...aside, ...passed].filter((one) => at - one.at < keptMs).slice(-mostWaiting);
      waiting = [];
      isTooMany = false;
      return taken;
    },
    moved() {
      const since = now() - keptMs;
      waiting = [...aside.filter(({ at }) => at > since).map(({ event }) => event), ...waiting];
      aside = [];
    },
  };
}
