import { useRevalidator } from "@remix-run/react";
import { useEffect } from "react";
import { useLiveState } from "../../lib/live-state.ts";

/** How often a page that shows work in progress asks again where nobody tells it. */
const untoldMs = 700;
/** And where the feed tells: in case it does not. */
const toldMs = 10_000;

export const useAskEvery = (): number => (useLiveState() === "live" ? toldMs : untoldMs);

/**
 * Asks the page's loaders again while `running`, never twice at once, and not while the tab is hidden. With the live feed the
 * page's `handle` brings each step, and this is but a second rope.
 */
export function useLiveWhile(running: boolean): void {
  const { revalidate, state } = useRevalidator();
  const everyMs = useAskEvery();
  useEffect(() => {
    if (!running || state !== "idle") return;
    const ask = () => {
      if (document.visibilityState === "visible") revalidate();
    };
    const timer = setTimeout(ask, everyMs);
    document.addEventListener("visibilitychange", ask);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", ask);
    };
  }, [running, state, revalidate, everyMs]);
}
