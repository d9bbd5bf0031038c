import type { FeedEvent, FeedTopic } from "#contracts/feed.ts";

/** A route's `handle`: after which events its loader's data may be another. */
export interface LiveHandle {
  live(event: FeedEvent, params: Readonly<Record<string, string | undefined>>): boolean;
}

/** `export const handle = liveOn("metrics", "annotations")`: the page's data is asked for again after any of these. */
export const liveOn = (...topics: FeedTopic[]): LiveHandle => ({
  live: ({ topic }) => topics.includes(topic),
});

export const isLiveHandle = (handle: unknown): handle is LiveHandle =>
  typeof handle === "object" && handle !== null && "live" in handle && typeof handle.live === "function";

/** What is asked for again while a revalidation runs that the feed began; null: it is the reader's own doing. */
let asked: "page" | "rights" | null = null;

export function setLiveAsked(what: "page" | "rights" | null): void {
  asked = what;
}

/** For `shouldRevalidate` of what holds the page: numbers that move are none of its business, rights are. */
export const liveAsked = (): "page" | "rights" | null => asked;
