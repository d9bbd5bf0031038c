import { z } from "zod";

/** What an organisation's open pages are told about. */
export const feedTopics = [
  /** Facts or rules changed: every number may be another. Keys: `version`. */
  "metrics",
  /** An upload moved on. Keys: `id`, `status`. */
  "uploads",
  /** A connected source moved on: progress, status, health. Keys: `id`. */
  "sources",
  /** The organisation's annotations, by `id`. */
  "annotations",
  /** Its saved filters, by `id`. */
  "segments",
  /** The list of dashboards: one was made, renamed, archived, restored. Keys: `id`. */
  "dashboards",
  /** Threads and comments. Keys: `dashboard_id`, `thread_id`. */
  "comments",
  /** Something for one person's inbox. Keys: `user_id`. */
  "notifications",
] as const;
export type FeedTopic = (typeof feedTopics)[number];

export type FeedKeys = Record<string, string | number>;

/** Which topic, and which things of it: what to look at again, never what it is now. */
export interface FeedEvent {
  topic: FeedTopic;
  keys: FeedKeys;
}

/**
 * One message of the feed. `reset`: more happened than is kept, look at everything again. An empty `events` says that the
 * feed is open, from where on.
 */
export type FeedMessage = ({ type: "events"; events: FeedEvent[] } | { type: "reset" }) & {
  /** Where many pages listen: look again at a moment of your own within so many milliseconds. */
  spread?: number;
};

/** `lastEventId`: the last message that was seen; what came after it is told first. A page knows its own from its loader. */
export const feedInput = z.strictObject({
  lastEventId: z
    .string()
    .regex(/^\d{1,18}$/)
    .nullish(),
});
