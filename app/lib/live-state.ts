import { useSyncExternalStore } from "react";
import type { FeedEvent } from "#contracts/feed.ts";

/**
 * What the rest of the page knows of the live feed. The feed itself (app/features/live) comes after the page has loaded; until
 * then, and where it cannot be had, pages that wait for something ask by themselves.
 */
export type LiveState =
  /** Not begun. */
  | "off"
  | "connecting"
  | "live"
  /** It was there, or should be: what is shown may be old. */
  | "lost";

let state: LiveState = "off";
const watchers = new Set<() => void>();
const listeners = new Set<(events: readonly FeedEvent[]) => void>();

export function setLiveState(next: LiveState): void {
  if (next === state) return;
  state = next;
  for (const watch of [...watchers]) watch();
}

function watchState(watch: () => void): () => void {
  watchers.add(watch);
  return () => watchers.delete(watch);
}

export const useLiveState = (): LiveState =>
  useSyncExternalStore(
    watchState,
    () => state,
    () => "off",
  );

/** Told by the feed; the page's loaders that a route names (live-handle.ts) are asked again without this. */
export function tellLiveEvents(events: readonly FeedEvent[]): void {
  for (const listener of [...listeners]) listener(events);
}

/** For what no loader shows. @returns ends it */
export function onLiveEvents(listener: (events: readonly FeedEvent[]) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
