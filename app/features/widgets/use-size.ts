import { type RefObject, useEffect, useState } from "react";
import type { BodySize } from "../dashboard/grid-layout.ts";

/** The element's own width, from the server's guess on. Height stays what the grid gives. */
export function useWidth(element: RefObject<HTMLElement | null>, size: BodySize): number {
  const [width, setWidth] = useState(size.width);
  useEffect(() => {
    const target = element.current;
    if (!target) return;
    const observer = new ResizeObserver(([entry]) => {
      const measured = Math.round(entry?.contentRect.width ?? 0);
      if (measured > 40) setWidth(measured);
    });
    observer.observe(target);
    return () => observer.disconnect();
  }, [element]);
  return width;
}
