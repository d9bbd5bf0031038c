import { startTransition, useEffect, useRef, useState } from "react";
import type { PlacedWidget } from "#contracts/widgets.ts";
import { approachAll } from "../widgets/approach.ts";
import { WidgetCard } from "../widgets/widget-card.tsx";
import { gridWidthCookie, wideFrom } from "./grid-layout.ts";
import "./grid.css";

/**
 * The cards on their grid. Its width goes into a cookie, for which the server draws the next time; only crossing the breakpoint
 * lays cards out anew, charts follow their own width.
 */
export function WidgetGrid({
  widgets,
  gridWidth,
  note,
  busy,
}: {
  widgets: readonly PlacedWidget[];
  gridWidth: number;
  note: string;
  busy: boolean;
}) {
  const frame = useRef<HTMLDivElement>(null);
  const shown = useRef(gridWidth);
  const [width, setWidth] = useState(gridWidth);
  useEffect(() => {
    const target = frame.current;
    if (!target) return;
    const observer = new ResizeObserver(([entry]) => {
      const measured = Math.round(entry?.contentRect.width ?? 0);
      if (measured < 240) return;
      // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not everywhere
      document.cookie = gridWidthCookie(measured);
      if (measured >= wideFrom === shown.current >= wideFrom) return;
      shown.current = measured;
      approachAll();
      startTransition(() => setWidth(measured));
    });
    observer.observe(target);
    return () => observer.disconnect();
  }, []);
  return (
    <div ref={frame} className="grid-frame" aria-busy={busy}>
      <div className="widget-grid">
        {widgets.map((widget) => (
          <WidgetCard key={widget.id} widget={widget} gridWidth={width} note={note} />
        ))}
      </div>
    </div>
  );
}
