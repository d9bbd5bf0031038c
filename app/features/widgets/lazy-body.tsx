import { type ComponentType, lazy, memo, Suspense, useRef, useState } from "react";
import type { WidgetType } from "#contracts/widgets.ts";
import { useApproach } from "./approach.ts";
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

/**
 * A card's content. Where its code is there it is drawn; else the server's HTML stays as it is until somebody comes near, then the
 * code is fetched and takes over without a change on the screen. Memoised: an unchanged card must not be drawn again, because an
 * update before its code has come would throw the server's HTML away.
 */
function LazyBodyInner<Type extends WidgetType>({ type, ...props }: BodyProps<Type> & { type: Type }) {
  const place = useRef<HTMLDivElement>(null);
  const [{ Body, open }] = useState(() => {
    const known = findBody(type);
    if (known) return { Body: known, open: () => {} };
    const { opened, open } = gate();
    const Body: ComponentType<BodyProps<Type>> = lazy(() =>
      opened.then(() => loadBody(type)).then((body) => ({ default: body as ComponentType<unknown> })),
    ) as ComponentType<BodyProps<Type>>;
    return { Body, open };
  });
  useApproach(place, open);
  return (
    <div ref={place} className="min-h-0 flex-1">
      <Suspense fallback={<div style={{ height: props.size.height }} />}>
        <Body {...(props as BodyProps<Type>)} />
      </Suspense>
    </div>
  );
}

export const LazyBody = memo(LazyBodyInner) as typeof LazyBodyInner;
