import { Suspense, useEffect, useState } from "react";
import { lazyPart, StayAway } from "../../components/lazy-part.tsx";

const LivePage = lazyPart(() => import("./live-page.tsx"), StayAway);

/** The feed's code comes when the page has loaded and the browser has nothing better to do. */
export function LiveLoader({ from }: { from: string | null }) {
  const [isLoaded, setLoaded] = useState(false);
  useEffect(() => {
    let idle = 0;
    const wait = () => {
      idle = whenIdle(() => setLoaded(true));
    };
    if (document.readyState === "complete") wait();
    else window.addEventListener("load", wait, { once: true });
    return () => {
      window.removeEventListener("load", wait);
      stopWaiting(idle);
    };
  }, []);
  return isLoaded ? (
    <Suspense fallback={null}>
      <LivePage from={from} />
    </Suspense>
  ) : null;
}

const hasIdle = (): boolean => "requestIdleCallback" in window;
const whenIdle = (task: () => void): number =>
  hasIdle() ? window.requestIdleCallback(task, { timeout: 1_500 }) : Number(setTimeout(task, 200));
const stopWaiting = (handle: number): void =>
  hasIdle() ? window.cancelIdleCallback(handle) : clearTimeout(handle);
