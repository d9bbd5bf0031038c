import {
  type ComponentType,
  type RefObject,
  Suspense,
  useEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import type { WidgetType } from "#contracts/widgets.ts";
import { lazyPart, SayMissing } from "../../components/lazy-part.tsx";
import { fallAsleep, useApproach } from "./approach.ts";
import type { BodyProps } from "./body.ts";
import { findBody, loadBody } from "./body-loaders.ts";

/** A promise that somebody else settles. */
function gate(): { opened: Promise<void>; open: () => void } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

const never = () => () => {};

/** True on the server and for what takes over the server's HTML; false for what the browser draws by itself. */
const useIsFromServer = (): boolean =>
  useSyncExternalStore(
    never,
    () => false,
    () => true,
  );

/**
 * A card's content. Where its code is there it is drawn; else the server's HTML stays as it is until somebody comes near, then the
 * code is fetched and takes over without a change on the screen. The element is kept between renders: an update that reaches it
 * before its code has come would throw the server's HTML away.
 */
export function LazyBody<Type extends WidgetType>({
  type,
  id,
  title,
  view,
  size,
}: BodyProps<Type> & { type: Type }) {
  const place = useRef<HTMLDivElement>(null);
  const isFromServer = useIsFromServer();
  const [{ Body, open }] = useState(() => planBody(type, isFromServer));
  useApproach(place, open);
  const sleep = useRef<Sleep>({ isAwake: false, wake: () => {} });
  useEffect(() => {
    const own = sleep.current;
    if (own.isAwake) return;
    own.wake = fallAsleep();
    return own.wake;
  }, []);
  const { width, height } = size;
  useOtherWidth(place, width, open);
  const content = useMemo(
    () => (
      <Suspense fallback={<div style={{ height }} />}>
        <Body id={id} title={title} view={view} size={{ width, height }} />
        <Awake sleep={sleep} />
      </Suspense>
    ),
    [Body, id, title, view, width, height],
  );
  return (
    <div ref={place} className="min-h-0 flex-1">
      {content}
    </div>
  );
}

/** A drawing for another width stands narrow or small in its card: its code is wanted before anybody comes near. */
function useOtherWidth(place: RefObject<HTMLElement | null>, drawn: number, open: () => void): void {
  useEffect(() => {
    if (!place.current) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry && Math.abs(entry.contentRect.width - drawn) > drawn / 10) open();
    });
    observer.observe(place.current);
    return () => observer.disconnect();
  }, [place, drawn, open]);
}

interface Sleep {
  isAwake: boolean;
  wake: () => void;
}

/** Beside what waits for its code: its effect runs once that has taken over, which may be before the card's own. */
function Awake({ sleep }: { sleep: RefObject<Sleep> }) {
  useEffect(() => {
    if (!sleep.current) return;
    sleep.current.isAwake = true;
    sleep.current.wake();
  }, [sleep]);
  return null;
}

function planBody<Type extends WidgetType>(
  type: Type,
  waits: boolean,
): { Body: ComponentType<BodyProps<Type>>; open: () => void } {
  const known = findBody(type);
  if (known) return { Body: known, open: () => {} };
  const { opened, open } = gate();
  if (!waits) open();
  const load = () => opened.then(() => loadBody(type)).then((body) => ({ default: body }));
  return { Body: lazyPart(load, SayMissing), open };
}
