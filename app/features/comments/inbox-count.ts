import { useEffect, useSyncExternalStore } from "react";
import { type SignedIn, useMe } from "../../lib/me.ts";

/** Asked for again since the page came; null: as the page said. */
let newer: number | null = null;
const listeners = new Set<() => void>();

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

function setNewer(count: number | null) {
  if (newer === count) return;
  newer = count;
  for (const listener of [...listeners]) listener();
}

let asking: Promise<void> | null = null;

/** Asks how many threads wait in the inbox: something was read or said. Who asks at the same moment is answered with it. */
export function refreshInboxCount(): Promise<void> {
  asking ??= ask().finally(() => {
    asking = null;
  });
  return asking;
}

async function ask(): Promise<void> {
  const { trpc } = await import("../../lib/trpc.ts");
  setNewer((await trpc.comments.inboxCount.query()).unread);
}

/** The page's own count that `newer` was asked for after. */
let said: SignedIn | null = null;

/** How many threads that one follows have something new in them. */
export function useInboxCount(): number {
  const me = useMe();
  // what the page says anew is newer than what was asked before; another place that shows the count says nothing new
  useEffect(() => {
    if (said === me) return;
    said = me;
    setNewer(null);
  }, [me]);
  const asked = useSyncExternalStore(
    subscribe,
    () => newer,
    () => null,
  );
  return asked ?? me.inbox;
}
