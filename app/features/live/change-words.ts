import type { FeedTopic } from "#contracts/feed.ts";
import type { Change } from "./shown-numbers.ts";

/** What changed before the reader's eyes, in one line; null when nothing did. */
export function changeWords(changes: readonly Change[], topics: ReadonlySet<FeedTopic>): string | null {
  const named = changes.find(({ after }) => after.title !== null);
  if (named) {
    const { before, after } = named;
    // what is abbreviated may read the same
    const what =
      before.text === after.text
        ? `${after.title} moved a little`
        : `${after.title} ${before.text} → ${after.text}`;
    return changes.length === 1 ? what : `${what}, and ${counted(changes.length - 1, "more number")}`;
  }
  if (changes.length > 0) return `${counted(changes.length, "number")} changed`;
  if (topics.has("annotations")) return "Annotations were changed";
  if (topics.has("segments")) return "Segments were changed";
  return null;
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;
