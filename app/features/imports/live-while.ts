import { useRevalidator } from "@remix-run/react";
import { useEffect } from "react";

/** How often a page that shows work in progress asks again. */
const every = 700;

/** Asks the page's loaders again while `running`, never twice at once, and not while the tab is hidden. */
export function useLiveWhile(running: boolean): void {
  const { revalidate, state } = useRevalidator();
  useEffect(() => {
    if (!running || state !== "idle") return;
    const ask = () => {
      if (document.visibilityState === "visible") revalidate();
    };
    const timer = setTimeout(ask, every);
    document.addEventListener("visibilitychange", ask);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", ask);
    };
  }, [running, state, revalidate]);
}
