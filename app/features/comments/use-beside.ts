import { type RefObject, useLayoutEffect } from "react";

const gap = 10;
const edge = 8;
/** Below this width the panel is a sheet at the bottom: the style sheet places it. */
const narrow = 640;

/** Keeps the panel beside what it is about: to its right, else to its left, else in the corner; always whole on the screen. */
export function useBeside(panel: RefObject<HTMLElement | null>, target: HTMLElement | null): void {
  useLayoutEffect(() => {
    const element = panel.current;
    if (!element) return;
    const place = () => {
      if (window.innerWidth < narrow) return element.removeAttribute("style");
      const { width, height } = element.getBoundingClientRect();
      const at = target?.isConnected ? target.getBoundingClientRect() : null;
      const right = window.innerWidth - width - edge;
      // from the bar above the page it hangs down
      const sides = at && !target?.closest("header") ? [at.right + gap, at.left - gap - width] : [];
      const beside = sides.find((x) => x >= edge && x <= right);
      const left = at ? (beside ?? Math.min(Math.max(edge, at.right - width), right)) : right - edge;
      const top = at ? (beside === undefined ? at.bottom + gap : at.top - 12) : 64;
      const lowest = window.innerHeight - height - edge;
      element.style.left = `${Math.round(left)}px`;
      element.style.top = `${Math.round(Math.max(edge, Math.min(top, lowest)))}px`;
    };
    place();
    const observer = new ResizeObserver(place);
    observer.observe(element);
    const options = { capture: true, passive: true };
    window.addEventListener("scroll", place, options);
    window.addEventListener("resize", place, options);
    return () => {
      observer.disconnect();
      window.removeEventListener("scroll", place, options);
      window.removeEventListener("resize", place, options);
    };
  }, [panel, target]);
}
