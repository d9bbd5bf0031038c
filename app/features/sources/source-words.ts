import { formatCount, formatCounted } from "#charts/format.ts";
import type { SourceOutput, SourceStatus } from "#contracts/sources.ts";
import type { Tone } from "../../components/badge.tsx";

/** What a source is doing, in the reader's words. */

export const statusWords: Record<SourceStatus, { label: string; tone: Tone }> = {
  connecting: { label: "Connecting", tone: "accent" },
  backfilling: { label: "Importing history", tone: "accent" },
  live: { label: "Live", tone: "positive" },
  error: { label: "Needs you", tone: "negative" },
  paused: { label: "Paused", tone: "neutral" },
};

export const kindLabels: Record<SourceOutput["kind"], string> = { stripe: "Stripe" };

/** Whether something moves that the page should follow. */
export const isMoving = ({ status }: Pick<SourceOutput, "status">): boolean =>
  status === "connecting" || status === "backfilling";

/** 'Subscriptions' of a stream's name, also where the stream is not listed (yet). */
export function streamLabel(source: Pick<SourceOutput, "streams">, name: string): string {
  const known = source.streams.find((stream) => stream.name === name)?.label;
  return known ?? `${name.charAt(0).toUpperCase()}${name.slice(1).replaceAll("_", " ")}`;
}

/** '1,204 customers · 1,530 subscriptions · 6,011 invoices': what people ask for first. */
export function countWords({ counts }: Pick<SourceOutput, "counts">): string {
  const parts = (["customers", "subscriptions", "invoices"] as const)
    .filter((name) => (counts[name] ?? 0) > 0)
    .map((name) => formatCounted(counts[name] ?? 0, name.slice(0, -1)));
  return parts.join(" · ");
}

/** How far reading the history is: streams that have come to their end, of all. */
export function readSoFar({ streams }: Pick<SourceOutput, "streams">): { done: number; of: number } {
  return {
    done: streams.filter(({ finished, state }) => finished || state === "forbidden").length,
    of: streams.length,
  };
}

/** 'Reading invoices: 12,400 so far' */
export function progressWords(source: Pick<SourceOutput, "progress" | "streams" | "status">): string {
  const { progress } = source;
  if (!progress) return source.status === "connecting" ? "Getting ready" : "Working out the numbers";
  const label = streamLabel(source, progress.stream).toLowerCase();
  return progress.total === null
    ? `Reading ${label}: ${formatCount(progress.done)} so far`
    : `Reading ${label}: ${formatCount(progress.done)} of ${formatCount(progress.total)}`;
}

interface ErrorWords {
  title: string;
  /** What to do, or that nothing has to be done. */
  advice: string;
  /** Another key helps. */
  key: boolean;
}

/** What a source's last error means, by its code. */
export function errorWords(error: { code: string; message: string }, vendor: string): ErrorWords {
  switch (error.code) {
    case "credentials_refused":
      return {
        title: `${vendor} no longer accepts the key`,
        advice:
          "With another key of the same account reading goes on where it was, and nothing is read twice.",
        key: true,
      };
    case "forbidden":
      return {
        title: "The key may not read everything",
        advice: `Tick the permission in ${vendor}, or give another key.`,
        key: true,
      };
    case "rate_limited":
      return {
        title: `${vendor} asked for fewer questions`,
        advice: "Nothing to do: it goes on by itself as soon as the vendor allows.",
        key: false,
      };
    case "unavailable":
      return {
        title: `${vendor} could not be reached`,
        advice: "Nothing to do: it is tried again by itself, and goes on where it was.",
        key: false,
      };
    default:
      return {
        title: "Something unexpected came back",
        advice: "It is tried again by itself. If it stays, choose “Sync now”, or give another key.",
        key: false,
      };
  }
}
