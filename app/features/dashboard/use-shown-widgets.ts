import { useRevalidator } from "@remix-run/react";
import { startTransition, useEffect, useRef, useState } from "react";
import type { PlacedWidget } from "#contracts/widgets.ts";
import { useLayout } from "../../lib/use-layout.ts";
import type { SessionState } from "../editor/session.ts";
import { mergeWidgets, type ShownWidget } from "./merge-widgets.ts";

/** Time for a gesture to end before numbers are asked again. */
const settleMs = 120;

/**
 * The cards as the open document has them; what they lack of numbers is asked once it is saved.
 * @param numbersFirst charts and tables wait for the next time
 */
export function useShownWidgets(
  placed: readonly PlacedWidget[],
  filters: Readonly<Record<string, string[]>>,
  state: SessionState | null,
  numbersFirst: boolean,
): ShownWidget[] {
  const last = useRef<ShownWidget[]>([]);
  // in a transition: React then waits for cards whose code has not come, and does not throw away what the server drew
  const [isOpen, setOpen] = useState(false);
  const isReady = state?.isReady === true;
  useEffect(() => startTransition(() => setOpen(isReady)), [isReady]);
  const live = isOpen && state?.isReady ? state : null;
  const shown = mergeWidgets(placed, live?.widgets ?? null, last.current, numbersFirst);
  // what is on the screen, not what is being prepared: an interleaved update would make new cards of those that stay as they are
  useLayout(() => {
    last.current = shown;
  });
  const { revalidate, state: asking } = useRevalidator();
  const asked = useRef<SessionState | null>(null);
  const isStale =
    live !== null &&
    (shown.some(({ isPending }) => isPending) || JSON.stringify(live.filters) !== JSON.stringify(filters));
  const isStored = live !== null && !live.isUnsaved && live.save !== "offline";
  useEffect(() => {
    // once for each state of the document: what the server cannot answer now it cannot answer in a moment either
    if (!isStale || !isStored || !live || asking !== "idle" || asked.current === live) return;
    const timer = setTimeout(() => {
      asked.current = live;
      revalidate();
    }, settleMs);
    return () => clearTimeout(timer);
  }, [isStale, isStored, live, asking, revalidate]);
  return shown;
}
