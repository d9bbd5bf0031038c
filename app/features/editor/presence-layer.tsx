import { MousePointer2 } from "lucide-react";
import { type RefObject, useEffect, useSyncExternalStore } from "react";
import type { Rect } from "#contracts/widgets.ts";
import { boxOf } from "./grid-geometry.ts";
import type { Peer } from "./peers.ts";
import type { DashboardSession } from "./session.ts";

/** As often as a pointer is told to others. */
const everyMs = 66;

/** Whoever else is at the dashboard, drawn over its grid: pointers, chosen cards, cards on the move. */
export default function PresenceLayer({
  session,
  frame,
  places,
  width,
  isWide,
}: {
  session: DashboardSession;
  frame: RefObject<HTMLElement | null>;
  places: ReadonlyMap<string, Rect>;
  width: number;
  isWide: boolean;
}) {
  const peers = useSyncExternalStore(session.subscribePeers, session.peers, session.peers);
  usePointer(session, frame, isWide);
  const columns = isWide ? 12 : 4;
  return (
    <div aria-hidden="true" className="pointer-events-none absolute inset-0 z-20">
      {peers.map((peer) => {
        const chosen = peer.selected === null ? undefined : places.get(peer.selected);
        const drag = peer.drag && peer.drag.wide === isWide ? peer.drag : null;
        const outlined = drag ? drag.rect : chosen;
        return (
          <div key={peer.client} data-peer={peer.name}>
            {outlined ? (
              <Outline peer={peer} rect={outlined} width={width} columns={columns} isMoving={drag !== null} />
            ) : null}
            {peer.cursor && peer.cursor.wide === isWide ? <Cursor peer={peer} width={width} /> : null}
          </div>
        );
      })}
    </div>
  );
}

function Outline({
  peer,
  rect,
  width,
  columns,
  isMoving,
}: {
  peer: Peer;
  rect: Rect;
  width: number;
  columns: number;
  isMoving: boolean;
}) {
  const { left, top, ...size } = boxOf(rect, width, columns);
  return (
    <div
      data-selected-by={peer.name}
      className="absolute rounded-xl transition-[transform,width,height] duration-100 motion-reduce:transition-none"
      style={{
        ...size,
        transform: `translate(${left}px, ${top}px)`,
        outline: `2px ${isMoving ? "dashed" : "solid"} ${peer.color}`,
        outlineOffset: 1,
        backgroundColor: isMoving ? `${peer.color}14` : undefined,
      }}
    >
      <span
        className="absolute -top-5 -left-0.5 max-w-40 truncate rounded-t-md px-1.5 text-2xs leading-5 font-medium text-white"
        style={{ backgroundColor: peer.color }}
      >
        {peer.name}
        {isMoving ? "" : peer.editing ? " · editing" : ""}
      </span>
    </div>
  );
}

const Cursor = ({ peer, width }: { peer: Peer; width: number }) => (
  <div
    data-cursor={peer.name}
    className="absolute top-0 left-0 transition-transform duration-100 ease-linear motion-reduce:transition-none"
    style={{ transform: `translate(${(peer.cursor?.x ?? 0) * width}px, ${peer.cursor?.y ?? 0}px)` }}
  >
    <MousePointer2 className="size-4 stroke-white" style={{ fill: peer.color }} strokeWidth={1.5} />
    <span
      className="absolute top-3.5 left-3 rounded-md px-1.5 text-2xs leading-5 font-medium whitespace-nowrap text-white"
      style={{ backgroundColor: peer.color }}
    >
      {peer.name}
    </span>
  </div>
);

/** Tells others where one's pointer is; nothing when it leaves. */
function usePointer(session: DashboardSession, frame: RefObject<HTMLElement | null>, isWide: boolean): void {
  useEffect(() => {
    const target = frame.current;
    if (!target) return;
    let waiting: ReturnType<typeof setTimeout> | undefined;
    let last: PointerEvent | null = null;
    const tell = () => {
      waiting = undefined;
      if (!last) return;
      const { left, top, width } = target.getBoundingClientRect();
      const x = Math.min(1, Math.max(0, (last.clientX - left) / width));
      const cursor = {
        x: Math.round(x * 1e4) / 1e4,
        y: Math.max(0, Math.round(last.clientY - top)),
        wide: isWide,
      };
      session.show({ cursor });
      last = null;
    };
    const onMove = (event: PointerEvent) => {
      if (event.pointerType === "touch") return;
      last = event;
      waiting ??= setTimeout(tell, everyMs);
    };
    const onLeave = () => {
      clearTimeout(waiting);
      waiting = undefined;
      last = null;
      session.show({ cursor: null });
    };
    target.addEventListener("pointermove", onMove, { passive: true });
    target.addEventListener("pointerleave", onLeave);
    return () => {
      clearTimeout(waiting);
      target.removeEventListener("pointermove", onMove);
      target.removeEventListener("pointerleave", onLeave);
    };
  }, [session, frame, isWide]);
}
