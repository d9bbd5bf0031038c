import { useNavigation } from "@remix-run/react";
import { type RefObject, Suspense, startTransition, useEffect, useRef, useState } from "react";
import type { Rect } from "#contracts/widgets.ts";
import { lazyPart, StayAway } from "../../components/lazy-part.tsx";
import type { DashboardSession } from "../editor/session.ts";
import { approachAll } from "../widgets/approach.ts";
import { WidgetCard } from "../widgets/widget-card.tsx";
import { gridWidthCookie, wideFrom } from "./grid-layout.ts";
import type { ShownWidget } from "./merge-widgets.ts";
import "./grid.css";

const PresenceLayer = lazyPart(() => import("../editor/presence-layer.tsx"), StayAway);

/**
 * The cards on their grid. Its width goes into a cookie, for which the server draws the next time; only crossing the breakpoint
 * lays cards out anew, charts follow their own width.
 */
export function WidgetGrid({
  widgets,
  gridWidth,
  note,
  session,
}: {
  widgets: readonly ShownWidget[];
  gridWidth: number;
  note: string;
  /** Null until the document is open: then others' presence is drawn over the cards. */
  session: DashboardSession | null;
}) {
  const busy = useNavigation().state === "loading";
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
    <div ref={frame} className="grid-frame relative isolate" aria-busy={busy}>
      <div className="widget-grid">
        {widgets.map((widget) => (
          <WidgetCard key={widget.id} widget={widget} gridWidth={width} note={note} />
        ))}
      </div>
      {session ? (
        <Suspense fallback={null}>
          <PresenceOver session={session} frame={frame} widgets={widgets} />
        </Suspense>
      ) : null}
    </div>
  );
}

function PresenceOver({
  session,
  frame,
  widgets,
}: {
  session: DashboardSession;
  frame: RefObject<HTMLDivElement | null>;
  widgets: readonly ShownWidget[];
}) {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const target = frame.current;
    if (!target) return;
    const observer = new ResizeObserver(([entry]) => setWidth(Math.round(entry?.contentRect.width ?? 0)));
    observer.observe(target);
    return () => observer.disconnect();
  }, [frame]);
  const isWide = width >= wideFrom;
  const places = new Map(widgets.map(({ id, rect }): [string, Rect] => [id, isWide ? rect.lg : rect.sm]));
  return <PresenceLayer {...{ session, frame, places, width, isWide }} />;
}
